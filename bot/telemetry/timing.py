"""Measure how long a request takes, and how much of it is spent waiting for VideoSDK and Slack."""

import time
from contextvars import ContextVar

from bot.telemetry.metrics import Metrics


class Timing:
    """The time of one request, from now on.

    What it waits for other services counts once, also where calls overlap.
    """

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._calls = 0
        self._since = 0.0
        self._waited = 0.0

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.perf_counter() - self._began

    @property
    def upstream(self) -> float:
        """The seconds of these that were spent waiting for others."""
        return self._waited + (time.perf_counter() - self._since if self._calls else 0.0)

    def call_begins(self, now: float) -> None:
        """Note that a call of another service begins."""
        if not self._calls:
            self._since = now
        self._calls += 1

    def call_ends(self, now: float) -> None:
        """Note that one is over."""
        self._calls -= 1
        if not self._calls:
            self._waited += now - self._since


timing: ContextVar[Timing | None] = ContextVar("timing", default=None)  # of the request at hand


class UpstreamCall:
    """One call of another service, from now on until `end`.

    Args:
        metrics: count it.
        service: `videosdk` or `slack`.
        operation: what is asked for, without anything that people choose.
    """

    def __init__(self, metrics: Metrics, service: str, operation: str) -> None:
        self._metrics = metrics
        self._service = service
        self._operation = operation
        self._timing = timing.get()
        self._began = time.perf_counter()
        if self._timing:
            self._timing.call_begins(self._began)

    def end(self, outcome: str) -> None:
        """Note that the answer is here, or will not come."""
        now = time.perf_counter()
        if self._timing:
            self._timing.call_ends(now)
        self._metrics.called(self._service, self._operation, outcome, now - self._began)

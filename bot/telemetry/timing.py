"""Measure how long a request takes, and how much of it is spent waiting for VideoSDK and Slack."""

import time
from contextvars import ContextVar

from bot.telemetry.metrics import Metrics


class Timing:
    """Measures one request, from its creation on.

    Time in which several calls to other services overlap counts once.
    """

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._calls = 0
        self._waiting_since = 0.0
        self._waited = 0.0

    @property
    def seconds(self) -> float:
        """Seconds since the request began."""
        return time.perf_counter() - self._began

    @property
    def upstream(self) -> float:
        """Seconds of these spent waiting for VideoSDK and Slack."""
        return self._waited + (time.perf_counter() - self._waiting_since if self._calls else 0.0)

    def call_begins(self, now: float) -> None:
        """Note that a call to another service begins."""
        if not self._calls:
            self._waiting_since = now
        self._calls += 1

    def call_ends(self, now: float) -> None:
        """Note that a call to another service has ended."""
        self._calls -= 1
        if not self._calls:
            self._waited += now - self._waiting_since


timing: ContextVar[Timing | None] = ContextVar("timing", default=None)  # the current request's


class UpstreamCall:
    """Measures one call to another service, from its creation until `end`.

    Args:
        metrics: record it.
        service: `videosdk` or `slack`.
        operation: a label from a fixed set, such as the API method.
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
        """Record the call; the outcome is the HTTP status or the error."""
        now = time.perf_counter()
        if self._timing:
            self._timing.call_ends(now)
        self._metrics.called(self._service, self._operation, outcome, now - self._began)

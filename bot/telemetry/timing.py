"""Measure how long a request takes, and how much of it is spent waiting for VideoSDK and Slack."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field

from bot.telemetry.metrics import Metrics


@dataclass
class Timing:
    """The time of one request, from now on.

    Attributes:
        began: when, on the clock of `time.perf_counter`.
        calls: when each call of another service began and ended.
    """

    began: float = field(default_factory=time.perf_counter)
    calls: list[tuple[float, float]] = field(default_factory=list)

    def upstream(self) -> float:
        """Return the seconds that were spent waiting for others; calls that overlap count once."""
        waited = until = 0.0
        for began, ended in sorted(self.calls):
            waited += max(0.0, ended - max(began, until))
            until = max(until, ended)
        return waited


timing: ContextVar[Timing | None] = ContextVar("timing", default=None)  # of the request at hand


def note_call(metrics: Metrics, service: str, operation: str, outcome: str, began: float) -> None:
    """Count a call of another service that is over, and add it to the request's timing.

    Args:
        metrics: count it.
        service: `videosdk` or `slack`.
        operation: what was asked for, without anything that people choose.
        outcome: the status, or the error's name.
        began: when, on the clock of `time.perf_counter`.
    """
    now = time.perf_counter()
    if request := timing.get():
        request.calls.append((began, now))
    metrics.called(service, operation, outcome, now - began)

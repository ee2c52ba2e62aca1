"""Measure how long a request takes, and how much of it is spent waiting for VideoSDK and Slack."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Timing:
    """Measures one request, from its creation on.

    Attributes:
        began: when it began, by `time.perf_counter`.
        calls: the start and end of each call to another service.
    """

    began: float = field(default_factory=time.perf_counter)
    calls: list[tuple[float, float]] = field(default_factory=list)

    def upstream(self) -> float:
        """Return the seconds spent waiting for other services; overlapping calls count once."""
        waited = until = 0.0
        for began, ended in sorted(self.calls):
            waited += max(0.0, ended - max(began, until))
            until = max(until, ended)
        return waited


timing: ContextVar[Timing | None] = ContextVar("timing", default=None)  # the current request's

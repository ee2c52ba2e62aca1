"""Measure how long a request takes, and how much of it is spent waiting for VideoSDK and Slack."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Timing:
    """Measures one request, from its creation on.

    Attributes:
        began: when it began, by `time.perf_counter`.
        calls: when other services were waited for, from and until; overlapping calls are one.
    """

    began: float = field(default_factory=time.perf_counter)
    calls: list[tuple[float, float]] = field(default_factory=list)


timing: ContextVar[Timing | None] = ContextVar("timing", default=None)  # the current request's

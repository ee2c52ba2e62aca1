"""The targets that the bot must reach."""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Target:
    """A figure with a required value.

    Attributes:
        figure: what is measured.
        baseline: what it is compared with.
        must: the worst value that passes.
        aim: a good value.
        unit: `x`, `ms`, `s`, `MiB`, `%` or "".
        at_least: whether more is better.
    """

    figure: str
    baseline: str
    must: float
    aim: float
    unit: str = ""
    at_least: bool = False

    def is_reached(self, value: float) -> bool:
        """Return whether a value passes."""
        return value >= self.must if self.at_least else value <= self.must

    def row(self, value: float) -> tuple[str, ...]:
        """Return the target as a row of the table under HEAD."""
        sign = "≥" if self.at_least else "≤"
        bounds = (f"{sign} {bound:g} {self.unit}".strip() for bound in (self.must, self.aim))
        passed = "pass" if self.is_reached(value) else "MISSED"
        return (self.figure, self.baseline, *bounds, f"{value:.3g} {self.unit}".strip(), passed)


HEAD = ("figure", "compared with", "must reach", "aim", "measured", "")
BARE = "bare aiohttp: signature, form, one call, JSON"
ECHO = "a minimal Bolt app that echoes"

TARGETS = {
    "cpu": Target("CPU per /meet, 32 in flight", BARE, 2.5, 2.3, "x"),
    "rate": Target(
        "commands a second, 32 in flight",
        "a minimal Bolt app with plain httpx",
        3.4,
        4.0,
        "x",
        at_least=True,
    ),
    "driver": Target("load of the driver's core, fastest server", "the whole core", 50, 33, "%"),
    "p50": Target("added latency, 1 in flight, p50", "VideoSDK's own latency", 3, 1.5, "ms"),
    "p99": Target("added latency, 1 in flight, p99", "VideoSDK's own latency", 10, 5, "ms"),
    "start": Target("cold start to the first signed answer", ECHO, 1.35, 1.1, "x"),
    "idle": Target("memory when idle", ECHO, 1.3, 1.15, "x"),
    "growth": Target("memory growth over 50,000 commands", "memory when idle", 5, 2, "MiB"),
    "burst lost": Target("1,000 commands within a second: no card in time", "Slack's 3 s", 0, 0),
    "burst p99": Target("1,000 commands within a second: p99", "Slack's 3 s", 1.2, 0.7, "s"),
    "flat": Target("CPU per /meet, highest from 1 to 512 in flight", "the lowest", 1.5, 1.2, "x"),
}


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the ratio of ours to theirs: the median of the rounds' ratios."""
    return median(mine / other for mine, other in zip(ours, theirs, strict=True))

"""The marks that the bot must reach."""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Mark:
    """A figure with a required value.

    Attributes:
        figure: what is measured.
        beside: what it is compared with.
        must: the worst value that passes.
        aim: a good value.
        unit: `x`, `ms`, `s`, `MiB`, `%` or "".
        at_least: whether more is better.
    """

    figure: str
    beside: str
    must: float
    aim: float
    unit: str = ""
    at_least: bool = False

    def is_reached(self, seen: float) -> bool:
        """Return whether a value passes."""
        return seen >= self.must if self.at_least else seen <= self.must

    def row(self, seen: float) -> tuple[str, ...]:
        """Return the mark as a row of a table: figure, beside, must, aim, seen, pass."""
        sign = "≥" if self.at_least else "≤"
        bounds = (f"{sign} {bound:g} {self.unit}".strip() for bound in (self.must, self.aim))
        passed = "pass" if self.is_reached(seen) else "MISSED"
        return (self.figure, self.beside, *bounds, f"{seen:.3g} {self.unit}".strip(), passed)


HEAD = ("figure", "beside", "must reach", "aim", "seen", "")
BARE = "bare aiohttp: signature, form, one call, JSON"
ECHO = "a minimal Bolt app that echoes"

MARKS = {
    "cpu": Mark("CPU per /meet, 32 in flight", BARE, 2.6, 2.3, "x"),
    "rate": Mark(
        "commands a second, 32 in flight",
        "a minimal Bolt app with plain httpx",
        3.2,
        4.0,
        "x",
        at_least=True,
    ),
    "driver": Mark("the driver's own core, at the fastest server", "all of it", 50, 33, "%"),
    "p50": Mark("added to VideoSDK's time, 1 in flight, p50", "VideoSDK's own time", 3, 1.5, "ms"),
    "p99": Mark("added to VideoSDK's time, 1 in flight, p99", "VideoSDK's own time", 10, 5, "ms"),
    "start": Mark("cold start to the first signed answer", ECHO, 1.35, 1.1, "x"),
    "idle": Mark("memory when idle", ECHO, 1.3, 1.15, "x"),
    "growth": Mark("memory after 50,000 commands", "when idle, plus", 5, 2, "MiB"),
    "burst lost": Mark("1,000 commands within a second: without a card", "Slack's 3 s", 0, 0),
    "burst p99": Mark("1,000 commands within a second: p99", "Slack's 3 s", 1.2, 0.7, "s"),
    "flat": Mark("CPU per /meet, dearest of 1 to 512 in flight", "the cheapest", 1.5, 1.2, "x"),
}


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the ratio of ours to theirs: the median of the rounds' ratios."""
    return median(mine / other for mine, other in zip(ours, theirs, strict=True))

"""Format results: as lines for a terminal, and as a table for the docs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_SHOWN = 3  # examples of unwanted things


@dataclass(frozen=True)
class Finding:
    """A target, and what was measured.

    Attributes:
        target: the target, in words.
        measured: the measured value, in words.
        met: whether the target was met.
    """

    target: str
    measured: str
    met: bool


@dataclass(frozen=True)
class Row:
    """The result of one test."""

    id: str
    scenario: str
    findings: list[Finding]

    @property
    def passed(self) -> bool:
        """Whether every target was met."""
        return all(finding.met for finding in self.findings)


def at_most(what: str, seen: float, most: float, unit: str = "") -> Finding:
    """Check that a figure is at most `most`."""
    return Finding(f"{what} ≤ {_figure(most, unit)}", _figure(seen, unit), seen <= most)


def at_least(what: str, seen: float, least: float, unit: str = "") -> Finding:
    """Check that a figure is at least `least`."""
    return Finding(f"{what} ≥ {_figure(least, unit)}", _figure(seen, unit), seen >= least)


def all_of(what: str, seen: int, wanted: int) -> Finding:
    """Check that something was true every time."""
    return Finding(what, f"{seen:,} of {wanted:,}", seen == wanted)


def none_of(what: str, found: Iterable[object]) -> Finding:
    """Check that nothing unwanted was found; if it was, show the first few examples."""
    examples = [str(item) for item in found]
    seen = f"{len(examples):,}: {'; '.join(examples[:_SHOWN])}" if examples else "none"
    return Finding(f"no {what}", seen, not examples)


def say(row: Row, seconds: float) -> str:
    """Return a row as lines for a terminal, with missed targets below."""
    head = f"{row.id:4} {'met' if row.passed else 'MISSED':7} {seconds:6.1f} s  {row.scenario}"
    missed = [
        f"     {finding.target}: {finding.measured}" for finding in row.findings if not finding.met
    ]
    return "\n".join([head, *missed])


def markdown(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table, with a line for each target."""
    lines = ["| | scenario | target | measured | |", "|---|---|---|---|---|"]
    for row in rows:
        head = [f"**{row.id}**", row.scenario]
        for finding in row.findings:
            verdict = "met" if finding.met else "**missed**"
            cells = [*head, finding.target, finding.measured, verdict]
            lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
            head = ["", ""]
    return "\n".join(lines) + "\n"


def save(rows: Sequence[Row], path: Path) -> None:
    """Write rows to a file."""
    path.write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")


def load(path: Path) -> list[Row]:
    """Read rows from a file."""
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return [
        Row(row["id"], row["scenario"], [Finding(**finding) for finding in row["findings"]])
        for row in rows
    ]


def _figure(number: float, unit: str) -> str:
    shown = f"{number:,.0f}" if number >= 100 or number == int(number) else f"{number:.3g}"
    return f"{shown} {unit}".strip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")

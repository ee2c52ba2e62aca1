"""What each mark asked for and what was seen: as lines for a terminal, as a table for the docs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_SHOWN = 3  # things that should not be there, of however many there are


@dataclass(frozen=True)
class Finding:
    """One mark.

    Attributes:
        mark: what it asks for.
        seen: what there was.
        met: whether that is good enough.
    """

    mark: str
    seen: str
    met: bool


@dataclass(frozen=True)
class Row:
    """One test: what was done, and its marks."""

    id: str
    done: str
    findings: list[Finding]

    @property
    def passed(self) -> bool:
        """Whether every mark was met."""
        return all(finding.met for finding in self.findings)


def at_most(what: str, seen: float, most: float, unit: str = "") -> Finding:
    """Return the finding of a figure that must not be larger."""
    return Finding(f"{what} ≤ {_figure(most, unit)}", _figure(seen, unit), seen <= most)


def at_least(what: str, seen: float, least: float, unit: str = "") -> Finding:
    """Return the finding of a figure that must not be smaller."""
    return Finding(f"{what} ≥ {_figure(least, unit)}", _figure(seen, unit), seen >= least)


def all_of(what: str, seen: int, wanted: int) -> Finding:
    """Return the finding of what must be so every time."""
    return Finding(what, f"{seen:,} of {wanted:,}", seen == wanted)


def none_of(what: str, found: Iterable[object]) -> Finding:
    """Return the finding of what must not be there, with the first few that are."""
    there = [str(one) for one in found]
    seen = "none" if not there else f"{len(there):,}: {'; '.join(there[:_SHOWN])}"
    return Finding(f"no {what}", seen, not there)


def say(row: Row, seconds: float) -> str:
    """Return a row as lines for a terminal: what was missed stands below it."""
    head = f"{row.id:4} {'met' if row.passed else 'MISSED':7} {seconds:6.1f} s  {row.done}"
    missed = [f"     {one.mark}: {one.seen}" for one in row.findings if not one.met]
    return "\n".join([head, *missed])


def markdown(rows: Sequence[Row]) -> str:
    """Return the rows as a table, with a line for each mark."""
    lines = ["| | what was done | mark | seen | |", "|---|---|---|---|---|"]
    for row in rows:
        head = [f"**{row.id}**", row.done]
        for finding in row.findings:
            verdict = "met" if finding.met else "**missed**"
            cells = [*head, finding.mark, finding.seen, verdict]
            lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
            head = ["", ""]
    return "\n".join(lines) + "\n"


def save(rows: Sequence[Row], path: Path) -> None:
    """Write rows where another process reads them."""
    path.write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")


def load(path: Path) -> list[Row]:
    """Read the rows that another process has written."""
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return [
        Row(row["id"], row["done"], [Finding(**finding) for finding in row["findings"]])
        for row in rows
    ]


def _figure(number: float, unit: str) -> str:
    shown = f"{number:,.0f}" if number >= 100 or number == int(number) else f"{number:.3g}"
    return f"{shown} {unit}".strip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")

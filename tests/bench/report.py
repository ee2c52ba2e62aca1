"""Write the results: docs/benchmarks.md and its pictures."""

import os
import platform
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench.bench import Finding, Size
from tests.bench.targets import HEAD, Target

PACKAGES = ("slack-bolt", "slack-sdk", "aiohttp", "httpx", "pyjwt")
Row = tuple[str, ...]


def write_report(
    folder: Path, findings: list[Finding], targets: Mapping[str, Target], size: Size, took: float
) -> None:
    """Write the page and the pictures into a folder."""
    for finding in findings:
        for name, picture in finding.plots.items():
            (folder / f"benchmarks-{name}.svg").write_text(picture, encoding="utf-8")
    measured = measured_in(findings)
    parts = [
        INTRODUCTION.format(rounds=size.rounds, minutes=took / 60, run_on=_run_on()),
        table([HEAD, *(target.row(measured[name]) for name, target in targets.items())]),
        *map(_section, findings),
        WHERE_IT_GOES,
    ]
    (folder / "benchmarks.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


INTRODUCTION = """# Benchmarks

`make bench` measured this and wrote this page; it exits with 1 if a target is missed. {run_on}

The server has one core to itself; the other sends the commands, and runs a stand-in for VideoSDK's
API. Servers take turns, {rounds} each, so that noise affects all of them. Where two are compared,
the figure is the median of the turns' ratios. The run took {minutes:.0f} minutes. On a machine that
does other work too, trust the ratios and not the times."""

WHERE_IT_GOES = """## Where the time goes

A profile shows what the bot spends beyond the bare server, largest first: httpx's models around
the one call, Bolt's request and response objects, the signature of the join link, and the log
line. The rest is the product: the guard, the grammar, the deadline, the card. Commands skip Bolt's
middleware and listeners, which would add a tenth."""


def measured_in(findings: list[Finding]) -> dict[str, float]:
    """Return the value of every target."""
    return {name: value for finding in findings for name, value in finding.measured.items()}


def table(rows: list[Row]) -> str:
    """Return rows as a Markdown table; the first is the head."""
    head, *rest = rows
    return "\n".join(_line(row) for row in (head, ("---",) * len(head), *rest))


def _line(row: Row) -> str:
    return f"| {' | '.join(row)} |"


def _section(finding: Finding) -> str:
    pictures = [f"![{finding.title}](benchmarks-{name}.svg)" for name in finding.plots]
    return "\n\n".join([f"## {finding.title}", finding.note, table(finding.table), *pictures])


def _run_on() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    cpu = re.search(
        r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE
    )
    cores = len(os.sched_getaffinity(0))
    name = cpu[1].strip() if cpu else platform.machine()
    machine = f"{name}, {cores} cores, {platform.system()} {platform.release()}"
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    return f"Run on {today}: {machine}, Python {platform.python_version()}, {packages}."

"""Compare the bot with alternatives: `make bench`."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping

from tests.bench.bench import Bench, Finding, Size
from tests.bench.driver import LostError
from tests.bench.figures.burst import measure_burst
from tests.bench.figures.growth import measure_growth
from tests.bench.figures.latency import measure_latency
from tests.bench.figures.memory import measure_memory
from tests.bench.figures.start import measure_start
from tests.bench.figures.throughput import measure_throughput
from tests.bench.marks import MARKS, Mark
from tests.bench.processes import ServerError, own_core, settings
from tests.bench.provider import open_provider
from tests.bench.report import seen_in, table, write_report
from tests.conftest import ROOT

Measure = Callable[[Bench], Awaitable[Finding]]
FIGURES: tuple[Measure, ...] = (
    measure_throughput,
    measure_latency,
    measure_start,
    measure_burst,
    measure_growth,
    measure_memory,
)


async def measure(figures: tuple[Measure, ...], size: Size) -> list[Finding]:
    """Measure the figures one by one.

    Raises:
        ServerError: a server did not start.
        LostError: commands weren't answered correctly.
    """
    findings = []
    with own_core():
        async with open_provider() as provider:
            bench = Bench(provider, settings(provider.url), size)
            await bench.learn_card()
            for figure in figures:
                findings.append(await figure(bench))
                sys.stdout.write(f"\n{findings[-1].title}\n{table(findings[-1].table)}\n")
                sys.stdout.flush()
    return findings


def judge(findings: list[Finding], marks: Mapping[str, Mark]) -> int:
    """Print every mark with its value, and return the exit code: 1 if one is missed."""
    seen = seen_in(findings)
    sys.stdout.write("\n")
    for name, mark in marks.items():
        figure, beside, must, aim, value, passed = mark.row(seen[name])
        sys.stdout.write(f"{passed:6}  {figure} ({beside}): {value}; must {must}, aim {aim}\n")
    return 0 if all(mark.is_reached(seen[name]) for name, mark in marks.items()) else 1


def main() -> int:
    """Measure everything, write docs/benchmarks.md and return the exit code."""
    began = time.monotonic()
    try:
        findings = asyncio.run(measure(FIGURES, Size()))
    except (ServerError, LostError) as error:
        sys.stderr.write(f"The bench cannot be run: {error}\n")
        return 1
    write_report(ROOT / "docs", findings, MARKS, Size(), time.monotonic() - began)
    return judge(findings, MARKS)


if __name__ == "__main__":
    sys.exit(main())

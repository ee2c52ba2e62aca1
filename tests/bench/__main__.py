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
from tests.bench.processes import ServerError, own_core, settings
from tests.bench.provider import open_provider
from tests.bench.report import measured_in, table, write_report
from tests.bench.targets import TARGETS, Target
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


def judge(findings: list[Finding], targets: Mapping[str, Target]) -> int:
    """Print every target with its value, and return the exit code: 1 if one is missed."""
    measured = measured_in(findings)
    sys.stdout.write("\n")
    for name, target in targets.items():
        figure, baseline, must, aim, value, passed = target.row(measured[name])
        sys.stdout.write(f"{passed:6}  {figure} ({baseline}): {value}; must {must}, aim {aim}\n")
    return 0 if all(target.is_reached(measured[name]) for name, target in targets.items()) else 1


def main() -> int:
    """Measure everything, write docs/benchmarks.md and return the exit code."""
    began = time.monotonic()
    try:
        findings = asyncio.run(measure(FIGURES, Size()))
    except (ServerError, LostError) as error:
        sys.stderr.write(f"The bench can't run: {error}\n")
        return 1
    write_report(ROOT / "docs", findings, TARGETS, Size(), time.monotonic() - began)
    return judge(findings, TARGETS)


if __name__ == "__main__":
    sys.exit(main())

"""Run the battery: `python -m tests.battery --help`.

The soak runs in parallel, in another process, on the core that carries the load.
"""

import argparse
import asyncio
import functools
import os
import platform
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.settings.settings import Settings
from tests.battery import (
    bulkheads,
    clocks,
    examples,
    faults,
    hostile,
    join_page,
    kills,
    leaks,
    live_cards,
    load,
    malformed,
    notes,
    notes_orders,
    outages,
    slack_faults,
    soak,
    socket_refusals,
    starts,
    strangers,
    table,
    way_out,
    webhooks,
)
from tests.battery.cores import BOT, LOAD, pin
from tests.battery.lab import BROKEN, INSIDE, Lab
from tests.battery.size import FULL, SHORT
from tests.battery.table import Finding, Row
from tests.conftest import ROOT

Test = Callable[[Lab], Awaitable[Row]]

SOAK = "L4"
TESTS: list[tuple[str, Test]] = [
    ("C1", starts.cold_starts),
    ("L1", load.steady),
    ("L2", load.burst),
    ("L3", load.saturation),
    ("B1", bulkheads.promises),
    ("B2", bulkheads.visitors),
    *((row_id, functools.partial(faults.run, row_id)) for row_id in faults.FAULTS),
    ("F4", faults.end_of_file),
    ("F11", faults.bad_certificate),
    ("S1", slack_faults.rate_limited),
    ("S2", slack_faults.refused),
    ("S3", slack_faults.broken),
    ("S4", slack_faults.response_urls),
    ("S5", slack_faults.foreign),
    ("S6", live_cards.outage),
    ("S7", slack_faults.elsewhere),
    ("S8", socket_refusals.refusals),
    ("N1", way_out.proxied),
    ("K1", kills.stopped),
    ("K2", kills.killed),
    ("K3", live_cards.kills),
    ("K4", live_cards.large),
    ("K5", kills.promised),
    ("K6", kills.stopped_when_busy),
    ("D1", outages.outage),
    ("D2", outages.migrations),
    ("W1", webhooks.webhooks),
    ("W2", live_cards.habits),
    ("W3", notes_orders.orders),
    ("W4", notes.promptness),
    ("T1", clocks.clocks),
    ("Z1", malformed.malformed),
    ("Z1", examples.examples),
    ("Z2", hostile.hostile),
    ("Z3", notes.summaries),
    ("P1", starts.deploys),
    ("H1", join_page.join_page),
    ("I1", strangers.idle),
    ("I2", strangers.stampede),
    (SOAK, soak.soak),
]

_ORDER = "CLBFSNKDWTZPHIMX"
_HEAD = """\
# The battery

What the bot survives, measured by `make battery`: the real process runs between the stand-ins for
Slack and VideoSDK, which fail on purpose, and every message and log line is checked. The run exits
with 1 if a target is missed; `python -m tests.battery --only F,K2` repeats a part of it.

{verdict} on {date}, in {minutes:.0f} minutes: {machine}.

"""


async def run(tests: Sequence[tuple[str, Test]], lab: Lab) -> list[Row]:
    """Run tests one by one, then check everything that the bots wrote, sent and showed."""
    rows = []
    everything = [*tests, ("M", _whole(leaks.messages)), ("X1", _whole(leaks.secrets))]
    for row_id, test in everything:
        began = time.monotonic()
        rows.append(await _outcome(row_id, test, lab))
        sys.stdout.write(table.say(rows[-1], time.monotonic() - began) + "\n")
        sys.stdout.flush()
    return rows


def _whole(look: Callable[[Lab], Row]) -> Test:
    """Wrap a check of the collected output as a test."""

    async def test(lab: Lab) -> Row:
        return look(lab)

    return test


async def _outcome(row_id: str, test: Test, lab: Lab) -> Row:
    """Return a test's row; a test that raises counts as missed."""
    try:
        return await test(lab)
    except Exception as error:  # noqa: BLE001 - counts as missed; the other tests still run
        return Row(row_id, "failed", [Finding("the test finishes", repr(error), met=False)])


async def _run_with_soak(
    tests: Sequence[tuple[str, Test]], options: argparse.Namespace
) -> list[Row]:
    """Run the soak in another process, and meanwhile the other tests here."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "soak.json"
        soaking = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.battery", "--only", SOAK, "--save", str(results)),
            *(["--short"] if options.short else []),
            cwd=ROOT,
            stdout=asyncio.subprocess.DEVNULL,
        )
        rows = await run(tests, _lab(options, BOT))
        sys.stdout.write(f"{SOAK} goes on ...\n")
        sys.stdout.flush()
        await soaking.wait()
        if not results.exists():
            return [*rows, Row(SOAK, "failed", [Finding("the test finishes", "no", met=False)])]
        return [*rows, *map(_of_the_soak, table.load(results))]


def _of_the_soak(row: Row) -> Row:
    return row if row.id == SOAK else replace(row, scenario=f"in the soak: {row.scenario}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tests that the command line selects, and return the exit code."""
    options = _parser().parse_args(arguments)
    began = time.monotonic()
    if not options.short:
        pin(LOAD)
    rows = sorted(asyncio.run(_all(options)), key=_place)
    passed = all(row.passed for row in rows)
    verdict = "Every target was met" if passed else "Not every target was met"
    sys.stdout.write(f"{verdict}.\n")
    if options.save:
        table.save(rows, options.save)
    if options.write:
        head = _HEAD.format(
            verdict=verdict,
            date=datetime.now(UTC).date(),
            minutes=(time.monotonic() - began) / 60,
            machine=_machine(),
        )
        options.write.write_text(head + table.markdown(rows), encoding="utf-8")
    return 0 if passed else 1


async def _all(options: argparse.Namespace) -> list[Row]:
    """Run the selected tests, with the soak in parallel."""
    wanted = set(options.only.split(",")) if options.only else set(_ORDER)
    tests = [test for test in TESTS if {test[0], test[0][0]} & wanted]
    others = [test for test in tests if test[0] != SOAK]
    if others and len(others) < len(tests):
        return await _run_with_soak(others, options)
    return await run(tests, _lab(options, BOT if others else LOAD))


def _lab(options: argparse.Namespace, core: int) -> Lab:
    inside = BROKEN if options.broken else INSIDE
    if options.short:
        return Lab(SHORT, inside=inside)
    return Lab(FULL, core, inside=inside)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.battery")
    parser.add_argument("--short", action="store_true", help="take seconds instead of minutes")
    parser.add_argument(
        "--broken", action="store_true", help="test a bot that is broken on purpose"
    )
    parser.add_argument("--only", help="only these rows, by name or letter: F,K2")
    parser.add_argument("--write", type=Path, help="write the table to this file, as Markdown")
    parser.add_argument("--save", type=Path, help="write the rows to this file, as JSON")
    return parser


def _place(row: Row) -> tuple[int, int]:
    """Return a row's position in the table."""
    number = row.id[1:]
    return _ORDER.index(row.id[0]), int(number) if number else 0


def _machine() -> str:
    return (
        f"{os.cpu_count()} cores, {platform.system()} on {platform.machine()}, "
        f"Python {platform.python_version()}"
    )


def _forget_settings() -> None:
    """Remove the settings in the environment of whoever runs this."""
    for setting in fields(Settings):
        os.environ.pop(setting.name.upper(), None)


if __name__ == "__main__":
    _forget_settings()
    sys.exit(main())

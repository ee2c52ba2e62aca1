"""The database: down or silent under load, and migrated by four processes at once."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox.slack.delivered import Delivered
from bot.sandbox.slack.teams import BAKERY, HOME, Team
from tests.battery.lab import Lab, Stage
from tests.battery.many import database_server, install, new_database, stage_for_many
from tests.battery.table import Finding, Row, all_of, at_most, none_of
from tests.test_process import status

RATE = 10  # commands a second
_MIGRATIONS = 4
_NOT_INSTALLED = "Meet isn't installed here"
_UNAVAILABLE = "I couldn't look up this workspace"


@dataclass
class Observed:
    """What a bot did during and after a database outage.

    Attributes:
        slowest: the slowest acknowledgement, in milliseconds.
        count: the number of commands from the workspace that has installed the bot.
        cards: how many of them got a card.
        odd: answers to other workspaces that are neither of the two expected sentences.
        noticed: seconds until /readyz failed.
        recovered: seconds until everything worked again.
    """

    slowest: int = 0
    count: int = 0
    cards: int = 0
    odd: list[str] = field(default_factory=list)
    noticed: float = 0
    recovered: float = 0


async def outage(lab: Lab) -> Row:
    """D1: PostgreSQL stops, as it may for hours a month, and then hangs."""
    async with (
        database_server() as server,
        stage_for_many(lab, await new_database(server)) as stage,
        stage.running(),
    ):
        await install(stage)
        stopped = await _watch(stage, server.stop, server.start)
        frozen = await _watch(stage, server.freeze, server.thaw)
        alive = stage.bot.process.returncode is None
    findings = [*_named("stopped", _judge(stopped)), *_named("frozen", _judge(frozen))]
    return Row(
        "D1",
        f"PostgreSQL is stopped for {lab.size.outage:g} s, and later frozen for as long, under "
        f"{RATE} commands a second: nine from a workspace that installed the bot, one from another",
        [*findings, none_of("crash", [] if alive else ["the process is gone"])],
    )


async def migrations(lab: Lab) -> Row:
    """D2: four concurrent migrations, while a process starts and serves."""
    async with database_server() as server:
        postgres = await _migrate_at_once(lab, await new_database(server))
    with tempfile.TemporaryDirectory() as folder:
        sqlite = await _migrate_at_once(lab, f"sqlite:///{Path(folder) / 'installs.db'}")
    what = f"{_MIGRATIONS} concurrent `python -m bot migrate` while the bot starts"
    return Row(
        "D2",
        f"{what}, and again while it serves, on PostgreSQL and SQLite",
        [*_named("PostgreSQL", postgres), *_named("SQLite", sqlite)],
    )


async def _watch(stage: Stage, go: Callable[[], None], come: Callable[[], None]) -> Observed:
    """Interrupt the database for a while, with people typing all the time."""
    seen, seconds = Observed(), stage.lab.size.outage
    ready = f"{stage.bot.url}/readyz"
    typing = asyncio.create_task(_send_commands(stage, seen))
    await asyncio.sleep(2)
    await asyncio.to_thread(go)
    gone = time.monotonic()
    await _until_status(ready, 503)
    seen.noticed = time.monotonic() - gone
    await asyncio.sleep(max(0, gone + seconds - time.monotonic()))
    await asyncio.to_thread(come)
    back = time.monotonic()
    await _until_status(ready, 200)
    while _NOT_INSTALLED not in _said(await stage.slack.command("/meet back", team=BAKERY)):
        await asyncio.sleep(0.1)
    seen.recovered = time.monotonic() - back
    await asyncio.sleep(2)
    typing.cancel()
    await asyncio.gather(typing, return_exceptions=True)
    return seen


async def _send_commands(stage: Stage, seen: Observed) -> None:
    """Send commands at a rate until told to stop, and record their outcomes."""

    async def type_one(number: int, team: Team) -> None:
        delivery = await stage.slack.command(f"/meet d1 {number}", team=team)
        said = _said(delivery)
        seen.slowest = max(seen.slowest, delivery.ms)
        if team is HOME:
            seen.count += 1
            seen.cards += "started a meeting" in said
        elif not said.startswith((_NOT_INSTALLED, _UNAVAILABLE)):
            seen.odd.append(said)

    async with asyncio.TaskGroup() as group:
        number = 0
        while True:
            number += 1
            group.create_task(type_one(number, HOME if number % RATE else BAKERY))
            await asyncio.sleep(1 / RATE)


def _judge(seen: Observed) -> list[Finding]:
    return [
        all_of("every command from the first workspace gets its card", seen.cards, seen.count),
        none_of("unexpected answer to the other workspace", seen.odd),
        at_most("slowest answer", seen.slowest, 3000, "ms"),
        at_most("time until /readyz fails", seen.noticed, 3, "s"),
        at_most("time until everything works again", seen.recovered, 10, "s"),
    ]


async def _migrate_at_once(lab: Lab, database_url: str) -> list[Finding]:
    async with stage_for_many(lab, database_url) as stage:
        first = asyncio.gather(*(_migrate(stage) for _ in range(_MIGRATIONS)))
        async with stage.running() as bot:
            codes = await first
            await _until_status(f"{bot.url}/readyz", 200)
            await install(stage)
            again = asyncio.gather(*(_migrate(stage) for _ in range(_MIGRATIONS)))
            said = [_said(await stage.slack.command(f"/meet d2 {n}")) for n in range(RATE)]
            codes += await again
    cards = sum("started a meeting" in text for text in said)
    return [
        all_of("exit code 0", codes.count(0), 2 * _MIGRATIONS),
        all_of("the bot answers meanwhile", cards, RATE),
    ]


async def _migrate(stage: Stage) -> int:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "migrate"),
        env=stage.settings | {"LOG_LEVEL": "WARNING"},
        stdout=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


def _named(name: str, findings: list[Finding]) -> list[Finding]:
    return [Finding(f"{one.target} ({name})", one.measured, one.met) for one in findings]


async def _until_status(url: str, wanted: int) -> None:
    async with asyncio.timeout(30):
        while await status(url) != wanted:
            await asyncio.sleep(0.05)


def _said(delivery: Delivered) -> str:
    return delivery.messages[-1].text if delivery.messages else delivery.error

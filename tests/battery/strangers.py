"""Many clients: idle connections, and a stampede on the health check."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp

from tests.battery.lab import Lab, Stage, written
from tests.battery.many import database_server, install, new_database, stage_for_many
from tests.battery.table import Row, all_of, at_most, none_of
from tests.test_process import status

IDLE = 400  # connections
DESCRIPTORS = 256
CROWD = 256  # connections
_COMMANDS = 20
_AGAIN = (1.0, 3.0)  # seconds until a disconnected client reconnects
_PROBE = 5.0  # seconds that a host waits for an answer


async def idle(lab: Lab) -> Row:
    """I1: more idle connections than the process may have descriptors."""
    async with lab.stage() as stage:
        stage.descriptors = DESCRIPTORS
        async with stage.running() as bot:
            await stage.slack.command("/meet i1 before")
            memory, lines = stage.process.memory_info().rss, len(bot.log)
            async with _holding(stage, IDLE):
                began = time.monotonic()
                await _until_answered(stage)
                seconds = time.monotonic() - began
                cards = await _cards(stage, lab.size.crowd)
            gained = (stage.process.memory_info().rss - memory) / 2**20
            extra = [line for line in bot.log[lines:] if line["event"] != "answered"]
    return Row(
        "I1",
        f"{IDLE} idle connections, which reconnect when they are closed, to a process with "
        f"{DESCRIPTORS} descriptors",
        [
            at_most("time until commands work again", seconds, 30, "s"),
            all_of("every later command gets its card", cards, _COMMANDS),
            at_most("memory growth", gained, 10, "MiB"),
            at_most("extra log lines", len(extra), 5),
            none_of(
                "traceback in the log",
                ["there is one"] if "Traceback" in written(stage.bot) else [],
            ),
        ],
    )


async def stampede(lab: Lab) -> Row:
    """I2: many clients request /readyz without a pause, and the host does, too."""
    async with (
        database_server() as server,
        stage_for_many(lab, await new_database(server)) as stage,
        stage.running(),
    ):
        await install(stage)
        slowest, odd, asked = 0.0, list[int](), list[int]()
        asking = asyncio.create_task(_ask(f"{stage.bot.url}/readyz", asked))
        end = time.monotonic() + lab.size.crowd
        while time.monotonic() < end:
            began = time.monotonic()
            odd += [code for code in [await status(f"{stage.bot.url}/readyz")] if code != 200]
            slowest = max(slowest, time.monotonic() - began)
            await asyncio.sleep(0.2)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    return Row(
        "I2",
        f"{CROWD} connections request /readyz without a pause for {lab.size.crowd:g} s, as does "
        "the host's own probe; the bot has a database",
        [
            none_of("probe is rejected", odd),
            at_most("slowest probe", slowest, _PROBE, "s"),
            all_of("every client gets 200", asked.count(200), len(asked)),
        ],
    )


@asynccontextmanager
async def _holding(stage: Stage, count: int) -> AsyncIterator[None]:
    """Hold idle connections, and reopen each when it is closed."""
    host, _, port = stage.bot.url.removeprefix("http://").partition(":")

    async def hold() -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection(host, int(port))
                try:
                    await reader.read()
                finally:
                    writer.close()
            await asyncio.sleep(stage.lab.chance.uniform(*_AGAIN))

    holding = [asyncio.create_task(hold()) for _ in range(count)]
    await asyncio.sleep(_AGAIN[0])
    try:
        yield
    finally:
        for task in holding:
            task.cancel()
        await asyncio.gather(*holding, return_exceptions=True)


async def _until_answered(stage: Stage) -> None:
    async with asyncio.timeout(60):
        while (await stage.slack.command("/meet i1 again")).error:
            await asyncio.sleep(0.1)


async def _cards(stage: Stage, seconds: float) -> int:
    """Send commands for some seconds, and return how many got their card."""
    cards = 0
    for number in range(_COMMANDS):
        delivery = await stage.slack.command(f"/meet i1 {number}")
        cards += not delivery.error and "started a meeting" in delivery.messages[-1].text
        await asyncio.sleep(seconds / _COMMANDS)
    return cards


async def _ask(url: str, asked: list[int]) -> None:
    """Send requests over many connections, and record the statuses."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CROWD)) as http:

        async def again_and_again() -> None:
            while True:
                async with http.get(url) as answer:
                    await answer.read()
                    asked.append(answer.status)

        await asyncio.gather(*(again_and_again() for _ in range(CROWD)))

"""Several processes with one Postgres serve the same workspaces, through kills and outages."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest

from bot.sandbox.slack.delivery import FAILED
from bot.sandbox.slack.events import APP_UNINSTALLED
from bot.sandbox.slack.teams import BAKERY, HOME
from tests.many import Many, many
from tests.postgres import PostgresServer
from tests.process import BotProcess, bot_process

AWAY = "I couldn't look up this workspace in my database"


@pytest.fixture
async def bots(postgres: PostgresServer) -> AsyncIterator[Many]:
    async with many(postgres.new_database()) as bots:
        yield bots


async def status(url: str) -> int:
    async with aiohttp.ClientSession() as http, http.get(f"{url}/readyz") as answer:
        return answer.status


async def until_status(url: str, expected: int, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while await status(url) != expected:
            await asyncio.sleep(0.05)


async def started(stack: AsyncExitStack, settings: dict[str, str]) -> BotProcess:
    process = await stack.enter_async_context(bot_process(settings))
    await process.until("serving", 20)
    return process


async def test_processes_share_installs_and_a_kill_loses_nothing(
    bots: Many,
) -> None:
    async with AsyncExitStack() as stack:
        settings = [bots.settings, bots.beside()]
        first, second = await asyncio.gather(*(started(stack, one) for one in settings))
        await bots.install(HOME)
        assert "standup" in await bots.say("/meet standup")

        bots.slack.events_url = f"{second.url}/slack/events"
        assert "standup" in await bots.say("/meet standup")
        await bots.install(BAKERY, second.url)

        bots.slack.events_url = f"{first.url}/slack/events"
        commands = [
            asyncio.create_task(bots.slack.command("/meet standup", team=BAKERY.id))
            for _ in range(40)
        ]
        await asyncio.wait(commands, return_when=asyncio.FIRST_COMPLETED)
        first.process.send_signal(signal.SIGKILL)
        answered = await asyncio.gather(*commands)
        assert {one.error for one in answered} <= {"", FAILED}
        assert all("standup" in one.messages[-1].text for one in answered if not one.error)

        bots.slack.events_url = f"{second.url}/slack/events"
        assert "standup" in await bots.say("/meet standup", BAKERY)
        assert "standup" in await bots.say("/meet standup", HOME)


async def test_an_outage_of_the_database_is_reported_and_survived(
    bots: Many, postgres: PostgresServer
) -> None:
    async with AsyncExitStack() as stack:
        process = await started(stack, bots.settings)
        await bots.install(HOME)
        await bots.install(BAKERY)
        assert "standup" in await bots.say("/meet standup", HOME)
        await until_status(process.url, 200, 3)

        await asyncio.to_thread(postgres.stop)
        began = time.monotonic()
        deliveries = [
            bots.slack.command("/meet standup", team=place.id) for place in (HOME, BAKERY) * 4
        ]
        answered = await asyncio.gather(*deliveries)
        assert all(one.ms < 2500 and not one.error for one in answered)
        assert all("standup" in one.messages[-1].text for one in answered[::2])
        assert all(AWAY in one.messages[-1].text for one in answered[1::2])
        await until_status(process.url, 503, 3 - (time.monotonic() - began))
        removed = await bots.slack.event(APP_UNINSTALLED, team=HOME)
        assert removed.status != 200  # so that Slack retries the event

        await asyncio.to_thread(postgres.start)
        await until_status(process.url, 200, 10)
        assert "standup" in await bots.say("/meet standup", BAKERY)
        await bots.slack.event(APP_UNINSTALLED, team=HOME)
        assert "isn't installed" in await bots.say("/meet standup", HOME)


async def test_a_bot_that_starts_without_its_database_waits_for_it(
    bots: Many, postgres: PostgresServer
) -> None:
    await asyncio.to_thread(postgres.stop)
    async with AsyncExitStack() as stack:
        process = await started(stack, bots.settings)
        assert AWAY in await bots.say("/meet standup")
        assert await status(process.url) == 503

        await asyncio.to_thread(postgres.start)
        await until_status(process.url, 200, 10)
        await bots.install(HOME)
        assert "standup" in await bots.say("/meet standup")

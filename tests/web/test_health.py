"""Hosts can check whether the bot is alive, and whether it is ready."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from bot.slack.workspaces import InstallsUnavailableError
from bot.web import routes
from bot.web.health import Health
from tests.conftest import serving


def web_of(health: Health) -> web.Application:
    """Return a bot's addresses for its host."""
    return routes.build_web([*routes.for_the_host(health), *routes.for_visitors()])


async def status(health: Health, path: str) -> int:
    """Return the status of a path."""
    async with (
        serving(web_of(health)) as url,
        aiohttp.ClientSession() as session,
        session.get(url + path) as answer,
    ):
        return answer.status


async def connected() -> bool:
    return True


async def not_connected() -> bool:
    return False


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz"])
async def test_a_running_bot_is_alive_and_ready(path: str) -> None:
    assert await status(Health(connected, connected), path) == 200


async def test_a_bot_that_shuts_down_is_alive_but_not_ready() -> None:
    health = Health(connected, connected)
    health.draining = True

    assert await status(health, "/healthz") == 200
    assert await status(health, "/readyz") == 503


async def test_a_bot_that_slack_cannot_reach_is_not_ready() -> None:
    assert await status(Health(not_connected, connected), "/readyz") == 503


class Database:
    """A database that answers or fails; counts its pings."""

    def __init__(self, problem: str = "") -> None:
        self.problem = problem
        self.pings = 0
        self.seconds = 0.0
        self._connection = asyncio.Lock()

    async def ping(self) -> None:
        self.pings += 1
        async with self._connection:
            await asyncio.sleep(self.seconds)
        if self.problem:
            raise InstallsUnavailableError(self.problem)


@pytest.mark.parametrize(("problem", "expected"), [("", 200), ("gone", 503)])
async def test_a_bot_without_its_database_is_alive_but_not_ready(
    problem: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(problem)
    health = Health(connected, database.ping)

    assert await status(health, "/healthz") == 200
    assert database.pings == 0
    assert [await status(health, "/readyz") for _ in range(2)] == [expected] * 2
    assert database.pings <= 3  # one in two seconds, on a slow machine

    database.problem = ""
    monkeypatch.setattr("bot.caching.shared.SECONDS", 0.0)
    assert await status(health, "/readyz") == 200


async def test_concurrent_checks_share_one_ping_and_all_succeed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.caching.shared.SECONDS", 2.0)
    database = Database()
    database.seconds = 0.05  # per ping; concurrent ones wait for each other
    health = Health(connected, database.ping)

    async with serving(web_of(health)) as url, http_of(256) as crowd, http_of(1) as host:
        stampede = [asyncio.create_task(ask(crowd, url)) for _ in range(256)]
        probes = [await ask(host, url) for _ in range(5)]
        statuses = await asyncio.gather(*stampede)

    assert (probes, set(statuses)) == ([200] * 5, {200})
    assert database.pings <= 3  # one in two seconds, on a slow machine


def http_of(connections: int) -> aiohttp.ClientSession:
    """Return a client with a limit of connections."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections))


async def ask(http: aiohttp.ClientSession, url: str) -> int:
    async with http.get(f"{url}/readyz") as answer:
        return answer.status


async def test_without_a_signing_secret_there_is_no_events_endpoint() -> None:
    assert await status(Health(connected, connected), "/slack/events") == 404

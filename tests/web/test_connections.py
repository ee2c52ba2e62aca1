"""Idle clients can't hold connections for long, or so many that commands can't get through."""

import asyncio
import errno
import logging
import resource
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import aiohttp
import psutil  # type: ignore[import-untyped] # it has no types
import pytest
from aiohttp import web

from bot.sandbox.slack.standin import SlackStandIn
from bot.web import connections
from bot.web.connections import BACKLOG
from bot.web.server import Server
from tests.process import bot_process
from tests.test_process import by_http, serving

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@asynccontextmanager
async def server(keep_alive: float = 60) -> AsyncIterator["Clients"]:
    """Serve two pages, one of them slow."""

    async def quick(_: web.Request) -> web.Response:
        return web.Response(text="quick")

    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(0.3)
        return web.Response(text="later")

    app = web.Application()
    app.router.add_get("/", quick)
    app.router.add_get("/slow", slow)
    served = Server(app, 0.2, keep_alive)
    await served.open("127.0.0.1", 0)
    clients = Clients(("127.0.0.1", served.port))
    try:
        yield clients
    finally:
        await served.close()
        for client in clients.opened:
            client.disconnect()


class Client:
    """A client with one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def disconnect(self) -> None:
        self._writer.transport.abort()

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    async def answer(self) -> bytes:
        """Read the next answer, and return its head."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        await self._reader.readexactly(5 if b"200" in head else 0)
        return head

    async def held_for(self, seconds: float = 2) -> float:
        """Wait until the server closes the connection, and return how long that takes."""
        began = time.monotonic()
        async with asyncio.timeout(seconds):
            with suppress(ConnectionError):
                while await self._reader.read(1000):
                    pass
        return time.monotonic() - began

    async def is_held(self) -> bool:
        """Return whether the connection is still open."""
        try:
            await self.held_for(0.05)
        except TimeoutError:
            return True
        return False


class Clients:
    """Opens connections to the server."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self.opened: list[Client] = []

    async def connect(self) -> Client:
        self.opened.append(Client(*await asyncio.open_connection(*self._address)))
        return self.opened[-1]


@pytest.fixture(autouse=True)
def _short_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REQUEST_TIMEOUT", 0.2)


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n"])
async def test_a_client_without_a_complete_request_in_time_is_disconnected(begun: bytes) -> None:
    async with server() as clients:
        client = await clients.connect()
        client.send(begun)

        assert 0.1 < await client.held_for() < 1


async def test_sending_byte_by_byte_does_not_extend_the_timeout() -> None:
    async with server() as clients:
        client = await clients.connect()

        async def drip() -> None:
            while True:
                client.send(b"G")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert await client.held_for() < 1
        dripping.cancel()


async def test_a_later_requests_headers_have_as_long_as_a_connection_may_idle() -> None:
    async with server(keep_alive=0.2) as clients:
        client = await clients.connect()
        client.send(REQUEST)
        await client.answer()
        client.send(REQUEST[:-2])

        assert 0.1 < await client.held_for() < 1


async def test_between_two_requests_a_connection_may_idle_for_longer() -> None:
    async with server(keep_alive=0.6) as clients:
        router = await clients.connect()
        for _ in range(2):
            router.send(REQUEST)
            assert b"200 OK" in await router.answer()
            await asyncio.sleep(0.25)

        assert await router.held_for() > 0.2


async def test_a_slow_answer_is_not_cut_off() -> None:
    async with server() as clients:
        patient = await clients.connect()
        patient.send(REQUEST.replace(b"/ ", b"/slow "))

        assert b"200 OK" in await patient.answer()


async def test_the_idlest_connection_is_closed_and_logged_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections, "REQUEST_TIMEOUT", 60)
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 3)
    async with server() as clients:
        used = await clients.connect()
        idle = [await clients.connect() for _ in range(2)]
        used.send(REQUEST)
        await used.answer()
        more = [await clients.connect() for _ in range(2)]
        more[-1].send(REQUEST)

        assert b"200 OK" in await more[-1].answer()
        assert [await one.is_held() for one in (*idle, used, *more)] == [False] * 2 + [True] * 3
    [line] = [record for record in caplog.records if "too many connections" in record.message]
    assert (vars(line)["resting"], vars(line)["busy"]) == (4, 0)


async def test_a_connection_with_a_request_in_flight_stays_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 2)
    async with server() as clients:
        busy = [await clients.connect() for _ in range(2)]
        for one in busy:
            one.send(REQUEST.replace(b"/ ", b"/slow "))
        await asyncio.sleep(0.05)

        assert not await (await clients.connect()).is_held()
        assert [b"200 OK" in await one.answer() for one in busy] == [True, True]


async def test_a_client_that_disconnects_before_the_answer_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 1)
    async with server() as clients:
        gone = await clients.connect()
        gone.send(REQUEST.replace(b"/ ", b"/slow "))
        await asyncio.sleep(0.05)
        gone.disconnect()
        await asyncio.sleep(0.4)
        first, second = [await clients.connect() for _ in range(2)]

        assert [await first.is_held(), await second.is_held()] == [False, True]


@pytest.mark.parametrize(
    "sent",
    [REQUEST, REQUEST.replace(b"/ ", b"/nothing "), b"\x16\x03\x01\r\n\r\n", b"GET /\r\n\r\n"],
)
async def test_no_answer_has_a_server_header(sent: bytes) -> None:
    async with server() as clients:
        client = await clients.connect()
        client.send(sent)

        head = await client.answer()

    assert head.startswith(b"HTTP/")
    assert b"server:" not in head.lower()


async def test_a_connection_that_cannot_be_accepted_is_one_log_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with server() as clients:
        refused = {"message": "x", "exception": OSError(errno.EMFILE, "x"), "socket": clients}
        for _ in range(BACKLOG):
            asyncio.get_running_loop().call_exception_handler(refused)

    assert [record.message for record in caplog.records] == [
        "too many connections, closing the idlest"
    ]


async def test_other_event_loop_errors_are_logged_as_usual(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with server():
        asyncio.get_running_loop().call_exception_handler({"message": "something else"})

    assert [(r.name, r.levelno, r.message) for r in caplog.records] == [
        ("asyncio", logging.ERROR, "something else")
    ]


async def test_commands_work_despite_more_idle_connections_than_descriptors(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    async with bot_process(by_http(slack_standin, videosdk_url)) as bot, AsyncExitStack() as crowd:
        resource.prlimit(bot.process.pid, resource.RLIMIT_NOFILE, (96, 96))
        await serving(bot, slack_standin)
        host, _, port = bot.url.removeprefix("http://").partition(":")
        process, lines = psutil.Process(bot.process.pid), len(bot.log)
        memory = process.memory_info().rss

        for _ in range(200):
            _, writer = await asyncio.open_connection(host, int(port))
            crowd.callback(writer.close)
        async with asyncio.timeout(30):
            while (await slack_standin.command("/meet standup")).error:
                pass

        assert process.num_fds() <= 96
        assert process.memory_info().rss - memory < 20 * 2**20
        assert len(bot.log) - lines < 10
        assert "Traceback" not in bot.printed
        assert await bot.stop() == 0


async def test_the_bot_raises_its_limit_of_descriptors(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    async with bot_process(by_http(slack_standin, videosdk_url), covered=True) as bot:
        resource.prlimit(bot.process.pid, resource.RLIMIT_NOFILE, (256, 1024))
        await bot.until("serving")

        assert resource.prlimit(bot.process.pid, resource.RLIMIT_NOFILE) == (1024, 1024)
        async with aiohttp.ClientSession() as http, http.get(f"{bot.url}/healthz") as answer:
            assert answer.status == 200
        assert await bot.stop() == 0

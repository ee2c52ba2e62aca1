"""Socket Mode reconnects after any failure, with backoff."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.app import open_bot
from bot.sandbox.faults import Fault
from bot.sandbox.slack.payloads import slash_command
from bot.sandbox.slack.workspace import CHANNELS, USERS
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.serving import until_stopped
from bot.settings.settings import Settings
from bot.slack import pauses, socket_connection, socket_mode
from bot.slack.failures import error_in
from bot.slack.pauses import Pauses
from tests.conftest import NOBODY, until
from tests.socket_server import (
    HELLO,
    Script,
    SocketServer,
    breaks_off,
    disconnect,
    envelope,
    hangs_up,
    refusal,
    says,
)
from tests.test_process import status

HELP = envelope("E1", slash_command(USERS[0], CHANNELS[0], "/meet help", f"{NOBODY}/x"))


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pauses, "FIRST", 0.05)
    monkeypatch.setattr(socket_connection, "HELLO", 0.05)


@asynccontextmanager
async def bot_on(server: SocketServer) -> AsyncIterator[str]:
    """Open a bot that connects to this server, and return the address of its /readyz."""
    async with server.running(), open_bot(Settings.from_env(server.environment())) as bot:
        yield f"http://127.0.0.1:{bot.port}/readyz"


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the reasons in the warnings about the connection."""
    return [
        str(getattr(record, "reason", ""))
        for record in caplog.records
        if record.message == "not connected to Slack"
    ]


AFTER_HELLO: dict[str, Script] = {
    "disconnect: link_disabled": says(HELLO, disconnect("link_disabled")),
    "disconnect: refresh_requested": says(HELLO, disconnect("refresh_requested")),
    "disconnect: too_many_websockets": says(HELLO, disconnect("too_many_websockets")),
    "disconnect: warning": says(disconnect("warning")),
    "disconnect: unreadable": says(HELLO, disconnect({"not": "a word"})),
    "closed with 1000": hangs_up(HELLO),
    "closed with 1011": hangs_up(code=1011),
    "closed with 1006": breaks_off,
    "TimeoutError": says("no JSON", "[1]", '{"type": 1}', b"\x00"),
}
ON_CONNECTING: dict[str, tuple[str, Fault]] = {
    "internal_error": ("connections.open", refusal("internal_error")),
    "forbidden_team": ("connections.open", refusal("forbidden_team")),
    "unreadable": ("connections.open", refusal("<b>oh</b>")),
    "ratelimited": ("connections.open", Fault(429, b'{"ok": false, "error": "ratelimited"}')),
    "AttributeError": ("connections.open", Fault(500, b"<html>", "text/html")),
    "ServerDisconnectedError": ("connections.open", Fault(reset=True)),
    "ValueError": ("connections.open", Fault(200, b'{"ok": true}')),
    "status 403": ("/socket", Fault(403)),
    "status 200": ("/socket", Fault(200, b"ok")),
}


async def watch(url: str, server: SocketServer) -> None:
    """Check that the bot isn't ready, and that it waits between its tries.

    One check may fall between Slack's `hello` and the end of that connection.
    """
    seen = []
    for _ in range(3):
        await asyncio.sleep(0.1)
        seen.append(await status(url))
    assert seen.count(503) >= 2
    assert 2 <= len(server.openings) <= 4  # after 0.05, 0.1 and 0.2 seconds, or a bit more


@pytest.mark.parametrize("reason", AFTER_HELLO)
async def test_after_any_early_disconnect_the_bot_waits_before_reconnecting(
    reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    server = SocketServer(AFTER_HELLO[reason])
    async with bot_on(server) as url:
        await watch(url, server)
        server.script = says(HELLO)
        async with asyncio.timeout(5):
            while await status(url) != 200:
                await asyncio.sleep(0.02)

    assert warnings(caplog) == [reason]


@pytest.mark.parametrize("reason", ON_CONNECTING)
async def test_after_any_failed_connection_the_bot_waits_before_the_next_try(
    reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    server = SocketServer()
    path, fault = ON_CONNECTING[reason]
    server.faults.always(fault, path=path)
    async with bot_on(server) as url:
        await watch(url, server)

    [warned] = warnings(caplog)
    assert warned == reason or reason.endswith("Error")


async def test_after_an_orderly_refresh_the_bot_connects_at_once_and_loses_nothing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_mode, "STABLE", 0.0)
    monkeypatch.setattr(pauses, "FIRST", 60.0)
    server = SocketServer()
    async with bot_on(server) as url:
        await until(lambda: server.sockets)
        [old] = server.sockets
        await says(HELP, disconnect("refresh_requested"))(old)
        await until(lambda: len(server.sockets) == 2)
        await until(lambda: server.received)
        assert await status(url) == 200
        await until(lambda: old.closed)

    assert server.received[0]["envelope_id"] == "E1"
    assert warnings(caplog) == []


async def test_the_warning_comes_again_after_the_connection_was_good_for_a_while(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_mode, "STABLE", 0.0)
    server = SocketServer(hangs_up(HELLO))
    async with bot_on(server):
        await until(lambda: len(warnings(caplog)) == 2)

    assert set(warnings(caplog)) == {"closed with 1000"}


async def test_a_token_that_worked_before_does_not_stop_the_bot(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = SocketServer()
    server.scripts.append(hangs_up(HELLO))
    async with server.running(), open_bot(Settings.from_env(server.environment())) as bot:
        server.faults.always(refusal("token_revoked"), path="connections.open")
        running = asyncio.create_task(until_stopped(bot, asyncio.Event()))
        await until(lambda: "token_revoked" in warnings(caplog))
        server.faults.forget()
        async with asyncio.timeout(5):
            while await status(f"http://127.0.0.1:{bot.port}/readyz") != 200:
                await asyncio.sleep(0.02)
        assert not running.done()
        running.cancel()


async def test_the_bot_waits_as_long_as_slack_asks() -> None:
    server = SocketServer()
    limited = Fault(429, b'{"ok": false, "error": "ratelimited"}', headers={"Retry-After": "60"})
    server.faults.plan(limited, path="connections.open")
    async with bot_on(server):
        await asyncio.sleep(0.3)

    assert len(server.openings) == 1


async def test_other_frames_are_ignored_and_requests_that_bolt_fails_on_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    odd = [envelope("E2", []), '{"type": "slash_commands"}', envelope("E3", {"team": 1}), HELP]
    server = SocketServer(says(HELLO, HELLO, *odd))
    async with bot_on(server):
        await until(lambda: server.received)

    assert [message["envelope_id"] for message in server.received] == ["E1"]
    assert caplog.messages.count("request not understood") == 1


async def test_an_answer_that_cannot_be_sent_is_logged(
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    videosdk_standin: VideoSDKStandIn,
    videosdk_url: str,
) -> None:
    monkeypatch.setattr(pauses, "FIRST", 60.0)
    videosdk_standin.faults.always(Fault(delay=0.2))
    meet = slash_command(USERS[0], CHANNELS[0], "/meet", f"{NOBODY}/x")
    server = SocketServer(says(HELLO, envelope("E1", meet)))
    async with server.running():
        settings = server.environment(VIDEOSDK_API_ENDPOINT=videosdk_url)
        async with open_bot(Settings.from_env(settings)):
            await until(lambda: videosdk_standin.requests)
            await server.sockets[0].close()
            await until(lambda: any("answer not sent" in text for text in caplog.messages))

    assert server.received == []


def test_pauses_double_up_to_a_minute_with_jitter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pauses, "FIRST", 1.0)
    tries = Pauses()

    waits = [tries.next() for _ in range(8)]
    assert [int(math.log2(wait / 1.5) + 1) for wait in waits[:5]] == [0, 1, 2, 3, 4]
    assert waits[6:] == [60.0, 60.0]
    tries.reset()
    assert 1.0 <= tries.next() <= 1.5
    assert tries.next(least=30.0) == 30.0
    assert tries.next(least=3600.0) == 60.0


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"ok": True}, None),
        ({"ok": True, "error": "bad_users"}, "bad_users"),
        ({"ok": False, "error": "invalid_auth"}, "invalid_auth"),
        ({"ok": False}, "unreadable"),
        ({"ok": False, "error": "a https://example.com/?token=1"}, "unreadable"),
        ({"error": "invalid_auth"}, "unreadable"),
        ("<html>", "unreadable"),
        (None, "unreadable"),
    ],
)
def test_only_slacks_own_error_codes_are_read_from_an_answer(
    answer: object, error: str | None
) -> None:
    assert error_in(answer) == error

"""The bot as a process, started and stopped like by a host."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from bot.app import open_bot
from bot.sandbox.faults import PRESETS, Fault
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.settings import Settings, StartError
from tests.conftest import (
    API_KEY,
    APP_TOKEN,
    BOT_TOKEN,
    ROOT,
    SECRET_KEY,
    SIGNING_SECRET,
    environment,
    free_port,
)
from tests.process import BotProcess, bot_process
from tests.socket_server import HELLO, SocketServer, disconnect, refusal, says


def by_http(slack: SlackStandIn, videosdk_url: str) -> dict[str, str]:
    """Return the environment of a bot that uses HTTP."""
    return environment(SLACK_API_URL=f"{slack.url}/api", VIDEOSDK_API_ENDPOINT=videosdk_url)


def by_socket(slack: SlackStandIn, videosdk_url: str) -> dict[str, str]:
    """Return the environment of a bot that uses Socket Mode."""
    settings = by_http(slack, videosdk_url) | {"SLACK_APP_TOKEN": APP_TOKEN}
    del settings["SLACK_SIGNING_SECRET"]
    return settings


async def status(url: str) -> int:
    """Return the status of a page."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status


async def serving(bot: BotProcess, slack: SlackStandIn) -> None:
    """Wait until the bot serves, and set its address in Slack."""
    await bot.until("serving")
    slack.events_url = f"{bot.url}/slack/events"


async def connected(bot: BotProcess) -> None:
    """Wait until the bot is connected by Socket Mode."""
    await bot.until("serving")
    async with asyncio.timeout(10):
        while await status(f"{bot.url}/readyz") != 200:
            await asyncio.sleep(0.02)


async def test_missing_and_malformed_settings_are_reported_at_once() -> None:
    async with bot_process(
        {"SLACK_BOT_TOKEN": "hunter2", "PORT": "abc"}, fresh=True, covered=True
    ) as bot:
        assert await asyncio.wait_for(bot.process.wait(), 10) == 2

    for name in ("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "VIDEOSDK_API_KEY", "PORT"):
        assert name in bot.printed
    assert "Traceback" not in bot.printed
    assert "hunter2" not in bot.printed


async def test_an_unknown_setting_is_one_warning_without_its_value() -> None:
    unknown = {"VIDEOSDK_API_VERSON": "hunter2", "SLACK_SCOPES": "hunter2"}
    on_fly = {"FLY_APP_NAME": "lighthouse-meet"}
    async with bot_process(environment(**unknown, **on_fly), covered=True) as bot:
        await bot.until("serving")
        assert await bot.stop() == 0

    [line] = [line for line in bot.log if line["event"] == "unknown settings"]
    assert (line["level"], line["names"]) == (
        "WARNING",
        "SLACK_SCOPES, VIDEOSDK_API_VERSON (did you mean VIDEOSDK_API_VERSION?)",
    )
    assert bot.event("public address")["source"] == "FLY_APP_NAME"
    assert "hunter2" not in bot.printed


async def test_a_taken_port_is_one_sentence() -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:  # noqa: S104 - as the bot does
        port = str(taken.getsockname()[1])
        async with bot_process(environment(PORT=port)) as bot:
            assert await asyncio.wait_for(bot.process.wait(), 10) == 1

    assert f"can't listen on port {port}" in bot.printed
    assert "Traceback" not in bot.printed


async def test_a_command_by_http(
    slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> None:
    async with bot_process(by_http(slack_standin, videosdk_url), fresh=True) as bot:
        await serving(bot, slack_standin)

        assert await status(f"{bot.url}/healthz") == 200
        card = (await slack_standin.command("/meet Weekly sync us001")).messages[-1]
        [meeting_id] = videosdk_standin.meetings
        checked = (await slack_standin.command(f"/meet-check {meeting_id}")).messages[-1]
        await bot.until("Slack knows this bot")
        assert await bot.stop() == 0

    assert "started a meeting" in card.text
    assert "valid" in checked.text
    for secret in (API_KEY, SECRET_KEY, SIGNING_SECRET, BOT_TOKEN, meeting_id):
        assert secret not in bot.printed


async def test_a_users_typo_is_not_logged_as_a_warning(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    async with bot_process(by_http(slack_standin, videosdk_url)) as bot:
        await serving(bot, slack_standin)
        checked = (await slack_standin.command("/meet-check 87i6-bvw8-dtn0")).messages[-1]
        await bot.until("answered")
        assert await bot.stop() == 0

    assert "no meeting" in checked.text.lower()
    assert bot.event("videosdk call rejected")["status"] in {400, 404}
    assert {line["level"] for line in bot.log} == {"INFO"}


async def test_a_command_by_socket_mode(
    slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> None:
    async with bot_process(by_socket(slack_standin, videosdk_url)) as bot:
        await connected(bot)

        assert await status(f"{bot.url}/slack/events") == 404
        said = bot.event("serving")
        assert (said["mode"], said["videosdk"], said["live_cards"]) == ("Socket Mode", "v1", False)
        assert "tunnel" in bot.event("cards have no Join button")["fix"]
        card = (await slack_standin.command("/meet standup eu001")).messages[-1]
        [meeting_id] = videosdk_standin.meetings
        checked = (await slack_standin.command(f"/meet-check {meeting_id}")).messages[-1]
        shared = await slack_standin.click(checked, "share_meeting")
        assert await bot.stop() == 0

    assert "started a meeting" in card.text
    assert "shared a meeting" in shared.messages[-1].text
    assert APP_TOKEN not in bot.printed


async def test_a_lost_socket_is_reopened(slack_standin: SlackStandIn, videosdk_url: str) -> None:
    async with bot_process(by_socket(slack_standin, videosdk_url)) as bot:
        await connected(bot)
        await slack_standin.sockets.refresh()
        async with asyncio.timeout(15):
            while not slack_standin.sockets.connected:
                await asyncio.sleep(0.05)

        card = (await slack_standin.command("/meet standup")).messages[-1]

        assert "started a meeting" in card.text
        assert await bot.stop() == 0


async def test_a_rejected_app_token_is_one_sentence(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    settings = by_socket(slack_standin, videosdk_url) | {"SLACK_APP_TOKEN": "xapp-of-another-app"}
    async with bot_process(settings, covered=True) as bot:
        assert await asyncio.wait_for(bot.process.wait(), 10) == 2

    assert "Slack rejects SLACK_APP_TOKEN (invalid_auth)" in bot.printed
    assert "Traceback" not in bot.printed


async def test_an_app_token_that_is_rejected_once_slack_is_back_ends_the_bot() -> None:
    server = SocketServer()
    server.faults.plan(refusal("service_unavailable", 503), path="connections.open")
    server.faults.always(refusal("invalid_auth"), path="connections.open")
    async with server.running(), bot_process(server.environment()) as bot:
        assert await asyncio.wait_for(bot.process.wait(), 10) == 2

    assert bot.event("not connected to Slack")["reason"] == "service_unavailable"
    assert "Slack rejects SLACK_APP_TOKEN (invalid_auth)" in bot.printed
    assert 1 <= server.openings[1] - server.openings[0] < 3


async def test_reconnects_back_off_if_slack_closes_each_connection() -> None:
    server = SocketServer(says(HELLO, disconnect("link_disabled")))
    async with server.running(), bot_process(server.environment()) as bot:
        await bot.until("serving")
        await bot.until("not connected to Slack")
        await asyncio.sleep(0.3)
        assert await status(f"{bot.url}/readyz") == 503
        assert len(server.openings) == 1
        assert await bot.stop() == 0

    assert bot.event("not connected to Slack")["reason"] == "disconnect: link_disabled"


async def test_a_rejected_bot_token_is_logged_and_commands_still_work(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    settings = by_http(slack_standin, videosdk_url) | {"SLACK_BOT_TOKEN": "xoxb-of-another-app"}
    async with bot_process(settings) as bot:
        await serving(bot, slack_standin)
        await bot.until("Slack rejected SLACK_BOT_TOKEN")

        assert (await slack_standin.command("/meet")).error == ""


async def test_every_command_in_flight_is_answered_before_the_bot_stops(
    slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> None:
    videosdk_standin.faults.always(Fault(delay=1.0))
    async with bot_process(by_http(slack_standin, videosdk_url)) as bot:
        await serving(bot, slack_standin)
        commands = [
            asyncio.create_task(slack_standin.command(f"/meet standup {i}")) for i in range(40)
        ]
        async with asyncio.timeout(10):
            while len(videosdk_standin.requests) < 40:
                await asyncio.sleep(0.01)

        bot.process.send_signal(signal.SIGTERM)
        await bot.until("stopping")
        assert await status(f"{bot.url}/healthz") == 200
        assert await status(f"{bot.url}/readyz") == 503
        late = await slack_standin.command("/meet late")
        deliveries = await asyncio.gather(*commands)
        assert await asyncio.wait_for(bot.process.wait(), 25) == 0

    assert "restarting" in late.messages[-1].text
    assert [d.error for d in deliveries] == [""] * 40
    assert len(videosdk_standin.meetings) == 40


async def test_a_card_that_was_promised_is_posted_before_the_bot_stops(
    slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> None:
    videosdk_standin.faults.plan(Fault(delay=2.6))
    async with bot_process(by_http(slack_standin, videosdk_url)) as bot:
        await serving(bot, slack_standin)
        promised = (await slack_standin.command("/meet standup")).messages[-1]

        assert await bot.stop() == 0

    newest = list(slack_standin.workspace.messages.values())[-1]
    assert "still being created" in promised.text
    assert "started a meeting" in newest.text


async def signalled(bot: BotProcess, number: int) -> int:
    """Repeat a signal until the process ends, and return the exit code."""
    async with asyncio.timeout(8):
        while True:
            bot.process.send_signal(number)
            with suppress(TimeoutError):
                return await asyncio.wait_for(bot.process.wait(), 0.6)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_second_signal_ends_the_bot_at_once_but_not_the_echo_of_the_first(
    number: int, slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> None:
    videosdk_standin.faults.plan(PRESETS["hang"][1])
    async with bot_process(by_http(slack_standin, videosdk_url), covered=True) as bot:
        await serving(bot, slack_standin)
        command = asyncio.create_task(slack_standin.command("/meet standup"))
        async with asyncio.timeout(10):
            while not videosdk_standin.requests:
                await asyncio.sleep(0.01)

        bot.process.send_signal(signal.SIGTERM)
        bot.process.send_signal(signal.SIGTERM)
        await bot.until("stopping")
        assert await status(f"{bot.url}/healthz") == 200
        assert await signalled(bot, number) == 128 + number
        await command

    assert bot.event("stopped at once")["signal"] == signal.Signals(number).name


@pytest.mark.parametrize(
    ("host", "reached", "missed"),
    [
        ("::1", "[::1]", "127.0.0.1"),
        ("[::]", "[::1]", ""),
        ("::", "127.0.0.1", ""),
        ("127.0.0.2", "127.0.0.2", "127.0.0.1"),
        ("localhost", "localhost", "127.0.0.2"),
    ],
)
async def test_the_bot_listens_on_the_configured_address(
    host: str, reached: str, missed: str
) -> None:
    settings = Settings.from_env(environment(BIND_HOST=host, PORT=str(free_port())))

    async with open_bot(settings) as bot:
        assert await status(f"http://{reached}:{bot.port}/readyz") == 200
        if missed:
            with pytest.raises(aiohttp.ClientConnectorError):
                await status(f"http://{missed}:{bot.port}/healthz")


async def test_ipv6_is_served_by_the_process_and_named_in_the_log() -> None:
    async with bot_process(environment(BIND_HOST="::")) as bot:
        await bot.until("serving")

        said = bot.event("serving")
        assert said["host"] == "::"
        assert await status(f"http://[::1]:{said['port']}/readyz") == 200
        assert await status(f"{bot.url}/readyz") == 200
        assert await bot.stop() == 0


async def test_an_address_of_another_machine_is_one_sentence() -> None:
    async with bot_process(environment(BIND_HOST="192.0.2.1"), covered=True) as bot:
        assert await asyncio.wait_for(bot.process.wait(), 10) == 1

    [line] = bot.log
    assert line["event"] == (
        "Meet for Slack can't listen on 192.0.2.1: this machine has no such address. "
        "Set BIND_HOST to one that it has, like 0.0.0.0, :: or 127.0.0.1."
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104 - as hosts want it
async def test_a_taken_port_is_detected_for_ipv6_too(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with pytest.raises(StartError, match=f"can't listen on port {port}"):
            async with open_bot(Settings.from_env(environment(BIND_HOST=host, PORT=port))):
                pass


async def test_settings_in_a_dotenv_file_are_read_and_the_environment_wins(tmp_path: Path) -> None:
    in_file = environment(PORT="99999", LOG_FORMAT="json")
    lines = [f"{name}={value}\n" for name, value in in_file.items()]
    (tmp_path / ".env").write_text("".join(lines), encoding="utf-8")

    async with bot_process({"PORT": "0"}, cwd=tmp_path, fresh=True) as bot:
        await bot.until("serving")

        assert await status(f"{bot.url}/healthz") == 200


async def test_the_procfile_starts_the_bot_on_the_port_that_the_host_gives() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    honcho = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "honcho", "start", "web"),
        cwd=ROOT,
        env={**os.environ, **environment(PORT=str(port)), "PATH": path},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        assert honcho.stdout
        async with asyncio.timeout(20):
            while b"serving" not in await honcho.stdout.readline():
                pass
        assert await status(f"http://127.0.0.1:{port}/healthz") == 200
    finally:
        honcho.send_signal(signal.SIGTERM)
        await honcho.communicate()

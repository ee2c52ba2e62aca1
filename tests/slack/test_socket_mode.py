"""Socket Mode connects, serves, and closes after the last answer."""

import asyncio
import socket
from dataclasses import replace

import pytest

from bot.app import open_bot
from bot.sandbox.faults import Fault
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.serving import until_stopped
from bot.settings.settings import Settings, SettingsError, StartError
from bot.slack import pauses, socket_mode
from tests.conftest import APP_TOKEN, environment
from tests.logged import request_lines
from tests.test_process import status


def settings(slack: SlackStandIn, videosdk_url: str, app_token: str = APP_TOKEN) -> Settings:
    """Return the settings of a bot that uses Socket Mode with this Slack."""
    return Settings.from_env(
        environment(
            SLACK_APP_TOKEN=app_token,
            SLACK_API_URL=f"{slack.url}/api",
            VIDEOSDK_API_ENDPOINT=videosdk_url,
        )
    )


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pauses, "FIRST", 0.05)


async def until_connected(slack: SlackStandIn) -> None:
    """Wait until Slack can deliver."""
    async with asyncio.timeout(15):
        while not slack.sockets.connected:
            await asyncio.sleep(0.01)


async def test_a_command_over_the_socket_is_answered_over_the_socket(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    async with open_bot(settings(slack_standin, videosdk_url)):
        await until_connected(slack_standin)

        delivery = await slack_standin.command("/meet standup")

    assert "started a meeting" in delivery.messages[-1].text


async def test_the_log_names_what_came_over_the_socket(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    with request_lines() as lines:
        async with open_bot(settings(slack_standin, videosdk_url)):
            await until_connected(slack_standin)
            await slack_standin.command("/meet help")

    [facts] = [facts for event, facts in lines if event == "answered"]
    assert list(facts) == ["request_id"]
    assert len(str(facts["request_id"])) >= 8


async def test_an_answer_in_progress_is_sent_before_the_socket_closes(
    slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> None:
    videosdk_standin.faults.plan(Fault(delay=0.5))
    async with open_bot(settings(slack_standin, videosdk_url)):
        await until_connected(slack_standin)
        typed = asyncio.create_task(slack_standin.command("/meet standup"))
        async with asyncio.timeout(5):
            while not videosdk_standin.requests:
                await asyncio.sleep(0.01)

    delivery = await typed
    assert delivery.error == ""
    assert "started a meeting" in delivery.messages[-1].text


async def test_a_rejected_token_stops_the_bot_with_a_sentence(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    with pytest.raises(SettingsError, match=r"Slack rejects SLACK_APP_TOKEN \(invalid_auth\)"):
        async with open_bot(settings(slack_standin, videosdk_url, "xapp-wrong")):
            pass


async def test_a_slack_that_is_down_at_the_start_is_waited_for(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    slack_standin.faults.plan(Fault(reset=True), Fault(reset=True), path="connections.open")
    async with open_bot(settings(slack_standin, videosdk_url)):
        await until_connected(slack_standin)

        assert (await slack_standin.command("/meet")).error == ""


async def test_a_slack_that_hangs_at_the_start_blocks_nothing(
    slack_standin: SlackStandIn, videosdk_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_mode, "_FIRST_TRY", 0.1)
    slack_standin.faults.plan(Fault(delay=20), path="connections.open")

    async with asyncio.timeout(3), open_bot(settings(slack_standin, videosdk_url)) as bot:
        assert await status(f"http://127.0.0.1:{bot.port}/readyz") == 503


async def test_a_token_that_is_rejected_once_slack_is_back_ends_the_bot(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    slack_standin.faults.plan(
        Fault(503, b'{"ok": false, "error": "service_unavailable"}'), path="connections.open"
    )
    with pytest.raises(SettingsError, match="invalid_auth"):
        async with open_bot(settings(slack_standin, videosdk_url, "xapp-wrong")) as bot:
            await asyncio.wait_for(until_stopped(bot, asyncio.Event()), 5)


async def test_a_taken_port_is_one_sentence_with_socket_mode_too(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:  # noqa: S104 - as the bot does
        port = taken.getsockname()[1]
        on_it = replace(settings(slack_standin, videosdk_url), port=port)
        with pytest.raises(StartError, match="can't listen"):
            async with open_bot(on_it):
                pass

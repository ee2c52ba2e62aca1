"""Socket Mode opens, waits for Slack, and closes when the last answer is out."""

import asyncio

import pytest

from bot.app import open_bot
from bot.sandbox.faults import Fault
from bot.sandbox.slack import SlackStandIn
from bot.sandbox.videosdk import VideoSDKStandIn
from bot.settings import Settings, StartError
from tests.conftest import APP_TOKEN, environment
from tests.logged import request_lines


def settings(slack: SlackStandIn, videosdk_url: str, app_token: str = APP_TOKEN) -> Settings:
    """Return the settings of a bot that comes to this Slack by itself."""
    return Settings.from_env(
        environment(
            SLACK_APP_TOKEN=app_token,
            SLACK_API_URL=f"{slack.url}/api",
            VIDEOSDK_API_ENDPOINT=videosdk_url,
        )
    )


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


async def test_an_answer_that_is_being_made_goes_out_before_the_socket_closes(
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


async def test_a_refused_token_stops_the_bot_with_a_sentence(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    with pytest.raises(StartError, match=r"Slack refuses SLACK_APP_TOKEN \(invalid_auth\)"):
        async with open_bot(settings(slack_standin, videosdk_url, "xapp-wrong")):
            pass


async def test_a_slack_that_is_down_at_the_start_is_waited_for(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    slack_standin.faults.plan(Fault(reset=True), Fault(reset=True), path="connections.open")
    async with open_bot(settings(slack_standin, videosdk_url)):
        await until_connected(slack_standin)

        assert (await slack_standin.command("/meet")).error == ""

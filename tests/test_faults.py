"""Whatever VideoSDK does, people get one answer in time, and never two meetings."""

import logging
import re
from collections.abc import Callable

import pytest

from bot.app import open_bot
from bot.sandbox.faults import PRESETS, Fault
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import USERS, ChannelMessage
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.settings import Settings
from bot.slack.wording.errors import CAUSES
from bot.telemetry import logs
from bot.videosdk import (
    VideoSDKBadReplyError,
    VideoSDKBrokenError,
    VideoSDKInterruptedError,
    VideoSDKUnauthorizedError,
)
from tests.conftest import (
    API_KEY,
    BOT_TOKEN,
    NOBODY,
    SECRET_KEY,
    SIGNING_SECRET,
    environment,
)

ID = "87i6-bvw8-dtn1"
REFERENCE = re.compile(r"\(Reference: `[0-9a-f]{8}`\)$")
CAUSE = {
    "reset": VideoSDKInterruptedError,
    "401": VideoSDKUnauthorizedError,
    "500": VideoSDKBrokenError,
    "other-meeting": VideoSDKBadReplyError,
}


# tests/videosdk checks which error a fault becomes; tests/slack/wording checks what it says.
@pytest.mark.parametrize(
    ("line", "key"),
    [("/meet standup eu001", key) for key in CAUSE]
    + [("/meet-check {}", key) for key in ("402", "500")],
)
async def test_a_fault_is_reported_privately_in_time_with_a_reference(
    key: str,
    line: str,
    slack: SlackStandIn,
    videosdk_standin: VideoSDKStandIn,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    await slack.command("/meet standup")
    [meeting_id] = videosdk_standin.meetings
    videosdk_standin.requests.clear()
    videosdk_standin.faults.always(PRESETS[key][1], path="/v1/meetings")

    delivery = await slack.command(line.format(meeting_id))

    assert (delivery.error, delivery.ms < 3000) == ("", True)
    reply = delivery.messages[-1]
    assert reply.visible_to == USERS[0].id
    if line.startswith("/meet-check") and key == "402":  # so VideoSDK answers about unknown ones
        assert meeting_id in reply.text
    else:
        assert CAUSES[CAUSE[key]][0] in reply.text
        assert REFERENCE.search(reply.text)
    assert len([r for r in videosdk_standin.requests if "/v1/meetings" in r.path]) <= 2
    assert len(videosdk_standin.meetings) == 1
    assert secrets_in(caplog) == []


async def test_a_wrong_endpoint_is_recognised(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.always(PRESETS["404"][1])

    reply = (await slack.command("/meet standup")).messages[-1]

    assert "VIDEOSDK_API_ENDPOINT" in reply.text


@pytest.mark.parametrize("line", ["/meet standup", f"/meet-check {ID}"])
async def test_a_refused_connection_is_reported(line: str, slack_standin: SlackStandIn) -> None:
    settings = Settings.from_env(environment(VIDEOSDK_API_ENDPOINT=NOBODY))
    async with open_bot(settings) as bot:
        slack_standin.events_url = f"http://127.0.0.1:{bot.port}/slack/events"

        reply = (await slack_standin.command(line)).messages[-1]

    assert "couldn't reach VideoSDK" in reply.text
    assert REFERENCE.search(reply.text)
    assert reply.visible_to == USERS[0].id


async def test_a_rate_limit_that_ends_within_a_second_is_waited_out(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(Fault(status=429, headers={"Retry-After": "1"}))

    delivery = await slack.command("/meet standup")

    assert delivery.messages[-1].visible_to is None
    assert len(videosdk_standin.meetings) == 1


async def test_a_longer_rate_limit_is_reported(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(Fault(status=429))

    delivery = await slack.command("/meet standup")

    assert "too many requests" in delivery.messages[-1].text
    assert "in a minute" in delivery.messages[-1].text


async def test_a_slow_meeting_is_announced_and_its_card_follows(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(Fault(delay=2.4))

    delivery = await slack.command("/meet standup")

    assert delivery.ms < 3000
    assert "still being created" in delivery.messages[-1].text
    assert REFERENCE.search(delivery.messages[-1].text)
    card = (await slack.messages_until(has(lambda m: m.visible_to is None and m.blocks)))[-1]
    assert "started a meeting" in card.text
    assert len(videosdk_standin.meetings) == 1
    assert len(videosdk_standin.requests) == 1


async def test_a_provider_that_gives_up_late_is_announced_and_its_failure_follows(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.always(Fault(delay=2.4, reset=True), path="/v1/meetings")

    delivery = await slack.command(f"/meet-check {ID}")

    assert delivery.ms < 3000
    assert "still being" in delivery.messages[-1].text
    videosdk_standin.faults.always(Fault(reset=True), path="/v1/meetings")
    reply = (await slack.messages_until(has(lambda m: "VideoSDK broke" in m.text)))[-1]
    assert reply.visible_to == USERS[0].id
    assert REFERENCE.search(reply.text)


async def test_a_trickling_answer_is_announced_and_its_card_follows(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(Fault(trickle=0.01))

    delivery = await slack.command("/meet standup")

    assert delivery.ms < 3000
    assert "still being" in delivery.messages[-1].text
    await slack.messages_until(has(lambda m: "started a meeting" in m.text))


def has(condition: Callable[[ChannelMessage], object]) -> Callable[[list[ChannelMessage]], bool]:
    """Return a predicate that applies a condition to the newest message."""
    return lambda messages: bool(condition(messages[-1]))


def secrets_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the secrets that appear in the log's output."""
    formatter = logs.LineFormatter()
    written = "\n".join(formatter.format(record) for record in caplog.records)
    secrets = [API_KEY, SECRET_KEY, SIGNING_SECRET, BOT_TOKEN, "eyJ"]
    return [secret for secret in secrets if secret in written.replace("eyJ…", "")]

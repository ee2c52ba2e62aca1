"""The person who started a meeting can end it for everyone, and permanently close its links."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.app import open_bot
from bot.participant_ids import CallRef, new_visitor, participant_id
from bot.sandbox.faults import Fault
from bot.sandbox.slack.blockkit import buttons, with_ids
from bot.sandbox.slack.calls import SlackCall
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import CHANNELS, TEAM_ID, USERS, ChannelMessage
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.settings import Settings
from bot.workspace import Workspace
from tests.conftest import LiveSettings, until

ANN, BEN = USERS[0].id, USERS[1].id
MENU, CLOSE = "meeting_menu", "close_meeting"
OVER = "This meeting is already over."
NOBODY_IN = "Nobody's in this meeting right now, so there's nothing to end."
KINDS: dict[str, dict[str, str | None]] = {
    "v1": {"VIDEOSDK_API_VERSION": "v1"},
    "plain": {"LIVE_CARDS": "off"},
    "live": {},
}


@pytest.fixture(params=KINDS)
async def slack(
    request: pytest.FixtureRequest, live_settings: LiveSettings, videosdk_standin: VideoSDKStandIn
) -> AsyncIterator[SlackStandIn]:
    """Slack with a bot that has plain or live cards; webhooks are lost."""
    videosdk_standin.listing_lag = 0
    videosdk_standin.webhooks.paused = True
    settings = Settings.from_env(live_settings.environment(0, **KINDS[request.param]))
    async with open_bot(settings) as bot:
        live_settings.slack.events_url = f"http://127.0.0.1:{bot.port}/slack/events"
        yield live_settings.slack


of_live_cards = pytest.mark.parametrize("slack", ["live"], indirect=True)
by_version_2 = pytest.mark.parametrize("slack", ["plain", "live"], indirect=True)


async def start(slack: SlackStandIn, line: str = "/meet standup") -> ChannelMessage:
    return (await slack.command(line, user=ANN)).messages[-1]


def call_of(slack: SlackStandIn, card: ChannelMessage) -> SlackCall | None:
    """Return the call of a card as it is now, if the card is a live one."""
    found = [block["call_id"] for block in card.blocks or [] if block["type"] == "call"]
    return slack.workspace.calls.get(found[0]) if found else None


def participant(slack: SlackStandIn, card: ChannelMessage) -> str:
    """Return the participant ID of somebody who joins from a card."""
    call = call_of(slack, card)
    made = CallRef(call.id, Workspace(TEAM_ID), call.date_start) if call else None
    return participant_id(made, new_visitor())


def was_held(standin: VideoSDKStandIn, meeting_id: str, who: str, ago: float) -> None:
    """Hold a meeting with one person, which ended a moment ago."""
    standin.join(meeting_id, "Ann", who, ago=ago)
    standin.leave(meeting_id, who)


def is_on(standin: VideoSDKStandIn, meeting_id: str) -> bool:
    return standin._sessions.running(meeting_id) is not None


async def end(slack: SlackStandIn, card: ChannelMessage, user: str = ANN) -> ChannelMessage:
    """Choose "End for everyone" in a card's menu, and return the answer."""
    [option] = next(b["accessory"] for b in card.blocks or [] if "accessory" in b)["options"]
    ended = await slack.click(card, MENU, user=user, value=option["value"])
    assert ended.error == ""
    return ended.messages[-1]


def pressables(message: ChannelMessage) -> list[str]:
    return [one["action_id"] for block in message.blocks or [] for one in buttons(block)]


async def test_the_person_who_started_a_meeting_can_end_it_for_everyone(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    card = await start(slack)
    [meeting_id] = videosdk_standin.meetings
    videosdk_standin.join(meeting_id, "Ben", participant(slack, card))

    ended = await end(slack, card)

    assert ended.visible_to is None
    assert ended.text == f"<@{ANN}> ended the meeting for everyone."
    assert not is_on(videosdk_standin, meeting_id)
    if call := call_of(slack, card):
        await until(lambda: slack.workspace.calls.get(call.id).ended_at)


async def test_nobody_else_can_end_a_meeting(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    card = await start(slack)
    [meeting_id] = videosdk_standin.meetings
    videosdk_standin.join(meeting_id, "Ben", participant(slack, card))

    refused = await end(slack, card, user=BEN)

    assert refused.visible_to == BEN
    assert refused.text == (
        f"Only <@{ANN}>, who started this meeting, can end it for everyone. Please ask them."
    )
    assert is_on(videosdk_standin, meeting_id)


async def test_ending_a_meeting_that_nobody_joined_only_ends_its_card(
    slack: SlackStandIn,
) -> None:
    card = await start(slack)

    for _ in range(2):
        reply = await end(slack, card)
        assert (reply.visible_to, reply.text) == (ANN, NOBODY_IN)

    call = call_of(slack, card)
    assert call is None or call.ended_at is not None


async def test_ending_an_ended_meeting_says_so_privately(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    card = await start(slack)
    [meeting_id] = videosdk_standin.meetings
    was_held(videosdk_standin, meeting_id, participant(slack, card), ago=600)

    reply = await end(slack, card)

    assert (reply.visible_to, reply.text) == (ANN, OVER)


@of_live_cards
@pytest.mark.parametrize("later_runs", [0, 5])
async def test_the_menu_of_an_older_card_does_not_end_the_current_run(
    later_runs: int, slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    old = await start(slack)
    [meeting_id] = videosdk_standin.meetings
    videosdk_standin.join(meeting_id, "Ann", participant(slack, old), ago=7200)
    await end(slack, old)
    await slack.calls_until(lambda calls: calls[0].ended_at is not None)
    for number in range(later_runs):
        was_held(videosdk_standin, meeting_id, f"somebody{number}", ago=600 - number)
    card = await start(slack)
    videosdk_standin.join(meeting_id, "Ben", participant(slack, card))

    reply = await end(slack, old)

    assert (reply.visible_to, reply.text) == (ANN, OVER)
    assert is_on(videosdk_standin, meeting_id)
    call = call_of(slack, card)
    assert call is not None
    assert call.ended_at is None


@by_version_2
async def test_a_meeting_can_be_ended_without_its_sessions(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    card = await start(slack)
    [meeting_id] = videosdk_standin.meetings
    videosdk_standin.join(meeting_id, "Ben", participant(slack, card))
    videosdk_standin.faults.always(Fault(status=500), path="/v2/sessions/")
    videosdk_standin.faults.plan(Fault(), path="/v2/sessions/end")

    assert "ended the meeting" in (await end(slack, card)).text
    assert not is_on(videosdk_standin, meeting_id)


@pytest.mark.parametrize("call_id", [None, "R0OLD1234"])
async def test_a_menu_of_version_1_0_0_ends_the_meeting(
    call_id: str | None, slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    await start(slack)
    [meeting_id] = videosdk_standin.meetings
    videosdk_standin.join(meeting_id, "Ben", f"{call_id}-x7k2m9qa" if call_id else "x7k2m9qa")
    slack.faults.always(Fault(status=500), path="calls.")  # Slack's answer doesn't tell the outcome
    option = {"text": {"type": "plain_text", "text": "End for everyone"}}
    option["value"] = json.dumps([meeting_id, ANN, call_id])  # type: ignore[assignment] # a text
    menu: dict[str, Any] = {"type": "overflow", "action_id": MENU, "options": [option]}
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "Ann"}, "accessory": menu}
    channel = CHANNELS[0].id
    card = slack.workspace.post(channel, "app", "A card", blocks=with_ids([section]))

    ended = await end(slack, card)

    assert ended.text == f"<@{ANN}> ended the meeting for everyone."
    assert not is_on(videosdk_standin, meeting_id)


@by_version_2
async def test_the_links_of_a_meeting_that_was_ended_can_be_closed(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    card = await start(slack)
    [meeting_id] = videosdk_standin.meetings
    videosdk_standin.join(meeting_id, "Ben", participant(slack, card))
    ended = await end(slack, card)

    refused = (await slack.click(ended, CLOSE, user=BEN)).messages[-1]
    assert refused.visible_to == BEN
    assert refused.text.startswith(f"Only <@{ANN}>, who started this meeting, can close its links.")
    assert "disabled" not in videosdk_standin.meetings[meeting_id]

    closed = (await slack.click(ended, CLOSE, user=ANN)).messages[-1]
    assert closed.visible_to is None
    assert (
        closed.text
        == f"<@{ANN}> closed this meeting's join links. Nobody can join with them any more."
    )
    assert videosdk_standin.meetings[meeting_id]["disabled"] is True


@by_version_2
async def test_a_name_whose_links_were_closed_has_a_new_room_for_commands_and_checks(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    card = await start(slack)
    [closed_id] = videosdk_standin.meetings
    await slack.click(await end(slack, card), CLOSE)

    gone = (await slack.command("/meet-check standup")).messages[-1]
    assert "or a meeting with that name here" in gone.text
    off = (await slack.command(f"/meet-check {closed_id}")).messages[-1]
    assert "has been closed" in off.text

    fresh = await start(slack)
    fresh_id = list(videosdk_standin.meetings)[1]
    assert fresh_id in fresh.text
    found = (await slack.command("/meet-check Standup")).messages[-1]
    assert fresh_id in found.text
    assert "This meeting ID is valid." in found.text
    call = call_of(slack, card)
    assert call is None or call.ended_at is not None


@by_version_2
@pytest.mark.parametrize(
    ("status", "reply"),
    [
        (500, "I can't tell whether the links still work"),
        (403, "so the links still work"),
    ],
)
async def test_links_that_videosdk_does_not_close_may_still_work(
    status: int, reply: str, slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    ended = await end(slack, await start(slack))
    videosdk_standin.faults.always(Fault(status=status), path="/rooms/deactivate")

    answer = (await slack.click(ended, CLOSE)).messages[-1]

    assert answer.visible_to == ANN
    assert reply in answer.text


async def test_only_version_2_offers_to_close_links(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    reply = await end(slack, await start(slack))

    is_version_2 = videosdk_standin.requests[0].path.startswith("/v2")
    assert pressables(reply) == ([CLOSE] if is_version_2 else [])


@pytest.mark.parametrize("slack", ["v1"], indirect=True)
async def test_an_old_button_from_version_2_says_that_closing_needs_version_2(
    slack: SlackStandIn,
) -> None:
    button = {
        "type": "button",
        "action_id": CLOSE,
        "text": {"type": "plain_text", "text": "Close join links"},
        "value": json.dumps(["87i6-bvw8-dtn1", ANN, None]),
    }
    blocks = with_ids([{"type": "actions", "elements": [button]}])
    old = slack.workspace.post(CHANNELS[0].id, "app", "ended", blocks=blocks)

    reply = (await slack.click(old, CLOSE, user=ANN)).messages[-1]

    assert reply.visible_to == ANN
    assert "that needs version 2 of VideoSDK" in reply.text


@of_live_cards
async def test_a_meeting_without_a_name_can_be_closed_while_people_are_in_it(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    card = await start(slack, "/meet")
    [meeting_id] = videosdk_standin.meetings
    reply = await end(slack, card)
    assert reply.text == NOBODY_IN
    videosdk_standin.join(meeting_id, "Ben", participant(slack, card))

    await slack.click(reply, CLOSE)

    assert is_on(videosdk_standin, meeting_id)

"""Answers to commands, with Slack, the bot and VideoSDK over real HTTP."""

import json
import re
from typing import Any

import pytest

from bot.sandbox.faults import PRESETS
from bot.sandbox.slack.blockkit import with_ids
from bot.sandbox.slack.delivered import Delivered
from bot.sandbox.slack.payloads import slash_command
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import CHANNELS, USERS, ChannelMessage
from bot.sandbox.videosdk.standin import VideoSDKStandIn

FIVE_HUNDRED = PRESETS["500"][1]
ANN, BEN = USERS[0].id, USERS[1].id
PUBLIC, PRIVATE, DIRECT = (channel.id for channel in CHANNELS)


def answer(delivery: Delivered) -> ChannelMessage:
    """Return the bot's answer: the last message after a command."""
    assert delivery.error == ""
    assert delivery.messages[-1].kind == "app"
    return delivery.messages[-1]


def said(message: ChannelMessage) -> str:
    """Return everything that a message shows, as JSON."""
    return json.dumps([message.text, message.blocks], ensure_ascii=False)


def pressable(slack: SlackStandIn, element: dict[str, Any]) -> ChannelMessage:
    """Post a message with a button or a menu, as another version of the bot did."""
    blocks = with_ids([{"type": "actions", "elements": [element]}])
    return slack.workspace.post(PUBLIC, "app", "An older card", blocks=blocks)


def header(message: ChannelMessage) -> Any:
    """Return the text of a card's header."""
    return (message.blocks or [])[0]["text"]["text"]


@pytest.mark.parametrize("channel", [PUBLIC, PRIVATE, DIRECT])
async def test_meet_posts_a_card_for_everyone(
    channel: str, slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    card = answer(await slack.command("/meet Weekly sync us001", channel=channel))

    [meeting_id] = videosdk_standin.meetings
    assert (card.visible_to, header(card)) == (None, "Weekly sync")
    assert "Fremont, CA · `us001`" in said(card)
    assert f"`{meeting_id}`" in said(card)
    assert f"https://meet.example.com/{meeting_id}" in said(card)
    assert f"<@{ANN}>" in said(card)
    assert "End for everyone" in said(card)


async def test_the_top_level_text_tells_the_whole_story(slack: SlackStandIn) -> None:
    card = answer(await slack.command("/meet Weekly sync us001"))

    assert re.fullmatch(
        r"Weekly sync: <@\w+> started a meeting\. Meeting ID [a-z0-9-]{14}, region Fremont, CA\. "
        r"Join: <https://meet\.example\.com/[a-z0-9-]{14}\|join link>",
        card.text,
    )


async def test_meet_alone_starts_a_meeting_without_a_name(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    card = answer(await slack.command("/meet"))

    [meeting] = videosdk_standin.meetings.values()
    assert header(card) == "Meeting"
    assert re.fullmatch(r"meeting-[0-9a-f]{16}-[0-9a-f]{8}", meeting["userMeetingId"])


@pytest.mark.parametrize("oddity", ["same", "refuse409"])
async def test_a_command_that_slack_sends_twice_creates_no_second_room(
    oddity: str, slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.repeated_id = oddity  # type: ignore[assignment] # a literal of the stand-in
    payload = slash_command(USERS[0], CHANNELS[0], "/meet", f"{slack.url}/response/x")

    for _ in range(2):
        assert "started a meeting" in (await slack.deliver(payload)).answer["text"]

    assert len(videosdk_standin.meetings) == 1


async def test_the_same_name_in_the_same_channel_is_the_same_room(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    await slack.command("/meet standup", user=ANN)
    await slack.command("/meet Standup", user=BEN)
    assert len(videosdk_standin.meetings) == 1

    await slack.command("/meet standup", channel=PRIVATE)
    assert len(videosdk_standin.meetings) == 2


async def test_a_room_that_was_opened_in_another_region_says_so(slack: SlackStandIn) -> None:
    await slack.command("/meet standup us001")

    card = answer(await slack.command("/meet standup eu001"))

    assert "Fremont, CA" in said(card)
    assert "Requested region: Frankfurt, DE" in said(card)


async def test_a_region_that_videosdk_does_not_echo_is_not_claimed(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.echoes_region = False

    card = answer(await slack.command("/meet standup eu001"))

    assert "*Region*" not in said(card)
    assert "didn't say which region" in said(card)


@pytest.mark.parametrize("oddity", ["new", "refuse400", "refuse409"])
async def test_a_repeated_name_works_whatever_videosdk_does_with_it(
    oddity: str, slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.repeated_id = oddity  # type: ignore[assignment] # a literal of the stand-in
    await slack.command("/meet standup")

    card = answer(await slack.command("/meet standup"))

    assert header(card) == "standup"
    assert len(videosdk_standin.meetings) == 2


@pytest.mark.parametrize("text", ["help", "?", "HELP", "--help", "“help”"])
async def test_help_is_help_and_only_in_quotes_a_name(
    text: str, slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    shown = answer(await slack.command(f"/meet {text}"))

    is_name = text == "“help”"
    assert (shown.visible_to is None) == is_name
    assert len(videosdk_standin.meetings) == is_name
    assert is_name or ("/meet-check" in shown.text and "Frankfurt" in shown.text)


@pytest.mark.parametrize("line", ["/meet-check", "/meet-check help"])
async def test_an_empty_check_is_answered_with_help(line: str, slack: SlackStandIn) -> None:
    shown = answer(await slack.command(line))

    assert shown.visible_to == ANN
    assert "*`/meet-check [meeting ID or link]`*" in shown.text
    assert "The name of a meeting" not in shown.text  # version 1 finds none by name


async def test_a_command_that_this_deployment_does_not_have_is_answered(
    slack: SlackStandIn,
) -> None:
    payload = slash_command(USERS[0], CHANNELS[0], "/zoom", f"{slack.url}/response/x")

    ack = await slack.deliver(payload)

    assert "I answer to `/meet` and `/meet-check`." in ack.answer["text"]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("/meet x uk001", "Did you mean Frankfurt, DE? Then type `/meet x eu001`"),
        ("/meet study CS101", 'put the name in quotes: `/meet "study CS101"`'),
        ("/meet us001 standup", "`/meet standup us001`"),
        ("/meet region:us001", "`/meet us001`"),
        ("/meet --verbose", "I don't know the option `--verbose`"),
        ("/meet " + "x" * 81, "the limit is 80"),
        ("/meet-check the one from monday", "An ID looks like"),
        ("/meet-check aaaa-bbbb-cccc dddd-eeee-ffff", "one at a time"),
    ],
)
async def test_senseless_input_is_answered_privately_without_asking_videosdk(
    line: str, hint: str, slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    shown = answer(await slack.command(line))

    assert shown.visible_to == ANN
    assert hint in shown.text
    assert videosdk_standin.requests == []


@pytest.mark.parametrize(
    "name", ["<!channel>", "<@U04JONASBK>", "*bold* `code`", "<script>", "שלום", "日本語 🎉", "a&b"]
)
async def test_a_hostile_name_is_shown_as_it_was_typed_and_does_nothing(
    name: str, slack: SlackStandIn
) -> None:
    card = answer(await slack.command(f"/meet {name}"))

    assert header(card).strip("@") in name
    assert "<!" not in card.text
    assert card.text.count("<@") == 1
    assert card.blocks
    assert card.blocks[0]["text"]["type"] == "plain_text"


async def test_a_check_says_privately_that_an_id_is_valid(slack: SlackStandIn) -> None:
    card = answer(await slack.command("/meet standup"))
    meeting_id = re.findall(r"Meeting ID (\S+),", card.text)[0]

    shown = answer(await slack.command(f"/meet-check `{meeting_id.upper()}`", user=BEN))

    assert shown.visible_to == BEN
    assert "valid" in shown.text
    assert "Not held yet" in said(shown)
    assert "standup" not in said(shown)  # its id has only what is left of its name
    assert "share_meeting" in said(shown)
    assert "join_meeting" in said(shown)


async def test_a_check_says_who_is_in_and_when_it_was_last_held(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.listing_lag = 0
    await slack.command("/meet standup")
    [meeting_id] = videosdk_standin.meetings
    people = [videosdk_standin.join(meeting_id, name) for name in ("Ann", "Ben")]

    live = answer(await slack.command(f"/meet-check {meeting_id}"))
    assert "Live now · 2 people · <!date" in live.text

    for person in people:
        videosdk_standin.leave(meeting_id, person)
    over = answer(await slack.command(f"/meet-check https://meet.example.com/{meeting_id}"))
    assert "Last held" in over.text


async def test_a_check_without_sessions_still_says_that_the_id_is_valid(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    await slack.command("/meet standup")
    [meeting_id] = videosdk_standin.meetings
    videosdk_standin.faults.always(FIVE_HUNDRED, path="/meeting-sessions")

    shown = answer(await slack.command(f"/meet-check {meeting_id}"))

    assert "valid" in shown.text
    assert "couldn't find out" in shown.text


async def test_a_check_recognises_unknown_and_disabled_meetings(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    unknown = answer(await slack.command("/meet-check aaaa-bbbb-cccc"))
    assert "aaaa-bbbb-cccc" in unknown.text
    assert unknown.visible_to == ANN

    await slack.command("/meet standup")
    [meeting_id] = videosdk_standin.meetings
    videosdk_standin.meetings[meeting_id]["disabled"] = True
    off = answer(await slack.command(f"/meet-check {meeting_id}"))
    assert "has been closed" in off.text


async def test_an_id_is_checked_as_people_read_it_out(slack: SlackStandIn) -> None:
    card = answer(await slack.command("/meet"))
    meeting_id = re.findall(r"Meeting ID (\S+),", card.text)[0]

    for typed in (meeting_id.replace("-", " "), meeting_id.replace("-", "").upper()):
        assert "valid" in answer(await slack.command(f"/meet-check {typed}")).text
    unknown = answer(await slack.command("/meet-check aaaa bbbb cccc"))
    assert "No meeting has the ID `aaaa-bbbb-cccc`" in unknown.text


async def test_share_posts_the_card_of_a_checked_meeting_to_the_channel(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    await slack.command("/meet standup eu001", channel=PRIVATE)
    [meeting_id] = videosdk_standin.meetings
    shown = answer(await slack.command(f"/meet-check {meeting_id}", user=BEN))

    shared = answer(await slack.click(shown, "share_meeting", user=BEN))

    assert (shared.visible_to, shared.channel) == (None, PUBLIC)
    assert f"<@{BEN}> shared a meeting" in shared.text
    assert "Frankfurt, DE" in said(shared)
    assert shown.id in slack.workspace.messages


async def test_a_share_button_of_version_1_0_0_shares_the_meeting(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    await slack.command("/meet standup")
    [meeting_id] = videosdk_standin.meetings
    value = f'["{meeting_id}", "standup", "sg001"]'
    old = pressable(slack, {"type": "button", "action_id": "share_meeting", "value": value})

    shared = answer(await slack.click(old, "share_meeting", user=BEN))

    assert header(shared) == "standup"
    assert f"<@{BEN}> shared a meeting. Meeting ID {meeting_id}" in shared.text


async def test_join_is_acknowledged_although_the_browser_does_the_work(slack: SlackStandIn) -> None:
    card = answer(await slack.command("/meet standup"))

    clicked = await slack.click(card, "join_meeting", user=BEN)

    assert (clicked.status, clicked.error, clicked.messages) == (200, "", [])

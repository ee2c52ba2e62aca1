"""The link of a meeting that has ended lets nobody join unseen, and can start it again."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.slack.workspace import CHANNELS, USERS, ChannelMessage
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.slack.listeners.shortcuts import HERE
from tests.conftest import LiveSettings
from tests.web.joining import OURS, PUBLIC, JoinBot, Page, join_bot

ANN = USERS[0].id
GENERAL, PRIVATE, DIRECT = (channel.id for channel in CHANNELS)
WRITES = {"commands", "calls:write", "chat:write", "chat:write.public"}


@pytest.fixture
async def bot(
    live_settings: LiveSettings, videosdk_standin: VideoSDKStandIn
) -> AsyncIterator[JoinBot]:
    async with join_bot(live_settings, videosdk_standin) as bot:
        yield bot


def is_of(page: Page, call_id: str) -> bool:
    """Return whether a page's participant appears on a call's card."""
    return page.participant.startswith(f"{call_id}-")


def spoken(card: ChannelMessage) -> str:
    """Return a message's text without its link."""
    return re.sub(r"<http[^>]*>", "…", card.text)


async def test_after_the_end_the_link_says_when_that_was_and_admits_nobody(bot: JoinBot) -> None:
    path = await bot.held("/meet standup :coffee:")

    page = await bot.open(path)

    assert (page.status, page.frame, page.visitor) == (200, "", "")
    assert page.title == "standup ☕ has ended"
    assert re.match(r"It ended just now, at \d\d:\d\d UTC\. Start it again, ", page.paragraph)
    assert page.choices == {"Start again": "again"}
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert bot.posted == []


async def test_starting_again_posts_one_card_and_opens_the_room(bot: JoinBot) -> None:
    path = await bot.held()
    [meeting_id] = bot.videosdk.meetings

    pressed = await bot.press(path)

    [card] = bot.posted
    assert (card.channel, card.thread, card.visible_to) == (GENERAL, None, None)
    assert spoken(card) == (
        f"standup: This meeting was started again from its link. Meeting ID {meeting_id}. Join: …"
    )
    assert "End for everyone" in str(card.blocks)
    assert (pressed.status, pressed.frame) == (303, "")
    for opened in (pressed.goes_to, path, bot.link(card)):
        page = await bot.open(opened)
        assert is_of(page, bot.call(card).id)
        assert page.frame_query["meetingId"] == meeting_id
    assert bot.posted == [card]


async def test_a_meeting_of_a_thread_is_started_again_there(bot: JoinBot) -> None:
    source = bot.slack.workspace.post(GENERAL, "user", "Red again", user=ANN)
    path = bot.link((await bot.slack.shortcut(HERE, source)).messages[-1])
    await bot.enter(path, "Ann", ago=600)
    bot.leave_all()
    bot.reset_counts()

    await bot.press(path)

    [card] = bot.posted
    assert (card.thread, bot.call(card).title) == (source.id, "Red again")


async def test_the_link_of_an_older_card_joins_the_current_run(bot: JoinBot) -> None:
    old = await bot.held()
    card = await bot.start()
    await bot.enter(bot.link(card), "Ben")
    bot.reset_counts()

    page = await bot.open(old)

    assert is_of(page, bot.call(card).id)
    assert bot.posted == []


async def test_two_people_who_start_again_at_once_share_a_card(bot: JoinBot) -> None:
    path = await bot.held()

    pressed = await asyncio.gather(*(bot.press(path) for _ in range(3)))

    [card] = bot.posted
    assert {page.status for page in pressed} == {303}
    for page in pressed:
        assert is_of(await bot.open(page.goes_to), bot.call(card).id)


async def test_a_room_is_started_again_once_a_minute(bot: JoinBot) -> None:
    path = await bot.held()
    first = await bot.press(path)
    await bot.enter(first.goes_to, "Ann", ago=600)
    bot.leave_all()
    bot.reset_counts()

    second = await bot.press(path)

    assert (second.status, bot.posted) == (303, [])


async def test_a_meeting_that_goes_on_is_joined_and_not_started_again(bot: JoinBot) -> None:
    card = await bot.start()
    await bot.enter(bot.link(card), "Ann")
    bot.reset_counts()

    pressed = await bot.press(bot.link(card))

    assert is_of(await bot.open(pressed.goes_to), bot.call(card).id)
    assert bot.posted == []


@pytest.mark.parametrize(
    ("channel", "scopes"),
    [
        (GENERAL, {"commands", "calls:write"}),  # missing_scope
        (GENERAL, WRITES - {"chat:write.public"}),  # not_in_channel
        (PRIVATE, WRITES),  # channel_not_found
        (DIRECT, WRITES),  # channel_not_found
    ],
)
async def test_if_slack_rejects_the_card_people_join_without_it_or_type_the_command(
    channel: str, scopes: set[str], bot: JoinBot
) -> None:
    path = await bot.held(channel=channel)
    bot.slack.scopes = scopes

    refused = await bot.press(path)

    assert (refused.status, refused.title) == (200, "I can't post in that channel")
    assert refused.choices == {"Join without a card": "quietly"}
    assert "<code>/meet standup</code>" in refused.text
    [_, discarded] = bot.calls()
    assert discarded.ended_at is not None
    page = await bot.press(path, "quietly")
    assert page.status == 200
    assert page.frame_query["meetingId"] in bot.videosdk.meetings
    assert bot.posted == []


@pytest.mark.parametrize(
    ("line", "shown"),
    [("/meet", "/meet"), ('/meet "room uk001"', "/meet &quot;room uk001&quot;")],
)
async def test_the_command_is_shown_as_it_has_to_be_typed(
    line: str, shown: str, bot: JoinBot
) -> None:
    path = await bot.held(line, channel=DIRECT)

    assert f"<code>{shown}</code>" in (await bot.press(path)).text


@pytest.mark.parametrize("fault", [Fault(status=500), Fault(reset=True)])
async def test_a_failing_slack_keeps_nobody_out(fault: Fault, bot: JoinBot) -> None:
    path = await bot.held()
    bot.slack.faults.always(fault, path="chat.postMessage")

    assert "Join without a card" in (await bot.press(path)).choices

    bot.slack.faults.forget()
    assert (await bot.press(path)).status == 303


async def test_a_card_that_cannot_be_live_is_a_plain_one_and_the_room_opens(bot: JoinBot) -> None:
    path = await bot.held()
    bot.slack.scopes = WRITES - {"calls:write"}

    pressed = await bot.press(path)

    [card] = bot.posted
    assert next(block["type"] for block in card.blocks or []) == "header"
    assert (await bot.open(pressed.goes_to)).participant.isalnum()


async def test_sessions_that_cannot_be_read_keep_nobody_out(bot: JoinBot) -> None:
    path = await bot.held()
    bot.videosdk.faults.always(Fault(status=500), path="/v2/sessions")

    page = await bot.open(path)

    assert is_of(page, bot.calls()[0].id)


async def test_people_who_are_in_but_on_no_card_are_counted(bot: JoinBot) -> None:
    path = await bot.held()
    [meeting_id] = bot.videosdk.meetings
    bot.videosdk.join(meeting_id, "Dana by phone")

    page = await bot.open(path)
    assert page.title == "1 person is in this meeting, but no card shows them"
    assert page.paragraph.startswith("Its card says it's over.")

    await bot.press(path)
    [card] = bot.posted
    await bot.slack.calls_until(
        lambda calls: [one.name for one in calls[-1].participants] == ["Dana by phone"]
    )
    assert bot.call(card) == bot.calls()[-1]


async def test_a_link_from_a_check_starts_a_meeting_that_nobody_has_started(bot: JoinBot) -> None:
    bot.slack.scopes = WRITES - {"calls:write"}
    await bot.start()
    bot.slack.scopes = WRITES
    checked = await bot.start("/meet-check standup", user=USERS[1].id)
    path = bot.link(checked)

    page = await bot.open(path)
    assert (page.title, page.frame) == ("Nobody's in this meeting yet", "")
    assert page.choices == {"Start the meeting": "again"}

    bot.reset_counts()
    pressed = await bot.press(path)
    [card] = bot.posted
    assert bot.call(card).created_by == USERS[1].id
    assert is_of(await bot.open(pressed.goes_to), bot.call(card).id)


async def test_a_link_of_version_1_0_0_shows_people_on_its_card_and_then_says_that_it_does_not(
    bot: JoinBot,
) -> None:
    card = await bot.start()
    [meeting_id] = bot.videosdk.meetings
    call = bot.call(card)
    path = bot.old_link(m=meeting_id, n="standup", c=call.id)

    page = await bot.open(path)
    assert is_of(page, call.id)
    assert "older link" not in page.text

    bot.videosdk.join(meeting_id, "Ann", f"{call.id}-x7k2m9qa", ago=600)  # as 1.0.0 named people
    await bot.slack.calls_until(lambda calls: [p.name for p in calls[0].participants] == ["Ann"])
    bot.leave_all()
    bot.reset_counts()
    page = await bot.open(path)
    assert page.frame_query["meetingId"] == meeting_id
    assert page.paragraph.startswith("This is an old link, so the card in Slack doesn't show")
    assert bot.posted == []

    pressed = await bot.press(path)
    assert pressed.title == "I can't post in that channel"
    assert bot.posted == []


@pytest.mark.parametrize(
    "headers",
    [
        OURS,
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Origin": f"{PUBLIC}:443"},
        {"Origin": PUBLIC.replace("bot", "BOT")},
        {},
    ],
)
async def test_our_own_page_is_known_by_any_of_its_headers(
    headers: dict[str, str], bot: JoinBot
) -> None:
    path = await bot.held()

    assert (await bot.press(path, headers=headers)).status == 303

    assert len(bot.posted) == 1
    assert (await bot.press(path, "quietly", headers=headers)).frame


async def test_only_our_own_page_starts_a_meeting_again(bot: JoinBot) -> None:
    others = [
        {"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "https://["},
        {"Origin": f"{PUBLIC}:99999"},
        {"Origin": f"{PUBLIC}.evil.example"},
        {"Origin": "http://bot.example.com"},
    ]
    path = await bot.held()

    for headers in others:
        assert (await bot.press(path, headers=headers)).status == 403
        assert not (await bot.press(path, "quietly", headers=headers)).frame
    assert bot.posted == []


@pytest.mark.parametrize("form", [b"", b"\xff=%ff&how", b"how=again&how=quietly", b"x" * 300_000])
async def test_a_form_that_our_page_does_not_send_starts_again_or_is_too_large(
    form: bytes, bot: JoinBot
) -> None:
    path = await bot.held()

    pressed: Any = await bot.open(path, "POST", headers=OURS, form=form)

    assert pressed.status == (413 if len(form) > 100 else 303)


async def test_a_meeting_cannot_be_started_again_while_videosdk_is_down(bot: JoinBot) -> None:
    path = await bot.held()
    bot.videosdk.faults.always(Fault(status=500))

    pressed = await bot.press(path)

    assert (pressed.status, bot.posted) == (503, [])

"""Everyone who joins by a link appears on a card, or may start the meeting again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from bot.caching import shared
from bot.links import Conversation, JoinLink, SignedLinks
from bot.meetings import LiveMeetings
from bot.participant_ids import CallRef
from bot.rooms.ids import RoomIds
from bot.rooms.rooms import Rooms
from bot.sandbox.faults import Fault
from bot.sandbox.slack.workspace import CHANNELS, TEAM_ID, USERS, ChannelMessage
from bot.slack.joining import Enter, Joining, NotPostedError, Over, PlainJoining
from bot.slack.live_cards import LiveCards
from bot.slack.live_invitations import LiveInvitations
from bot.slack.one_workspace import OneWorkspace
from bot.slack.plain_cards import PlainCards
from bot.videosdk import Meeting
from bot.workspace import Workspace
from tests.live import KEY, Rig, who
from tests.live import rig as open_rig

PUBLIC = "https://bot.example.com"
HERE = Conversation(Workspace(TEAM_ID), CHANNELS[0].id)


@dataclass
class Door:
    """A room with a card in a channel, and its `Joining`.

    Attributes:
        rig: the stand-ins.
        cards: the live cards.
        joining: decides what its links lead to.
        call: the card's call.
        link: the card's join link.
        meeting: the room.
        now: the moment of the clock that limits new starts.
    """

    rig: Rig
    cards: LiveCards
    joining: Joining
    call: CallRef
    link: JoinLink
    meeting: Meeting
    now: list[float]

    def end_meeting(self) -> None:
        """Hold a meeting of two people, and end it with its card."""
        for name in ("Ann", "Ben"):
            self.join(self.call, name)
        self.rig.standin.end(self.meeting.meeting_id)
        self.rig.slack.workspace.calls.end(self.call.call_id)

    def join(self, call: CallRef, name: str) -> None:
        """Let a person join by a card's link."""
        self.rig.standin.join(self.meeting.meeting_id, name, who(call, name))

    def posted(self) -> list[ChannelMessage]:
        """Return the channel's messages."""
        return list(self.rig.slack.workspace.messages.values())


def joining_of(rig: Rig, cards: LiveCards, now: list[float]) -> Joining:
    """Return a `Joining` as another process would have it."""
    ids = RoomIds(KEY)
    meetings = LiveMeetings(
        rig.videosdk,
        regions={},
        rooms=Rooms(rig.videosdk, ids),
        room_ids=ids,
        links=SignedLinks(PUBLIC, KEY),
    )
    return Joining(
        meetings,
        LiveInvitations(meetings, cards),
        cards,
        OneWorkspace(rig.client),
        clock=lambda: now[0],
    )


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    """A room with a live card, which nobody has joined yet."""
    async with open_rig() as rig:
        rig.standin.listing_lag = 0
        cards, now = rig.cards(), [1000.0]
        meeting_id = await rig.add_room()
        call = await rig.announce(cards, meeting_id)
        assert call is not None
        link = JoinLink(meeting_id, "standup", call, HERE, USERS[0].id)
        joining = joining_of(rig, cards, now)
        yield Door(rig, cards, joining, call, link, Meeting(meeting_id), now)


async def test_a_link_opens_its_room_on_its_card(door: Door) -> None:
    assert await door.joining.decide(door.link, door.meeting) == Enter(door.call)

    door.join(door.call, "Ann")
    assert await door.joining.decide(door.link, door.meeting) == Enter(door.call)


async def test_a_link_opens_its_room_on_its_card_in_a_new_process(
    door: Door,
) -> None:
    joining = joining_of(door.rig, door.rig.cards(), door.now)

    assert await joining.decide(door.link, door.meeting) == Enter(door.call)


async def test_an_old_link_joins_the_current_run(door: Door) -> None:
    door.end_meeting()
    newest = door.rig.add_call()
    door.join(newest, "Cleo")
    joining = joining_of(door.rig, door.rig.cards(), door.now)

    assert await joining.decide(door.link, door.meeting) == Enter(newest)


async def test_the_link_of_an_ended_meeting_admits_nobody(door: Door) -> None:
    door.end_meeting()
    [session] = door.rig.standin._sessions.records

    way = await door.joining.decide(door.link, door.meeting)

    assert isinstance(way, Over)
    assert way.inside == 0
    assert way.ended_at is not None
    assert way.ended_at.isoformat(timespec="milliseconds")[:23] == session["end"][:-1]


async def test_people_in_the_room_without_a_card_are_mentioned(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "SECONDS", 0)
    joining = joining_of(door.rig, door.rig.cards(), door.now)
    door.rig.slack.workspace.calls.end(door.call.call_id)
    assert await joining.decide(door.link, door.meeting) == Over()

    door.rig.standin.join(door.meeting.meeting_id, "Dana by phone")

    assert await joining.decide(door.link, door.meeting) == Over(inside=1)


async def test_if_the_sessions_cannot_be_read_people_can_join(door: Door) -> None:
    door.end_meeting()
    door.rig.standin.faults.always(Fault(500), path="/v2/sessions")

    assert await door.joining.decide(door.link, door.meeting) == Enter(door.call)


async def test_a_link_of_version_1_0_opens_its_room_and_says_so_once_its_card_has_ended(
    door: Door,
) -> None:
    old = CallRef(door.call.call_id)
    link = JoinLink(door.link.meeting_id, "standup", old)
    joining = joining_of(door.rig, door.rig.cards(), door.now)
    assert await joining.decide(link, door.meeting) == Enter(old)

    door.end_meeting()
    joining = joining_of(door.rig, door.rig.cards(), door.now)

    assert await joining.decide(link, door.meeting) == Enter(old, is_unseen=True)


async def test_a_plain_cards_link_opens_its_room(door: Door) -> None:
    door.end_meeting()
    joining = joining_of(door.rig, door.rig.cards(), door.now)
    link = JoinLink(door.link.meeting_id, "standup")

    assert await joining.decide(link, door.meeting) == Enter(None)


async def test_opening_a_link_starts_following_the_room(door: Door) -> None:
    cards = door.rig.cards()
    door.join(door.call, "Ann")

    await joining_of(door.rig, cards, door.now).decide(door.link, door.meeting)
    await cards.drain(5)

    assert door.rig.names(door.call) == ["Ann"]


async def test_starting_again_posts_one_card_that_people_join_by(door: Door) -> None:
    door.end_meeting()

    fresh = await door.joining.start_again(door.link, door.meeting)

    [message] = door.posted()
    assert message.channel == HERE.channel_id
    assert "started again" in message.text
    assert fresh.call is not None
    assert fresh == replace(door.link, call=fresh.call, is_starters=True)
    assert fresh.call.call_id in str(message.blocks)
    assert await door.joining.decide(fresh, door.meeting) == Enter(fresh.call)
    assert await door.joining.decide(door.link, door.meeting) == Enter(fresh.call)


async def test_starting_again_twice_within_a_minute_posts_one_card(
    door: Door,
) -> None:
    door.end_meeting()

    one, other = await asyncio.gather(
        *(door.joining.start_again(door.link, door.meeting) for _ in range(2))
    )
    door.now[0] += 59
    assert one == other == await door.joining.start_again(door.link, door.meeting)

    assert len(door.posted()) == 1


async def test_after_a_minute_a_card_is_posted_only_if_the_last_one_has_ended(door: Door) -> None:
    door.end_meeting()
    fresh = await door.joining.start_again(door.link, door.meeting)
    door.now[0] += 61

    again = await door.joining.start_again(door.link, door.meeting)
    assert again.call == fresh.call
    assert len(door.posted()) == 1

    assert fresh.call
    await door.cards.discard(door.meeting.meeting_id, fresh.call)
    door.now[0] += 61
    assert await door.joining.start_again(door.link, door.meeting) != fresh
    assert len(door.posted()) == 2


async def test_a_thread_gets_the_card_of_a_meeting_that_was_started_in_it(door: Door) -> None:
    parent = await door.joining.start_again(_ended(door), door.meeting)
    [first] = door.posted()
    assert parent.call
    await door.cards.discard(door.meeting.meeting_id, parent.call)
    door.now[0] += 61
    link = replace(door.link, place=replace(HERE, thread_ts=first.id))

    await door.joining.start_again(link, door.meeting)

    assert door.posted()[-1].thread == first.id


def _ended(door: Door) -> JoinLink:
    door.end_meeting()
    return door.link


async def test_a_call_that_slack_rejects_costs_only_the_live_card(door: Door) -> None:
    door.end_meeting()
    door.rig.slack.faults.always(Fault(500), path="calls.add")

    fresh = await door.joining.start_again(door.link, door.meeting)

    assert (fresh.call, fresh.place) == (None, None)
    assert fresh.owner == door.link.owner
    [message] = door.posted()
    assert {block["type"] for block in message.blocks or []} & {"call"} == set()


@pytest.mark.parametrize(
    ("answer", "reasons"),
    [
        (Fault(200, b'{"ok": false, "error": "not_in_channel"}'), {"not_in_channel"}),
        (Fault(200, b'{"ok": false, "error": "missing_scope"}'), {"missing_scope"}),
        (Fault(reset=True), {"ServerDisconnectedError", "ClientOSError"}),
    ],
)
async def test_a_channel_that_rejects_the_card_is_reported_and_can_be_retried_at_once(
    answer: Fault, reasons: set[str], door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    door.end_meeting()
    door.rig.slack.faults.plan(answer, path="chat.postMessage")

    with pytest.raises(NotPostedError):
        await door.joining.start_again(door.link, door.meeting)

    refused = [record for record in caplog.records if record.msg == "card not posted"]
    assert {getattr(record, "reason", "") for record in refused} <= reasons
    assert len(refused) == 1
    unposted = list(door.rig.slack.workspace.calls.by_id.values())[-1]
    assert unposted.ended_at
    fresh = await door.joining.start_again(door.link, door.meeting)
    assert fresh.call
    assert fresh.call.call_id != unposted.id


async def test_a_plain_card_that_cannot_be_posted_leaves_nothing_behind(door: Door) -> None:
    door.end_meeting()
    door.rig.slack.faults.always(Fault(500), path="calls.add")
    door.rig.slack.faults.always(Fault(500), path="chat.")

    with pytest.raises(NotPostedError):
        await door.joining.start_again(door.link, door.meeting)


async def test_a_link_that_names_no_channel_cannot_start_anything(door: Door) -> None:
    with pytest.raises(NotPostedError, match="channel_not_found"):
        await door.joining.start_again(JoinLink("r"), door.meeting)


async def test_without_live_cards_every_link_opens_its_room_and_nothing_is_posted() -> None:
    link, meeting = JoinLink("r", "standup", CallRef("R1")), Meeting("r")

    assert await PlainJoining().decide(link, meeting) == Enter(None)
    with pytest.raises(NotPostedError):
        await PlainJoining().start_again(link, meeting)


async def test_plain_cards_do_nothing() -> None:
    cards = PlainCards()
    await cards.sweep()
    await cards.close("r", CallRef("R1"))
    await cards.drain(1)

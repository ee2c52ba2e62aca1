"""A look brings a room's cards up to date, whatever they showed and Slack responds."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.participant_ids import CallRef
from bot.sandbox.faults import Fault
from bot.sandbox.videosdk.rooms import timestamp
from bot.slack.calls import Calls, CallsUnavailableError, Participants
from bot.slack.one_workspace import OneWorkspace
from bot.slack.room_cards import KnownRoom, RoomCards
from bot.slack.workspaces import NotInstalledError
from bot.telemetry.metrics import Metrics
from bot.videosdk import VideoSDKError
from bot.workspace import Workspace
from tests.conftest import NOBODY
from tests.live import HOME, Rig, who
from tests.live import rig as open_rig

BAD_USERS = ["refuses_batch", "skips", "error"]


class Counted(Metrics):
    """Metrics that record what was counted."""

    def __init__(self) -> None:
        self.outcomes: list[str] = []

    def card_updated(self, outcome: str) -> None:
        """Count a card."""
        self.outcomes.append(outcome)


class Home(OneWorkspace):
    """Installations of the bot in a single workspace."""

    async def client(self, workspace: Workspace) -> AsyncWebClient:
        """Return that workspace's client."""
        if workspace != HOME:
            raise NotInstalledError(NOBODY)
        return await super().client(workspace)


@dataclass
class Room:
    """A room of a stand-in without listing lag.

    Attributes:
        rig: the stand-ins.
        id: VideoSDK's room ID.
        known: what this process knows of it.
    """

    rig: Rig
    id: str
    known: KnownRoom = field(default_factory=lambda: KnownRoom(owner=HOME))

    def cards(self, calls: Calls | None = None, **options: Any) -> RoomCards:
        """Return its cards, as another process would have them."""
        return RoomCards(
            self.id,
            calls or self.rig.calls(),
            self.rig.videosdk,
            self.known,
            **options,
        )

    def join(self, call: CallRef, *names: str) -> None:
        """Let people join, as of five minutes ago."""
        for name in names:
            self.rig.standin.join(self.id, name, who(call, name), ago=300)

    def leave(self, call: CallRef, *names: str) -> None:
        """Let people leave."""
        for name in names:
            self.rig.standin.leave(self.id, who(call, name))


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """A room."""
    async with open_rig() as rig:
        rig.standin.listing_lag = 0
        yield Room(rig, await rig.add_room())


async def test_a_card_shows_who_is_in_and_then_that_it_is_over(room: Room) -> None:
    rig, counted = room.rig, Counted()
    call, cards = rig.add_call(), room.cards(metrics=counted)
    assert await cards.look()

    room.join(call, "Ann", "Ben")
    assert not await cards.look()
    assert rig.names(call) == ["Ann", "Ben"]

    room.leave(call, "Ann")
    assert not await cards.look()
    assert rig.names(call) == ["Ben"]

    room.leave(call, "Ben")
    assert await cards.look()
    assert (rig.names(call), rig.call(call).duration) == ([], 300)
    assert counted.outcomes == ["done"] * 3


async def test_a_look_without_news_sends_nothing_to_slack(room: Room) -> None:
    call, cards = room.rig.add_call(), room.cards()
    room.join(call, "Ann")
    await cards.look()
    asked = room.rig.methods()

    await cards.look()

    assert room.rig.methods() == asked


async def test_a_changed_name_is_shown_and_one_with_an_ampersand_left_alone(room: Room) -> None:
    rig = room.rig
    call = rig.add_call()
    people: Participants = {who(call, "Ann"): "Anne", who(call, "R"): "R&amp;D"}
    await rig.calls().update_people(call, people, inside=True)
    rig.standin.join(room.id, "Ann", who(call, "Ann"))
    rig.standin.join(room.id, "R&D", who(call, "R"))
    rig.slack.oddities.bad_users = "skips"  # so that Slack says who is on the card

    await room.cards().look()

    assert rig.names(call) == ["Ann", "R&amp;D"]
    assert rig.methods()["calls.participants.remove"] == 1


@pytest.mark.parametrize("habit", BAD_USERS)
async def test_a_process_that_has_just_started_corrects_what_another_left_behind(
    habit: str, room: Room
) -> None:
    rig = room.rig
    rig.slack.oddities.bad_users = habit  # type: ignore[assignment] # one of them
    call = rig.add_call()
    room.join(call, "Ann", "Ben", "Cleo", "Dana")
    await room.cards().look()
    room.leave(call, "Ann", "Ben")

    await room.cards().look()

    assert rig.names(call) == ["Cleo", "Dana"]


async def test_a_card_that_another_process_changed_by_an_older_view_is_corrected(
    room: Room,
) -> None:
    rig = room.rig
    call, cards, other = rig.add_call(), room.cards(), rig.calls()
    room.join(call, "Ann", "Ben")
    await cards.look()
    await other.update_people(call, {who(call, "Ann"): "Ann"}, inside=False)
    await other.update_people(call, {who(call, "Zoe"): "Zoe"}, inside=True)

    room.join(call, "Cleo")
    await cards.look()  # Slack's answer says what is wrong
    await cards.look()

    assert rig.names(call) == ["Ann", "Ben", "Cleo"]


async def test_silent_changes_by_slack_are_corrected(room: Room) -> None:
    rig = room.rig
    call, cards = rig.add_call(), room.cards()
    room.join(call, "Ann", "Ben")
    await cards.look()
    room.leave(call, "Ann")
    rig.slack.faults.plan(Fault(reset=True), path="calls.participants.remove")
    with pytest.raises(CallsUnavailableError):
        await cards.look()
    assert rig.names(call) == ["Ben"]

    room.join(call, "Ann")
    await cards.look()

    assert rig.names(call) == ["Ann", "Ben"]


async def test_a_person_whom_slack_rejects_is_not_retried_at_every_look(room: Room) -> None:
    rig = room.rig
    call, cards = rig.add_call(), room.cards()
    rig.slack.oddities.refused = {who(call, "Ann")}
    room.join(call, "Ann", "Ben")
    await cards.look()
    asked = rig.methods()

    await cards.look()

    assert rig.names(call) == ["Ben"]
    assert rig.methods() == asked


async def test_names_missing_from_slacks_answer_are_remembered(room: Room) -> None:
    rig = room.rig
    call, cards = rig.add_call(), room.cards()
    room.join(call, "Ann", "Ben")
    ids = ", ".join(f'{{"external_id": "{who(call, name)}"}}' for name in ("Ann", "Ben", "Zoe"))
    users = f'{{"ok": true, "call": {{"users": [{ids}]}}}}'.encode()
    await rig.calls().update_people(
        call, {who(call, n): n for n in ("Ann", "Ben", "Zoe")}, inside=True
    )
    rig.slack.faults.plan(Fault(200, users), path="calls.participants.add")

    await cards.look()
    assert rig.names(call) == ["Ann", "Ben"]
    room.leave(call, "Ann")
    await cards.look()

    assert rig.names(call) == ["Ben"]


@pytest.mark.parametrize("habit", BAD_USERS)
async def test_a_call_ends_whatever_removing_its_people_returns(habit: str, room: Room) -> None:
    rig = room.rig
    rig.slack.oddities.bad_users = habit  # type: ignore[assignment] # one of them
    call = rig.add_call()
    room.join(call, "Ann", "Ben")
    room.leave(call, "Ann", "Ben")

    assert await room.cards().look()  # nobody was ever on the card

    assert rig.has_ended(call)


@pytest.mark.parametrize(
    "answer",
    [Fault(500), Fault(200, b'{"ok": false, "error": "not_allowed"}'), Fault(reset=True)],
    ids=["broken", "refused", "reset"],
)
async def test_a_call_ends_even_if_nobody_could_be_removed(answer: Fault, room: Room) -> None:
    rig = room.rig
    call, cards = rig.add_call(), room.cards()
    room.join(call, "Ann", "Ben")
    await cards.look()
    rig.slack.faults.always(answer, path="calls.participants")
    room.leave(call, "Ann", "Ben")

    assert await cards.look()

    assert rig.has_ended(call)


async def test_an_end_that_failed_is_tried_again_by_itself(room: Room) -> None:
    rig = room.rig
    call, cards = rig.add_call(), room.cards()
    room.join(call, "Ann", "Ben")
    await cards.look()
    room.leave(call, "Ann", "Ben")
    rig.slack.faults.plan(Fault(500), path="calls.end")
    with pytest.raises(CallsUnavailableError):
        await cards.look()

    assert await cards.look()

    assert rig.has_ended(call)
    assert rig.methods()["calls.participants.remove"] == 1


async def test_a_failing_card_does_not_keep_others_from_being_updated(room: Room) -> None:
    rig, counted = room.rig, Counted()
    one, other, cards = rig.add_call(), rig.add_call(), room.cards(metrics=counted)
    room.join(one, "Ann")
    room.join(other, "Ben")
    rig.slack.faults.plan(Fault(500), path="calls.participants.add")

    with pytest.raises(CallsUnavailableError):
        await cards.look()
    assert sorted([rig.names(one), rig.names(other)]) == [[], ["Ann", "Ben"]]

    await cards.look()
    assert rig.names(one) == rig.names(other) == ["Ann", "Ben"]
    assert counted.outcomes == ["CallsUnavailableError", "done", "done"]


async def test_a_missing_scope_is_not_a_failure_and_everyone_is_shown_once_it_is_granted(
    room: Room,
) -> None:
    rig, counted = room.rig, Counted()
    call, cards = rig.add_call(), room.cards(metrics=counted)
    rig.slack.scopes = {"commands"}
    room.join(call, "Ann")
    await cards.look()
    assert rig.names(call) == []

    rig.slack.scopes = {"commands", "calls:write"}
    await cards.look()

    assert rig.names(call) == ["Ann"]
    assert counted.outcomes == ["CallRefusedError", "done"]


async def test_a_look_at_an_unreadable_room_fails(room: Room) -> None:
    room.rig.standin.faults.always(Fault(status=500), path="/v2/sessions")

    with pytest.raises(VideoSDKError):
        await room.cards().look()


async def test_the_newest_card_shows_people_who_joined_another_way(room: Room) -> None:
    rig = room.rig
    newest, cards = rig.add_call(), room.cards()
    room.known.newest = newest
    rig.standin.join(room.id, "Dana by phone", "phone", ago=300)
    rig.standin.join(room.id, "Ann", who(old := rig.add_call(), "Ann"))
    rig.slack.workspace.calls.end(old.call_id)

    await cards.look()
    assert rig.names(newest) == ["Ann", "Dana by phone"]

    rig.standin.end(room.id)
    assert await cards.look()
    assert rig.call(newest).duration == 300


async def test_a_recorder_is_on_no_card(room: Room) -> None:
    rig = room.rig
    call, cards = rig.add_call(), room.cards()
    room.join(call, "Ann", "Ben")
    rig.standin.record(room.id)

    await cards.look()
    assert rig.names(call) == ["Ann", "Ben"]

    room.leave(call, "Ann", "Ben")
    assert await cards.look()
    assert rig.has_ended(call)


async def test_a_meeting_that_was_ended_before_anybody_joined_has_an_ended_card(
    room: Room,
) -> None:
    rig = room.rig
    call = rig.add_call()
    room.known.closed.add(call)
    rig.slack.faults.plan(Fault(500), path="calls.end")
    cards = room.cards()
    with pytest.raises(CallsUnavailableError):
        await cards.look()

    assert await cards.look()

    assert rig.call(call).duration == 0


@pytest.mark.parametrize("owner", [HOME, None])
async def test_people_who_came_by_a_link_of_version_1_0_are_shown_where_their_room_belongs(
    owner: Workspace | None, room: Room
) -> None:
    rig = room.rig
    call = rig.add_call()
    room.known.owner, cards = owner, room.cards(Calls(Home(rig.client)))
    rig.standin.join(room.id, "Ann", f"{call.call_id}-0a1b2c3d")

    await cards.look()

    assert rig.names(call) == (["Ann"] if owner else [])


async def test_a_room_with_a_long_history_costs_as_little_as_a_new_one(room: Room) -> None:
    rig = room.rig
    room.join(rig.add_call(), *map(str, range(300)))
    rig.standin.end(room.id)
    [past] = records = rig.standin._sessions.records
    for hour in range(59):  # copies, since joining takes so many people long
        start = timestamp(rig.clock() - 3600 * (60 - hour))
        records.insert(hour, past | {"id": f"{hour}", "start": start, "end": start})
    call, cards = rig.add_call(), room.cards()
    room.join(call, "Ann", "Ben")
    looked = rig.looks()

    await cards.look()

    assert rig.looks() == looked + 1
    assert rig.names(call) == ["Ann", "Ben"]


async def test_sessions_too_large_to_be_read_together_are_read_one_at_a_time(room: Room) -> None:
    rig = room.rig
    rig.standin.participant_bytes = 3000
    for _ in range(2):
        room.join(rig.add_call(), *map(str, range(300)))
        rig.standin.end(room.id)
    call, cards = rig.add_call(), room.cards()
    room.join(call, "Ann", "Ben")

    await cards.look()

    assert rig.names(call) == ["Ann", "Ben"]

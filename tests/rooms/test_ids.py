"""A room's ID is readable, unguessable, and marked with its owner."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.grammar.commands import MeetRequest
from bot.links import Conversation
from bot.rooms.ids import Plan, RoomIds
from bot.workspace import Workspace

IDS = RoomIds(b"room key")
GENERAL = Conversation(Workspace("T1"), "C1")


def standing(
    name: str, place: Conversation = GENERAL, generation: int = 0, ids: RoomIds = IDS
) -> str:
    """Return the ID of a named room."""
    return ids.of(Plan(MeetRequest(name), place, "any trigger"), generation)


def single(trigger_id: str, generation: int = 0) -> str:
    """Return the ID of a room without a name."""
    return IDS.of(Plan(MeetRequest(), GENERAL, trigger_id), generation)


def test_a_named_rooms_id_is_readable_and_unguessable() -> None:
    assert re.fullmatch(r"creme-brulee-3-[0-9a-f]{16}-[0-9a-f]{8}", standing(" Crème brûlée #3!"))
    assert re.fullmatch(r"meeting-[0-9a-f]{16}-[0-9a-f]{8}", standing("週次"))
    assert standing("週次") != standing("月次")
    assert standing("standup") != standing("standup", ids=RoomIds(b"another deployment's key"))


def test_a_name_leads_to_the_same_room_in_every_version() -> None:
    assert standing("Weekly SYNC!") == "weekly-sync-006b34cdfa7e3ed0-5a8f44f7"


def test_all_spellings_of_a_name_lead_to_the_same_room() -> None:
    assert standing("e\u0301te\u0301") == standing("\u00e9t\u00e9")
    assert standing("Weekly SYNC") == standing("ｗｅｅｋｌｙ sync")  # noqa: RUF001 - full-width on purpose
    assert standing("*İstanbul*!") == standing("istanbul")
    assert standing(":tada: launch") == standing("🎉 launch")


@pytest.mark.parametrize(
    "elsewhere",
    [
        Conversation(Workspace("T1"), "C2"),
        Conversation(Workspace("T2"), "C1"),
        Conversation(Workspace("T1", "E1"), "C1"),
    ],
)
def test_in_another_conversation_a_name_leads_to_another_room(elsewhere: Conversation) -> None:
    assert standing("standup", elsewhere) != standing("standup")


def test_a_thread_shares_its_channels_rooms() -> None:
    thread = Conversation(Workspace("T1"), "C1", "1795427000.000100")

    assert standing("standup", thread) == standing("standup")


def test_workspaces_of_an_organisation_share_a_channels_rooms() -> None:
    one, other = (
        Conversation(Workspace("T1", "E1"), "C1"),
        Conversation(Workspace("T2", "E1"), "C1"),
    )

    assert standing("standup", one) == standing("standup", other)


def test_each_generation_and_each_request_has_its_own_id() -> None:
    generations = [standing("standup", generation=number) for number in range(5)]
    singles = [single(f"trigger {number}", number % 2) for number in range(5)]

    assert len({*generations, *singles, single("trigger 0", 1)}) == 11
    assert single("standup") != standing("standup")
    assert {one[:-26] for one in generations} == {"standup"}
    assert {one[:-26] for one in singles} == {"meeting"}


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=80))
def test_any_name_gives_an_id_that_videosdk_accepts_and_the_bot_recognises(name: str) -> None:
    made = standing(name)

    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,57}", made)
    assert IDS.is_owned(made, GENERAL)


@pytest.mark.parametrize(
    ("place", "is_owned"),
    [
        (GENERAL, True),
        (Conversation(Workspace("T1"), "C2"), True),
        (Conversation(Workspace("T2"), "C1"), False),
        (Conversation(Workspace("T1", "E1"), "C1"), False),
    ],
)
def test_the_mark_identifies_a_workspaces_rooms(place: Conversation, is_owned: bool) -> None:  # noqa: FBT001 - a parameter of the table
    for room_id in (standing("standup"), single("trigger")):
        assert IDS.is_owned(room_id, place) is is_owned
        assert IDS.is_owned(f"{room_id}-beef", place) is is_owned


@pytest.mark.parametrize("unmarked", [None, "unicorn", "standup-0123456789abcdef", "a-b-89abcdef"])
def test_an_id_without_a_mark_belongs_to_nobody(unmarked: str | None) -> None:
    assert IDS.is_owned(unmarked, GENERAL) is None

"""A room's newest runs alone determine what its cards show."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.participant_ids import CallRef, MemberIds, participant_id
from bot.rooms.runs import Run, as_runs
from bot.slack.call_states import CallState, read_states
from bot.slack.calls import MemberKey, Participants
from bot.videosdk import Participant, Session
from bot.workspace import Workspace

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
R1 = CallRef("R1", Workspace("T1"), int(NINE.timestamp()))
R2 = CallRef("R2", Workspace("T1"), int(NINE.timestamp()) + 600)
ANN, BEN = participant_id(R1, "ann"), participant_id(R1, "ben")


def at(minute: float) -> float:
    """Return a moment, in minutes after nine."""
    return NINE.timestamp() + 60 * minute


def session(*people: Participant, start: float = 0, end: float | None = None) -> Session:
    """Return a session that started and ended these minutes after nine."""
    over = None if end is None else NINE + timedelta(minutes=end)
    began = NINE + timedelta(minutes=start)
    return Session(began, over, people, session_id=f"s{start}", meeting_id="room")


def runs(*sessions: Session) -> list[Run]:
    """Return the runs of a room, newest first."""
    return as_runs(sessions)


def there(key: str, name: str = "Ann") -> Participant:
    """Return a person who is in a session."""
    return Participant(key, name, inside=True)


def left(key: str, name: str = "Ann") -> Participant:
    """Return a person who has left a session."""
    return Participant(key, name, inside=False)


def test_a_meeting_that_never_ran_has_nothing_to_show() -> None:
    assert read_states([], at(0)) == {}
    assert read_states(runs(session()), at(0)) == {}


def test_everyone_inside_is_on_every_card_of_their_run() -> None:
    here: Participants = {ANN: "Ann", participant_id(R2, "cleo"): "Cleo", "phone": "Guest"}
    people = [there(str(key), name if name != "Guest" else " ") for key, name in here.items()]

    assert read_states(runs(session(*people)), at(1)) == {R1: CallState(here), R2: CallState(here)}


def test_two_people_for_a_minute_are_a_meeting_that_has_ended() -> None:
    states = read_states(runs(session(left(ANN), left(BEN, "Ben"), end=1)), at(1))

    assert states == {R1: CallState(gone={ANN: "Ann", BEN: "Ben"}, seconds=60)}


@pytest.mark.parametrize(
    ("end", "now", "seconds"), [(1.9, 2, None), (1.9, 9.9, None), (1.9, 10, 114), (2, 2, 120)]
)
def test_a_microphone_test_does_not_end_a_card_for_ten_minutes(
    end: float, now: float, seconds: int | None
) -> None:
    assert read_states(runs(session(left(ANN), end=end)), at(now))[R1].seconds == seconds


def test_a_second_visit_is_not_a_microphone_test() -> None:
    first, second = session(left(ANN), end=1), session(left(ANN), start=2, end=3)

    assert read_states(runs(second, first), at(3))[R1].seconds == 60


def test_a_person_who_returns_in_the_next_session_continues_the_call() -> None:
    before, now = session(left(ANN), left(BEN), end=5), session(there(ANN, "Anna"), start=6)

    assert read_states(runs(now, before), at(7)) == {R1: CallState({ANN: "Anna"}, {BEN: "Ann"})}


def test_each_card_shows_its_own_run() -> None:
    cleo = participant_id(R2, "cleo")
    before, now = session(left(ANN), left(BEN), end=5), session(there(cleo, "Cleo"), start=10)

    assert read_states(runs(now, before), at(11)) == {
        R1: CallState(gone={ANN: "Ann", BEN: "Ann"}, seconds=300),
        R2: CallState({cleo: "Cleo"}),
    }


def test_a_clock_that_was_set_back_makes_no_negative_length() -> None:
    states = read_states(runs(session(left(ANN), left(BEN), start=5, end=4)), at(5))

    assert states[R1].seconds == 0


def test_ending_for_everyone_ends_even_a_test_and_an_unused_card() -> None:
    unjoined = CallRef("R3", Workspace("T1"))
    clicked = CallRef("R1", Workspace("T1"))  # a menu doesn't say when its card was made

    states = read_states(runs(session(left(ANN), end=1)), at(1), {clicked, unjoined})

    assert states == {R1: CallState(gone={ANN: "Ann"}, seconds=60), unjoined: CallState(seconds=0)}


def test_ending_for_everyone_keeps_a_card_whose_run_is_still_listed_as_live() -> None:
    assert read_states(runs(session(there(ANN))), at(1), {R1}) == {R1: CallState({ANN: "Ann"})}


def test_a_recorder_is_not_shown_unless_its_id_is_ours() -> None:
    robot = Participant("RECORDER-1", "recorder", inside=True, is_recorder=True)
    person = Participant(BEN, "recorder", inside=True, is_recorder=True)

    states = read_states(runs(session(there(ANN), robot, person)), at(1))

    assert states == {R1: CallState({ANN: "Ann", BEN: "recorder"})}


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("", "Guest"), (" \u200b ", "Guest"), ("x" * 200, "x" * 80), ("A\u202enn\n", "Ann")],
)
def test_names_are_cleaned_and_cut(typed: str, shown: str) -> None:
    assert read_states(runs(session(there(ANN, typed))), at(1))[R1].inside == {ANN: shown}


def test_with_sign_in_members_show_as_themselves_and_others_as_guests() -> None:
    members = MemberIds(b"k" * 32)
    ann, tab = (members.sign(participant_id(R1, one), "U0ANN") for one in ("ann", "tab"))
    elsewhere = CallRef("R3", Workspace("T2"), R1.made_at)
    eve = participant_id(elsewhere, "eve")
    people = (there(ann), left(tab), there(BEN, "Ann"), there(eve, "Eve"))

    states = read_states(runs(session(*people)), at(1), members=members)

    guests: Participants = {BEN: "Ann (guest)", eve: "Eve (guest)"}
    assert states[R1] == CallState({MemberKey("U0ANN"): "Ann", **guests})
    there_too: Participants = {ann: "Ann (guest)", **guests}
    assert states[elsewhere] == CallState(there_too, {tab: "Ann (guest)"})

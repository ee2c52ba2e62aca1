"""Runs tell who is in, since when, on which card, and which meetings have ended."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.participant_ids import CallRef, participant_id
from bot.rooms.runs import Run, as_runs, current, has_ended, is_over
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.videosdk import Participant, Session, VideoSDK
from bot.workspace import Workspace
from tests.conftest import API_KEY, SECRET_KEY

TEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
NOW = TEN.timestamp()
CALL = CallRef("R1", Workspace("T1"), round(NOW))
NEWER = CallRef("R2", Workspace("T1"), round(NOW) + 60)
OF_1_0_0 = CallRef("R0OLD")
VISITOR = "0123456789ab"


def session(*participants: Participant, minutes: float | None = None) -> Session:
    """Return a session that began at ten o'clock, and is on or lasted `minutes`."""
    end = None if minutes is None else TEN + timedelta(minutes=minutes)
    return Session(TEN, end, participants, "s1", "87i6-bvw8-dtn1")


def person(call: CallRef | None, name: str = "Ann", *, inside: bool = True) -> Participant:
    return Participant(participant_id(call, VISITOR), name, inside=inside)


def run(*calls: CallRef | None, minutes: float | None = None) -> Run:
    """Return a run with one person from each card, which is on or lasted `minutes`."""
    [made] = as_runs([session(*(person(call) for call in calls), minutes=minutes)])
    return made


def test_a_run_is_a_session_with_its_people_and_their_cards() -> None:
    by_phone = Participant("x1", "Cleo", inside=False)
    [made] = as_runs([session(person(CALL), person(None, "Ben"), by_phone, minutes=5)])

    assert (made.room_id, made.session_id, made.start) == ("87i6-bvw8-dtn1", "s1", TEN)
    assert (made.is_on, made.seconds, made.inside) == (False, 300, 2)
    assert [(one.name, one.inside, one.call) for one in made.people] == [
        ("Ann", True, CALL),
        ("Ben", True, None),
        ("Cleo", False, None),
    ]
    assert made.calls == [CALL]


def test_a_current_run_has_no_length_and_no_length_is_negative() -> None:
    assert run(CALL).seconds is None
    assert run(CALL, minutes=-5).seconds == 0


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("", "Guest"),
        ("  \u200b\n ", "Guest"),
        ("Ann\n\u202e Bo", "Ann Bo"),
        ("x" * 100, "x" * 80),
        ("x" * 79 + " y", "x" * 79),
    ],
)
def test_names_are_cleaned_and_cut_and_never_blank(typed: str, shown: str) -> None:
    [made] = as_runs([session(person(CALL, typed))])

    assert made.people[0].name == shown


def test_a_recorder_is_not_a_person_unless_its_id_is_ours() -> None:
    theirs = Participant("RECORDER-1", "recorder", inside=True, is_recorder=True)
    ours = replace(person(CALL, "recorder"), is_recorder=True)

    [made] = as_runs([session(theirs, ours)])

    assert [one.participant_id for one in made.people] == [ours.participant_id]
    assert made.inside == 1


def test_the_newest_card_of_a_run_comes_first_and_guests_count() -> None:
    made = run(CALL, OF_1_0_0, None)
    assert made.calls == [CALL, OF_1_0_0]

    with_guest = replace(made, guests=frozenset({NEWER}))
    assert with_guest.calls == [NEWER, CALL, OF_1_0_0]


def test_the_current_run_is_the_newest_or_none() -> None:
    on, ended = run(CALL), run(CALL, minutes=5)

    assert current([on, ended]) == on
    assert current([ended, on]) is None
    assert current([]) is None


@pytest.mark.parametrize(
    ("runs", "age", "over"),
    [
        ([], 0, False),
        ([run(NEWER)], 0, False),
        ([run(CALL)], 0, False),
        ([run(CALL), run(CALL, minutes=5)], 0, False),
        ([run(CALL, minutes=5)], 0, True),
        ([run(NEWER), run(CALL, minutes=5)], 0, True),
        # A first visit of one person, under two minutes, is a microphone test ...
        ([run(CALL, minutes=1.9)], 599, False),
        ([run(NEWER), run(CALL, minutes=1.9)], 0, False),
        # ... if the card is younger than ten minutes.
        ([run(CALL, minutes=1.9)], 600, True),
        ([run(CALL, minutes=2)], 0, True),
        ([run(CALL, None, minutes=1.9)], 0, True),
        ([run(CALL, minutes=1.9), run(CALL, minutes=1.9)], 0, True),
    ],
)
def test_a_cards_meeting_is_over_once_it_was_held_and_has_ended(
    runs: list[Run],
    age: float,
    over: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    assert is_over(CALL, runs, NOW + age) is over


@pytest.mark.parametrize(
    ("runs", "call_id", "ended"),
    [
        ([], "R1", False),
        ([], None, False),
        ([run(CALL)], "R1", False),
        ([run(CALL)], None, False),
        ([run(CALL, minutes=1)], "R1", True),
        ([run(CALL, minutes=1)], None, True),
        ([run(NEWER), run(CALL, minutes=5)], "R1", True),
        ([run(NEWER), run(CALL, minutes=5)], "R2", False),
        ([run(NEWER), run(CALL, minutes=5)], None, False),
        ([run(NEWER, minutes=5)], "R1", False),
    ],
)
def test_a_live_card_is_about_its_own_run_and_a_plain_one_about_the_newest(
    runs: list[Run],
    call_id: str | None,
    ended: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    assert has_ended(runs, call_id) is ended


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_only_a_few_of_the_newest_runs_are_read(
    version: str, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> None:
    videosdk_standin.listing_lag = 0
    async with VideoSDK(API_KEY, SECRET_KEY, version=version, endpoint=videosdk_url) as videosdk:
        meeting_id = (await videosdk.create()).meeting_id
        for minutes in range(60, 0, -10):
            who = videosdk_standin.join(meeting_id, f"Ann, {minutes}", ago=60 * minutes)
            videosdk_standin.leave(meeting_id, who)
        videosdk_standin.join(meeting_id, "Ann, now")

        runs = as_runs(await videosdk.sessions(meeting_id, deadline=5))

    assert [run.is_on for run in runs] == [True, False, False]
    assert [run.people[0].name for run in runs] == ["Ann, now", "Ann, 10", "Ann, 20"]

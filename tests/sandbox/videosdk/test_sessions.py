"""Sessions follow who joins and leaves, and are listed with a lag."""

import asyncio
import json
import re
from itertools import count
from typing import Any

import pytest

from bot.sandbox.videosdk.oddities import Oddities
from bot.sandbox.videosdk.rooms import Record, RoomRegistry
from bot.sandbox.videosdk.sessions import RoomDisabledError, Sessions

JANUARY_2022 = 1641364876.018
PLAIN = Oddities(listing_lag=0, participant_bytes=0)

Heard = list[tuple[str, Record]]


class Stage:
    """Two rooms and their sessions, with a clock that only tests move.

    Attributes:
        here: one room.
        elsewhere: the other room.
        heard: the announcements, in order.
    """

    def __init__(self, oddities: Oddities = PLAIN) -> None:
        self.now = JANUARY_2022
        self.heard: Heard = []
        self.rooms = RoomRegistry(lambda: self.now)
        self.here, self.elsewhere = (self.rooms.create(None)["meetingId"] for _ in range(2))
        self.sessions = Sessions(self.rooms, lambda: self.now, oddities, self._announce)

    def _announce(self, meeting: Record, kind: str, data: Record) -> None:
        assert meeting["meetingId"] == data["meetingId"]
        self.heard.append((kind, data))

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.heard]

    @property
    def names(self) -> list[str]:
        return [one["name"] for one in self.sessions.present(self.here)]

    def listed(self) -> list[Record]:
        return [self.sessions.as_listed(one) for one in self.sessions.listed()]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def visits(*moments: tuple[str, str | None]) -> list[dict[str, Any]]:
    return [
        {"start": f"2022-01-05T06:{start}.018Z", "end": end and f"2022-01-05T06:{end}.018Z"}
        for start, end in moments
    ]


def test_a_session_runs_from_the_first_participant_to_the_last() -> None:
    minutes = count()
    rooms = RoomRegistry(clock := lambda: JANUARY_2022 + 60 * next(minutes))
    sessions = Sessions(rooms, clock, PLAIN)
    meeting_id = rooms.create(None)["meetingId"]
    ada, grace = sessions.join(meeting_id, "Ada"), sessions.join(meeting_id, "Grace")
    assert sessions.leave(meeting_id, ada)
    running = sessions.running(meeting_id)
    assert running
    assert (running["end"], "activeDuration" in running) == (None, False)
    assert [one["name"] for one in sessions.present(meeting_id)] == ["Grace"]

    sessions.leave(meeting_id, grace)
    [session] = sessions.records
    assert sessions.running(meeting_id) is None
    assert session["start"] == session["participants"][0]["timelog"][0]["start"]
    assert session["end"] > session["participants"][1]["timelog"][0]["end"]
    assert session["activeDuration"] == 4


def test_a_participant_has_an_id_a_name_and_a_timelog(stage: Stage) -> None:
    ada = stage.sessions.join(stage.here, "Ada")

    [participant] = stage.sessions.present(stage.here)
    assert re.fullmatch("[a-z0-9]{8}", ada)
    assert participant == {
        "participantId": ada,
        "name": "Ada",
        "timelog": visits(("41:16", None)),
    }


def test_ending_a_meeting_removes_everyone_and_the_next_join_starts_a_session(
    stage: Stage,
) -> None:
    stage.sessions.join(stage.here, "Ada")
    stage.sessions.join(stage.here, "Grace")
    stage.sessions.end(stage.here)
    stage.sessions.end(stage.here)
    assert stage.names == []

    stage.sessions.join(stage.here, "Ada")
    assert [session["end"] is None for session in stage.sessions.records] == [False, True]


def test_nobody_can_join_an_unknown_meeting_or_leave_one_they_are_not_in(
    stage: Stage,
) -> None:
    stage.sessions.join(stage.here, "Ada")

    assert not stage.sessions.leave(stage.here, "stranger")
    assert not stage.sessions.leave("n0t0-y0ur-m33t", "stranger")
    assert stage.names == ["Ada"]
    with pytest.raises(KeyError):
        stage.sessions.join("n0t0-y0ur-m33t", "Ada")


def test_nobody_can_join_a_disabled_room_but_people_in_it_can_stay(stage: Stage) -> None:
    stage.sessions.join(stage.here, "Ada")
    stage.rooms.deactivate(stage.here)

    with pytest.raises(RoomDisabledError):
        stage.sessions.join(stage.here, "Grace")
    assert stage.names == ["Ada"]


def test_a_person_who_returns_is_the_same_participant(stage: Stage) -> None:
    assert stage.sessions.join(stage.here, "Ada", "R01-ada") == "R01-ada"
    stage.sessions.join(stage.here, "Grace")
    stage.sessions.leave(stage.here, "R01-ada")
    assert not stage.sessions.leave(stage.here, "R01-ada")
    stage.now += 60
    stage.sessions.join(stage.here, "Ada L.", "R01-ada")

    [session] = stage.sessions.records
    ada, _ = session["participants"]
    assert ada["name"] == "Ada L."
    assert ada["timelog"] == visits(("41:16", "41:16"), ("42:16", None))


def test_a_second_join_with_the_same_id_kicks_the_first_and_the_session_goes_on(
    stage: Stage,
) -> None:
    stage.sessions.join(stage.here, "Ada", "R01-ada")
    stage.now += 60
    stage.sessions.join(stage.here, "Ada on the phone", "R01-ada")

    [session] = stage.sessions.records
    [ada] = session["participants"]
    assert (ada["name"], session["end"]) == ("Ada on the phone", None)
    assert ada["timelog"] == visits(("41:16", "42:16"), ("42:16", None))
    assert stage.kinds == [
        "session-started",
        "participant-joined",
        "participant-left",
        "participant-joined",
    ]


def test_sessions_are_found_by_id_and_by_who_was_in_them(stage: Stage) -> None:
    for meeting_id in (stage.here, stage.here, stage.elsewhere):
        stage.sessions.join(meeting_id, "Ada", "ada")
        stage.sessions.end(meeting_id)
    _, second, third = stage.sessions.records

    assert stage.sessions.find(second["id"]) is second
    assert stage.sessions.find("61d53d8c") is None
    assert stage.sessions.last(stage.here) is second
    assert stage.sessions.last(stage.elsewhere, "ada") is third
    assert stage.sessions.last(stage.here, "grace") is None


def test_every_event_is_announced_with_its_webhooks_data(stage: Stage) -> None:
    stage.sessions.join(stage.here, "Ada", "ada")
    stage.sessions.join(stage.here, "Grace", "grace")
    stage.sessions.leave(stage.here, "ada")
    stage.sessions.end(stage.here)

    [session] = stage.sessions.records
    ids = {"meetingId": stage.here, "sessionId": session["id"]}
    ada = ids | {"participantId": "ada", "participantName": "Ada"}
    grace = ids | {"participantId": "grace", "participantName": "Grace"}
    start = ids | {"start": "2022-01-05T06:41:16.018+00:00"}
    assert stage.heard == [
        ("session-started", start),
        ("participant-joined", ada),
        ("participant-joined", grace),
        ("participant-left", ada),
        ("participant-left", grace),
        ("session-ended", start | {"end": start["start"], "reason": "ended-for-everyone"}),
    ]


def test_a_session_that_everyone_left_has_its_own_end_reason(stage: Stage) -> None:
    stage.sessions.leave(stage.here, stage.sessions.join(stage.here, "Ada"))

    assert stage.heard[-1][1]["reason"] == "all-participants-left"


def test_a_visit_can_begin_in_the_past_and_so_does_its_session(
    stage: Stage,
) -> None:
    stage.sessions.join(stage.here, "Ada", "ada", ago=60)
    stage.sessions.join(stage.here, "Grace", "grace", ago=120)
    stage.sessions.join(stage.here, "Joan", "joan")

    [session] = stage.sessions.records
    assert [one["timelog"] for one in session["participants"]] == [
        visits((start, None)) for start in ("40:16", "39:16", "41:16")
    ]
    assert session["start"] == "2022-01-05T06:39:16.018Z"
    assert int(session["id"][:8], 16) == int(JANUARY_2022) - 60


def test_listings_lag_and_announcements_do_not() -> None:
    stage = Stage(Oddities(listing_lag=5, participant_bytes=0))
    stage.sessions.join(stage.here, "Ada", "ada", ago=60)
    stage.sessions.join(stage.here, "Grace", "grace")
    assert len(stage.heard) == 3
    [session] = stage.listed()
    assert [one["name"] for one in session["participants"]] == ["Ada"]

    stage.now += 5
    stage.sessions.leave(stage.here, "ada")
    stage.sessions.end(stage.here)
    [session] = stage.listed()
    assert [one["timelog"][0]["end"] for one in session["participants"]] == [None, None]
    assert (session["end"], "activeDuration" in session) == (None, False)
    assert not stage.sessions.is_listed_as_ended(stage.sessions.records[0])
    assert stage.sessions.as_current(stage.sessions.records[0])["end"]

    stage.now += 5
    [session] = stage.listed()
    assert session == stage.sessions.records[0]
    assert stage.sessions.is_listed_as_ended(stage.sessions.records[0])


def test_a_new_session_is_listed_late_and_above_older_ones() -> None:
    stage = Stage(Oddities(listing_lag=5, participant_bytes=0))
    stage.sessions.join(stage.here, "Ada")
    assert stage.listed() == []

    stage.now += 5
    stage.sessions.join(stage.elsewhere, "Grace", ago=3600)
    assert [one["meetingId"] for one in stage.listed()] == [stage.here, stage.elsewhere]


async def test_a_session_lingers_and_ends_unless_somebody_comes_back() -> None:
    stage = Stage(Oddities(lingers=0.02, listing_lag=0))
    for _ in range(2):
        stage.sessions.leave(stage.here, stage.sessions.join(stage.here, "Ada", "ada"))
        assert stage.sessions.running(stage.here)
    assert "session-ended" not in stage.kinds
    await ended(stage, stage.here)
    assert stage.kinds.count("session-ended") == 1

    stage.sessions.leave(stage.here, stage.sessions.join(stage.here, "Ada"))
    stage.sessions.end(stage.here)
    stage.sessions.leave(stage.elsewhere, stage.sessions.join(stage.elsewhere, "Ada"))
    stage.sessions.close()
    await asyncio.sleep(0.05)
    assert stage.sessions.running(stage.elsewhere)
    assert stage.kinds.count("session-ended") == 2


async def ended(stage: Stage, meeting_id: str) -> None:
    async with asyncio.timeout(1):
        while stage.sessions.running(meeting_id):
            await asyncio.sleep(0.005)


def test_a_recorder_is_a_participant_but_does_not_keep_a_session_open(stage: Stage) -> None:
    with pytest.raises(ValueError, match="no session runs"):
        stage.sessions.record(stage.here)
    ada = stage.sessions.join(stage.here, "Ada")
    recorder = stage.sessions.record(stage.here)
    assert recorder.startswith("RECORDER")
    assert stage.names == ["Ada", "recorder"]

    stage.sessions.stop_recording(stage.here)
    assert stage.names == ["Ada"]
    stage.sessions.record(stage.here)
    stage.sessions.leave(stage.here, ada)
    assert stage.names == []
    assert stage.kinds[-3:] == ["participant-left", "participant-left", "session-ended"]


async def test_stopping_a_recorder_does_not_make_a_session_linger_longer() -> None:
    stage = Stage(Oddities(lingers=0.02))
    ada = stage.sessions.join(stage.here, "Ada")
    stage.sessions.record(stage.here)
    stage.sessions.leave(stage.here, ada)
    stage.sessions.stop_recording(stage.here)
    assert stage.sessions.running(stage.here)

    await ended(stage, stage.here)
    await asyncio.sleep(0.03)
    assert stage.kinds.count("session-ended") == 1


@pytest.mark.parametrize("size", [600, 3000])
def test_participants_are_as_large_as_in_real_answers(size: int) -> None:
    stage = Stage(Oddities(listing_lag=0, participant_bytes=size))
    stage.sessions.join(stage.here, "Ada")

    [session] = stage.listed()
    [ada] = session["participants"]
    assert list(ada) == ["participantId", "name", "timelog", "events", "deviceInfo"]
    assert size <= len(json.dumps(ada)) < size + 30


def test_participants_can_lack_details_and_are_never_cut(stage: Stage) -> None:
    stage.sessions.join(stage.here, "Ada")
    assert list(stage.listed()[0]["participants"][0]) == ["participantId", "name", "timelog"]

    short = Stage(Oddities(listing_lag=0, participant_bytes=1))
    short.sessions.join(short.here, "Ada")
    assert short.listed()[0]["participants"][0]["deviceInfo"]["rawUserAgent"] == ""

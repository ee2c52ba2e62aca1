import re
from itertools import count

import pytest

from bot.sandbox.rooms import Record, Rooms, object_id, timestamp

JANUARY_2022 = 1641364876.018


@pytest.fixture
def rooms() -> Rooms:
    """Rooms whose clock goes on a minute with every look."""
    minutes = count()
    return Rooms(lambda: JANUARY_2022 + 60 * next(minutes))


def test_a_moment_is_written_with_milliseconds_and_z() -> None:
    assert timestamp(JANUARY_2022) == "2022-01-05T06:41:16.018Z"
    assert timestamp(1641364876) == "2022-01-05T06:41:16.000Z"


def test_an_object_id_starts_with_the_seconds_of_its_creation() -> None:
    assert re.fullmatch("61d53d8c[0-9a-f]{16}", object_id(JANUARY_2022))


def test_a_meeting_without_a_name_has_no_user_meeting_id(rooms: Rooms) -> None:
    record = rooms.create("eu001")

    assert list(record) == ["meetingId", "userId", "region", "createdAt", "updatedAt", "id"]
    assert record["createdAt"] == record["updatedAt"] == "2022-01-05T06:42:16.018Z"
    assert record["id"].startswith(f"{int(JANUARY_2022) + 60:08x}")


def test_meeting_ids_are_three_groups_of_base36(rooms: Rooms) -> None:
    ids = {rooms.create("sg001")["meetingId"] for _ in range(50)}

    assert len(ids) == 50
    assert all(re.fullmatch("[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}", one) for one in ids)


def test_a_meeting_is_found_by_either_id_and_the_newest_of_a_name_wins(rooms: Rooms) -> None:
    first = rooms.create("sg001", "standup")
    second = rooms.create("sg001", "standup")

    assert rooms.find(first["meetingId"]) is first
    assert rooms.find("standup") is second
    assert rooms.find("elsewhere") is None


def test_another_accounts_meeting_is_unknown(rooms: Rooms) -> None:
    record = rooms.create("sg001", "standup")
    record["userId"] = object_id(JANUARY_2022)

    assert rooms.find(record["meetingId"]) is None
    assert rooms.own_meetings() == []


def test_a_session_runs_from_the_first_participant_to_the_last(rooms: Rooms) -> None:
    meeting_id = rooms.create("sg001")["meetingId"]
    ada, grace = rooms.join(meeting_id, "Ada"), rooms.join(meeting_id, "Grace")
    rooms.leave(meeting_id, ada)
    running = rooms.running(meeting_id)
    assert running
    assert (running["end"], "activeDuration" in running) == (None, False)
    assert [one["name"] for one in rooms.present(meeting_id)] == ["Grace"]

    rooms.leave(meeting_id, grace)
    [session] = rooms.sessions
    assert rooms.running(meeting_id) is None
    assert session["start"] < session["participants"][0]["timelog"][0]["start"]
    assert session["end"] > session["participants"][1]["timelog"][0]["end"]
    assert session["activeDuration"] == 5


def test_a_participant_has_an_id_a_name_and_a_timelog(rooms: Rooms) -> None:
    meeting_id = rooms.create("sg001")["meetingId"]
    ada = rooms.join(meeting_id, "Ada")

    [participant] = rooms.present(meeting_id)
    assert re.fullmatch("[a-z0-9]{8}", ada)
    assert participant == {
        "participantId": ada,
        "name": "Ada",
        "timelog": [{"start": "2022-01-05T06:44:16.018Z", "end": None}],
    }


def test_ending_a_meeting_sends_everybody_out_and_the_next_to_join_starts_anew(
    rooms: Rooms,
) -> None:
    meeting_id = rooms.create("sg001")["meetingId"]
    rooms.join(meeting_id, "Ada")
    rooms.join(meeting_id, "Grace")
    rooms.end(meeting_id)
    rooms.end(meeting_id)
    assert rooms.present(meeting_id) == []

    rooms.join(meeting_id, "Ada")
    assert [session["end"] is None for session in rooms.sessions] == [False, True]


def test_nobody_joins_a_meeting_that_does_not_exist_or_leaves_one_they_are_not_in(
    rooms: Rooms,
) -> None:
    meeting_id = rooms.create("sg001")["meetingId"]
    rooms.join(meeting_id, "Ada")
    rooms.leave(meeting_id, "stranger")
    rooms.leave("n0t0-y0ur-m33t", "stranger")

    assert len(rooms.present(meeting_id)) == 1
    with pytest.raises(KeyError):
        rooms.join("n0t0-y0ur-m33t", "Ada")


def test_who_left_comes_back_as_the_same_participant_and_who_is_in_stays(rooms: Rooms) -> None:
    meeting_id = rooms.create("sg001")["meetingId"]
    assert rooms.join(meeting_id, "Ada", "R01-ada") == "R01-ada"
    rooms.join(meeting_id, "Grace")
    rooms.join(meeting_id, "Somebody", "R01-ada")
    [session] = rooms.sessions
    assert [one["name"] for one in session["participants"]] == ["Ada", "Grace"]

    rooms.leave(meeting_id, "R01-ada")
    rooms.leave(meeting_id, "R01-ada")
    rooms.join(meeting_id, "Ada L.", "R01-ada")
    ada, _ = session["participants"]
    assert ada["name"] == "Ada L."
    assert [one["end"] is None for one in ada["timelog"]] == [False, True]


def test_sessions_are_found_by_id_and_by_who_was_in_them(rooms: Rooms) -> None:
    here, elsewhere = (rooms.create("sg001")["meetingId"] for _ in range(2))
    for meeting_id in (here, here, elsewhere):
        rooms.join(meeting_id, "Ada", "ada")
        rooms.end(meeting_id)
    _, second, _ = rooms.sessions

    assert rooms.session(second["id"]) is second
    assert rooms.session("61d53d8c") is None
    assert rooms.last_session(here, "ada") is second
    assert rooms.last_session(here, "grace") is None


def test_everything_that_happens_is_announced_with_what_a_webhook_says() -> None:
    heard: list[tuple[Record, str, Record]] = []
    rooms = Rooms(lambda: JANUARY_2022, lambda *event: heard.append(event))
    meeting = rooms.create(None, "standup", webhook={"events": ["*"]})
    rooms.join(meeting["meetingId"], "Ada", "ada")
    rooms.join(meeting["meetingId"], "Grace", "grace")
    rooms.leave(meeting["meetingId"], "ada")
    rooms.end(meeting["meetingId"])

    [session] = rooms.sessions
    ids = {"meetingId": meeting["meetingId"], "sessionId": session["id"]}
    ada = ids | {"participantId": "ada", "participantName": "Ada"}
    grace = ids | {"participantId": "grace", "participantName": "Grace"}
    start = ids | {"start": "2022-01-05T06:41:16.018+00:00"}
    assert [event[1:] for event in heard] == [
        ("session-started", start),
        ("participant-joined", ada),
        ("participant-joined", grace),
        ("participant-left", ada),
        ("participant-left", grace),
        ("session-ended", start | {"end": start["start"]}),
    ]
    assert all(event[0] is meeting for event in heard)

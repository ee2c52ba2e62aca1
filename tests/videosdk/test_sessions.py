"""Sessions are read newest first, a few at a time, and only the newest of a room can be running."""

from collections.abc import Callable

import pytest

from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.videosdk import Session, VideoSDK, VideoSDKTooLargeError
from tests.videosdk.account import ROOM, Account, crowd, person, session

OTHER = "n0t0-y0ur-m33t"
LARGE = crowd(300, 3_300)  # 3.4 kB each: about 1 MB


def hours(sessions: list[Session]) -> list[int]:
    return [session.start.hour for session in sessions]


async def test_a_meeting_that_nobody_joined_has_no_sessions(videosdk: VideoSDK) -> None:
    meeting = await videosdk.create()

    assert await videosdk.sessions(meeting.meeting_id) == []


async def test_sessions_are_live_or_ended_and_the_newest_comes_first(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    meeting_id = (await videosdk.create()).meeting_id
    other_id = (await videosdk.create()).meeting_id
    videosdk_standin.join(meeting_id, "Ann")
    videosdk_standin.end(meeting_id)
    videosdk_standin.join(other_id, "Cem")
    gone = videosdk_standin.join(meeting_id, "Ann")
    videosdk_standin.join(meeting_id, "Ben")
    videosdk_standin.join(meeting_id, "Cem")
    videosdk_standin.leave(meeting_id, gone)

    live, ended = await videosdk.sessions(meeting_id)
    assert (live.is_running, live.people, live.meeting_id) == (True, 2, meeting_id)
    assert ended.end
    assert (ended.is_running, ended.people) == (False, 0)
    assert ended.start <= ended.end <= live.start


async def test_only_the_newest_sessions_of_a_long_history_are_requested(
    client: Callable[[str], VideoSDK], account: Account
) -> None:
    account.sessions = [session(hour % 24, *crowd(300, 600)) for hour in range(59, -1, -1)]

    assert len(await client("v1").sessions(ROOM)) == 3
    assert len(await client("v2").sessions(ROOM, most=2)) == 2
    assert account.requests == [
        f"GET /v1/meeting-sessions?meetingId={ROOM}&page=1&perPage=3",
        f"GET /v2/sessions/?roomId={ROOM}&page=1&perPage=2",
    ]


async def test_a_listing_that_ignores_the_query_is_sorted_and_cut(
    either_client: VideoSDK, account: Account
) -> None:
    account.sessions = [session(hour) for hour in (7, 9, 8)]
    account.sessions += [session(10, room=OTHER)]
    account.ignores_queries = True

    assert hours(await either_client.sessions(ROOM, most=2)) == [9, 8]


async def test_an_older_session_without_an_end_is_over_when_the_next_begins(
    either_client: VideoSDK, account: Account
) -> None:
    account.sessions = [session(9, person("ann")), session(8, person("ben")), session(7)]

    running, lost, first = await either_client.sessions(ROOM)
    assert (running.is_running, running.people) == (True, 1)
    assert (lost.end, lost.people) == (running.start, 0)
    assert [participant.name for participant in lost.participants] == ["Ben"]
    assert first.end == lost.start


async def test_a_known_end_is_kept(either_client: VideoSDK, account: Account) -> None:
    account.sessions = [session(9), session(7, end="2026-01-05T08:00:00.000Z")]

    _, ended = await either_client.sessions(ROOM)
    assert ended.end
    assert ended.end.hour == 8


async def test_a_recorder_is_listed_but_is_not_a_person(
    either_client: VideoSDK, account: Account
) -> None:
    account.sessions = [
        session(
            9,
            person("ann"),
            person("x7k2", name=" Recorder "),
            person("RECORDER-1", name="Bot"),
            person("recorder-2", name="Dan the recorder"),
        )
    ]

    [live] = await either_client.sessions(ROOM)
    recorders = [one.participant_id for one in live.participants if one.is_recorder]
    assert recorders == ["x7k2", "RECORDER-1"]
    assert live.people == 2


async def test_of_sessions_that_are_too_large_together_the_newest_is_read(
    either_client: VideoSDK, account: Account
) -> None:
    account.sessions = [session(hour, *LARGE) for hour in (9, 8, 7)]

    [newest] = await either_client.sessions(ROOM)
    assert (newest.start.hour, newest.people) == (9, 300)
    assert [path.rpartition("=")[2] for path in account.requests] == ["3", "1"]


@pytest.mark.parametrize(("most", "tries"), [(3, 2), (1, 1)])
async def test_a_single_session_that_is_too_large_is_an_error(
    most: int, tries: int, either_client: VideoSDK, account: Account
) -> None:
    account.sessions = [session(9, *crowd(400, 3_300))]

    with pytest.raises(VideoSDKTooLargeError):
        await either_client.sessions(ROOM, most=most)
    assert len(account.requests) == tries


async def test_the_newest_sessions_of_all_rooms_are_read_at_once(
    client: Callable[[str], VideoSDK], account: Account
) -> None:
    account.sessions = [session(9), session(8, room=OTHER), session(7), session(6, room="")]

    for version in ("v1", "v2"):
        found = await client(version).recent_sessions()
        assert [(one.meeting_id, one.is_running) for one in found] == [
            (ROOM, True),
            (OTHER, True),
            (ROOM, False),
        ]
        assert hours(await client(version).recent_sessions(most=1)) == [9]
    assert account.requests == [
        "GET /v1/meeting-sessions?page=1&perPage=20",
        "GET /v1/meeting-sessions?page=1&perPage=1",
        "GET /v2/sessions/?page=1&perPage=20",
        "GET /v2/sessions/?page=1&perPage=1",
    ]


async def test_sessions_of_all_rooms_that_are_too_large_together_are_read_one_by_one(
    either_client: VideoSDK, account: Account
) -> None:
    account.sessions = [
        session(9, *LARGE),
        session(8, *crowd(400, 3_300), room=OTHER),
        session(7, room=OTHER),
    ]

    assert hours(await either_client.recent_sessions()) == [9, 7]
    assert [path.rpartition("?")[2] for path in account.requests] == [
        "page=1&perPage=20",
        *(f"page={page}&perPage=1" for page in (1, 2, 3, 4)),
    ]


async def test_no_more_sessions_of_all_rooms_are_read_one_by_one_than_asked_for(
    either_client: VideoSDK, account: Account
) -> None:
    account.sessions = [session(hour, *LARGE) for hour in (9, 8, 7)]

    assert hours(await either_client.recent_sessions(most=2)) == [9, 8]
    assert len(account.requests) == 3


async def test_a_session_that_begins_while_they_are_read_one_by_one_repeats_none(
    either_client: VideoSDK, account: Account
) -> None:
    account.sessions = [session(8, *LARGE), session(7, *LARGE, room=OTHER)]

    def begin(path: str) -> None:
        if "page=2&" in path:
            account.sessions.insert(0, session(9, room=OTHER))

    account.before = begin
    found = await either_client.recent_sessions()
    assert [(one.meeting_id, one.is_running) for one in found] == [(ROOM, True), (OTHER, True)]

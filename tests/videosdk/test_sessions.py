"""The sessions of a meeting are found in a listing whose order nobody promises."""

import json

import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.videosdk import VideoSDKStandIn
from bot.videosdk import Session, VideoSDK, VideoSDKBrokenError


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
    assert (live.end, live.people) == (None, 2)
    assert ended.end
    assert (ended.people, ended.start <= ended.end <= live.start) == (0, True)


def a_page(*hours: int, last: int = 1, meeting_id: str = "m") -> Fault:
    """Return the fault of answering a page with one session at each of these hours."""
    data = [
        {"meetingId": meeting_id, "start": f"2022-01-05T{hour:02}:00:00Z", "end": None}
        for hour in hours
    ]
    body = {"pageInfo": {"lastPage": last}, "data": data}
    return Fault(200, json.dumps(body).encode())


def hours(sessions: list[Session]) -> list[int]:
    return [session.start.hour for session in sessions]


async def test_of_a_listing_that_begins_with_the_newest_one_page_is_read(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(a_page(9, 8, 7, last=4))

    assert hours(await videosdk.sessions("m")) == [9, 8, 7]
    assert len(videosdk_standin.requests) == 1


async def test_of_a_listing_that_begins_with_the_oldest_the_last_page_is_read_too(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(a_page(1, 2, last=4), a_page(7, 8, last=4))

    assert hours(await videosdk.sessions("m")) == [8, 7, 2, 1]
    assert "page=4" in videosdk_standin.requests[1].path
    assert len(videosdk_standin.requests) == 2


async def test_a_listing_of_everybodys_sessions_keeps_the_newest_of_this_meeting(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(a_page(9, last=2), a_page(8, last=2, meeting_id="n"))

    assert hours(await videosdk.sessions("m")) == [9]


async def test_a_last_page_that_fails_is_not_asked_for_again(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(a_page(1, 2, last=4), Fault(500), a_page(8))

    with pytest.raises(VideoSDKBrokenError):
        await videosdk.sessions("m")
    assert len(videosdk_standin.requests) == 2

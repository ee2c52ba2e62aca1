"""Meetings can be checked by ID and by name, by the workspace that they belong to."""

import asyncio

import pytest
from aiohttp import web

from bot.grammar.commands import MeetRequest
from bot.meetings import Meetings
from bot.sandbox.faults import Fault
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.videosdk import VideoSDKBrokenError
from tests.conftest import serving
from tests.meetings import BAKERY, GENERAL, Open, start


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_a_check_returns_the_meeting_and_who_is_in_it(
    version: str, open_meetings: Open, videosdk_standin: VideoSDKStandIn
) -> None:
    meetings = open_meetings(version=version)
    started = (await start(meetings, MeetRequest("Weekly sync"))).meeting
    videosdk_standin.join(started.meeting_id, "Ann")

    checked = await meetings.check(started.meeting_id, GENERAL)

    assert checked is not None
    assert (checked.room.meeting, checked.room.name) == (started, None)
    assert started.created_at is not None
    assert checked.room.runs is not None
    assert [(run.is_on, run.inside) for run in checked.room.runs] == [(True, 1)]
    assert not checked.is_private


async def test_a_check_of_an_unknown_meeting_returns_none(meetings: Meetings) -> None:
    assert await meetings.check("n0t0-0ur5-0000", GENERAL) is None


async def test_a_check_recognises_a_closed_meeting(
    meetings: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    meeting_id = (await start(meetings, MeetRequest())).meeting.meeting_id
    videosdk_standin.meetings[meeting_id]["disabled"] = True

    checked = await meetings.check(meeting_id, GENERAL)

    assert checked is not None
    assert checked.room.meeting.disabled


@pytest.mark.parametrize("fault", [Fault(status=500), Fault(delay=30)])
async def test_a_check_works_without_sessions(
    meetings: Meetings,
    videosdk_standin: VideoSDKStandIn,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
) -> None:
    monkeypatch.setattr("bot.meetings.LOOKUP_TIMEOUT", 0.05)
    meeting_id = (await start(meetings, MeetRequest())).meeting.meeting_id
    videosdk_standin.faults.always(fault, path="meeting-sessions")

    checked = await meetings.check(meeting_id, GENERAL)

    assert checked is not None
    assert checked.room.meeting.meeting_id == meeting_id
    assert checked.room.runs is None


async def test_a_failed_check_cancels_the_request_for_sessions(
    meetings: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.always(Fault(status=500), path="/v1/meetings/")
    videosdk_standin.faults.always(Fault(delay=30), path="meeting-sessions")

    async with asyncio.timeout(5):
        with pytest.raises(VideoSDKBrokenError):
            await meetings.check("87i6-bvw8-dtn1", GENERAL)


async def test_meeting_and_sessions_are_requested_concurrently(open_meetings: Open) -> None:
    both = asyncio.Barrier(2)

    async def answer(_: web.Request) -> web.Response:
        await both.wait()
        return web.json_response({"meetingId": "87i6-bvw8-dtn1", "data": []})

    app = web.Application()
    app.router.add_route("*", "/v1/{any:.*}", answer)
    async with serving(app) as url, asyncio.timeout(5):
        checked = await open_meetings(url).check("87i6-bvw8-dtn1", GENERAL)

    assert checked is not None
    assert checked.room.runs == []


async def test_a_name_is_checked_in_its_conversation(
    live: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    assert live.finds_by_name
    started = await start(live, MeetRequest("Weekly sync"))

    checked = await live.check_name("weekly SYNC", GENERAL)
    assert checked is not None
    assert (checked.room.meeting, checked.room.name) == (started.meeting, "weekly SYNC")
    assert await live.check_name("weekly sync", BAKERY) is None

    await live.close(started.meeting.meeting_id)
    assert await live.check_name("weekly sync", GENERAL) is None
    fresh = await start(live, MeetRequest("Weekly sync"))
    checked = await live.check_name("weekly sync", GENERAL)
    assert checked is not None
    assert checked.room.meeting == fresh.meeting != started.meeting
    assert len(videosdk_standin.meetings) == 2


async def test_version_1_finds_no_meeting_by_its_name(meetings: Meetings) -> None:
    await start(meetings, MeetRequest("standup"))

    assert not meetings.finds_by_name
    assert await meetings.check_name("standup", GENERAL) is None


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_with_many_workspaces_each_sees_its_own_rooms(
    version: str, open_meetings: Open, videosdk_standin: VideoSDKStandIn
) -> None:
    meetings = open_meetings(version=version, serves_many=True)
    meeting = (await start(meetings, MeetRequest("standup"))).meeting

    for known_id in filter(None, (meeting.meeting_id, meeting.user_meeting_id)):
        own = await meetings.check(known_id, GENERAL)
        assert own is not None
        assert not own.is_private
        assert await meetings.check(known_id, BAKERY) is None

    videosdk_standin.meetings[meeting.meeting_id]["disabled"] = True
    closed = await meetings.check(meeting.meeting_id, GENERAL)
    assert closed is not None
    assert closed.room.meeting.disabled
    assert await meetings.check(meeting.meeting_id, BAKERY) is None


@pytest.mark.parametrize("own_id", [None, "board-meeting", "standup-0123456789abcdef"])
async def test_with_many_workspaces_a_room_without_a_mark_is_only_valid(
    own_id: str | None, open_meetings: Open, videosdk_standin: VideoSDKStandIn
) -> None:
    meetings = open_meetings(serves_many=True)
    meeting_id = videosdk_standin._rooms.create("sg001", own_id)["meetingId"]

    checked = await meetings.check(meeting_id, GENERAL)
    assert checked is not None
    assert (checked.is_private, checked.room.name, checked.room.runs) == (True, None, None)

    videosdk_standin.meetings[meeting_id]["disabled"] = True
    assert await meetings.check(meeting_id, GENERAL) is None


async def test_a_single_workspace_owns_every_room_of_the_account(
    meetings: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    meeting_id = videosdk_standin._rooms.create("sg001", "board-meeting")["meetingId"]
    foreign = (await start(meetings, MeetRequest("standup"), BAKERY)).meeting.meeting_id

    checked = [await meetings.check(known_id, GENERAL) for known_id in (meeting_id, foreign)]

    assert [one and one.is_private for one in checked] == [False, False]

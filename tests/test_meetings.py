"""Meetings are started and checked, against VideoSDK's stand-in."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from functools import cache
from typing import Any, Literal

import httpx
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.grammar import MeetRequest
from bot.links import TemplateLinks
from bot.meetings import Conversation, Invitation, Meetings, Region, readable_name
from bot.sandbox.faults import Fault
from bot.sandbox.videosdk import VideoSDKStandIn
from bot.transport import open_transport
from bot.videosdk import REGIONS, Meeting, VideoSDK, VideoSDKBrokenError
from tests.conftest import API_KEY, NOBODY, SECRET_KEY, serving

GENERAL = Conversation("T1", "C1")
FRANKFURT = Region("eu001", "Frankfurt, DE")
FREMONT = Region("us001", "Fremont, CA")

Open = Callable[..., Meetings]


@pytest.fixture
async def transport() -> AsyncIterator[httpx.AsyncBaseTransport]:
    async with open_transport() as transport:
        yield transport


@pytest.fixture
def open_meetings(transport: httpx.AsyncBaseTransport, videosdk_url: str) -> Open:
    """Make meetings at the stand-in, with any settings."""

    def build(url: str = videosdk_url, **settings: Any) -> Meetings:
        videosdk = VideoSDK(API_KEY, SECRET_KEY, endpoint=url, transport=transport)
        return Meetings(videosdk, regions=REGIONS, room_key=b"room key", **settings)

    return build


@pytest.fixture
def meetings(open_meetings: Open) -> Meetings:
    return open_meetings()


async def start(meetings: Meetings, request: MeetRequest, conversation: Conversation) -> Invitation:
    """Plan and start a meeting, as the listeners do."""
    return await meetings.start(meetings.plan(request, conversation, "a trigger"))


async def test_a_meeting_without_name_and_region_leaves_both_to_videosdk(
    meetings: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    invitation = await start(meetings, MeetRequest(), GENERAL)

    assert [request.body for request in videosdk_standin.requests] == [{}]
    [meeting_id] = videosdk_standin.meetings
    assert invitation == Invitation(meeting_id, region=Region("sg001", "Singapore, SG"))


async def test_a_name_opens_the_same_room_for_everybody_in_its_conversation(
    meetings: Meetings,
) -> None:
    names = ["Weekly sync", "weekly SYNC", "Ｗｅｅｋｌｙ sync"]  # noqa: RUF001 - full-width on purpose
    both = [await start(meetings, MeetRequest(name, "eu001"), GENERAL) for name in names]

    assert len({invitation.meeting_id for invitation in both}) == 1
    assert [invitation.name for invitation in both] == names
    assert both[1].region == FRANKFURT
    assert both[1].asked_region is None


@pytest.mark.parametrize("elsewhere", [Conversation("T1", "C2"), Conversation("T2", "C1")])
async def test_the_same_name_elsewhere_is_another_room(
    meetings: Meetings, elsewhere: Conversation
) -> None:
    here = await start(meetings, MeetRequest("1:1"), GENERAL)
    there = await start(meetings, MeetRequest("1:1"), elsewhere)

    assert here.meeting_id != there.meeting_id


@pytest.mark.parametrize("repeated", ["same", "new", "refuse400", "refuse409"])
async def test_a_name_works_whatever_videosdk_does_with_a_known_id(
    meetings: Meetings,
    videosdk_standin: VideoSDKStandIn,
    repeated: Literal["same", "new", "refuse400", "refuse409"],
) -> None:
    videosdk_standin.repeated_id = repeated

    first = await start(meetings, MeetRequest("standup"), GENERAL)
    second = await start(meetings, MeetRequest("standup"), GENERAL)
    checked = await meetings.check(second.meeting_id)

    assert (first.meeting_id == second.meeting_id) is (repeated == "same")
    assert checked is not None
    assert checked.invitation.name == "standup"


@pytest.mark.parametrize(
    ("request_", "region"),
    [(MeetRequest(), FRANKFURT), (MeetRequest(region="us001"), FREMONT)],
)
async def test_the_default_region_is_for_meetings_that_name_none(
    open_meetings: Open, request_: MeetRequest, region: Region
) -> None:
    meetings = open_meetings(default_region="eu001")

    assert (await start(meetings, request_, GENERAL)).region == region


async def test_a_room_that_was_opened_in_another_region_says_so(meetings: Meetings) -> None:
    await start(meetings, MeetRequest("standup", "eu001"), GENERAL)
    again = await start(meetings, MeetRequest("standup", "us001"), GENERAL)

    assert (again.region, again.asked_region) == (FRANKFURT, FREMONT)


async def test_a_region_that_videosdk_keeps_to_itself_is_not_made_up(
    meetings: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.echoes_region = False

    invitation = await start(meetings, MeetRequest(region="us001"), GENERAL)

    assert (invitation.region, invitation.asked_region) == (None, FREMONT)


async def test_a_region_of_unknown_place_has_its_code_alone(
    meetings: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    meeting_id = (await start(meetings, MeetRequest(), GENERAL)).meeting_id
    videosdk_standin.meetings[meeting_id]["region"] = "us002"

    checked = await meetings.check(meeting_id)

    assert checked is not None
    assert checked.invitation.region == Region("us002")


async def test_a_failure_to_create_is_raised(
    meetings: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.always(Fault(status=500))

    with pytest.raises(VideoSDKBrokenError):
        await start(meetings, MeetRequest(), GENERAL)


def test_the_join_url_carries_the_id_percent_encoded(open_meetings: Open) -> None:
    meetings = open_meetings(
        links=TemplateLinks("https://meet.example.com/{meeting_id}?id={meeting_id}")
    )

    assert meetings.invitation("a/b").join_url == "https://meet.example.com/a%2Fb?id=a%2Fb"
    assert open_meetings().invitation("a/b").join_url is None


async def test_a_check_tells_the_meeting_and_who_is_in_it(
    open_meetings: Open, videosdk_standin: VideoSDKStandIn
) -> None:
    meetings = open_meetings(links=TemplateLinks("https://meet.example.com/{meeting_id}"))
    started = await start(meetings, MeetRequest("Weekly sync", "eu001"), GENERAL)
    videosdk_standin.join(started.meeting_id, "Ann")

    checked = await meetings.check(started.meeting_id)

    assert checked is not None
    assert checked.invitation == Invitation(
        started.meeting_id, "weekly-sync", FRANKFURT, join_url=started.join_url
    )
    assert checked.meeting.created_at is not None
    assert checked.sessions is not None
    assert [(one.end, one.people) for one in checked.sessions] == [(None, 1)]


async def test_a_check_says_that_there_is_no_such_meeting(meetings: Meetings) -> None:
    assert await meetings.check("n0t0-0ur5-0000") is None


async def test_a_check_tells_that_a_meeting_is_switched_off(
    meetings: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    meeting_id = (await start(meetings, MeetRequest(), GENERAL)).meeting_id
    videosdk_standin.meetings[meeting_id]["disabled"] = True

    checked = await meetings.check(meeting_id)

    assert checked is not None
    assert checked.meeting.disabled


@pytest.mark.parametrize("fault", [Fault(status=500), Fault(delay=30)])
async def test_sessions_that_cannot_be_looked_up_cost_only_their_line(
    meetings: Meetings,
    videosdk_standin: VideoSDKStandIn,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
) -> None:
    monkeypatch.setattr("bot.meetings.LOOK_UP", 0.05)
    meeting_id = (await start(meetings, MeetRequest(), GENERAL)).meeting_id
    videosdk_standin.faults.always(fault, path="meeting-sessions")

    checked = await meetings.check(meeting_id)

    assert checked is not None
    assert checked.invitation.meeting_id == meeting_id
    assert checked.sessions is None


async def test_a_check_that_fails_gives_up_the_sessions_too(
    meetings: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.always(Fault(status=500), path="/v1/meetings/")
    videosdk_standin.faults.always(Fault(delay=30), path="meeting-sessions")

    async with asyncio.timeout(5):
        with pytest.raises(VideoSDKBrokenError):
            await meetings.check("87i6-bvw8-dtn1")


async def test_meeting_and_sessions_are_asked_for_side_by_side(open_meetings: Open) -> None:
    both = asyncio.Barrier(2)

    async def answer(_: web.Request) -> web.Response:
        await both.wait()
        return web.json_response({"meetingId": "87i6-bvw8-dtn1", "data": []})

    app = web.Application()
    app.router.add_route("*", "/v1/{any:.*}", answer)
    async with serving(app) as url, asyncio.timeout(5):
        checked = await open_meetings(url).check("87i6-bvw8-dtn1")

    assert checked is not None
    assert checked.sessions == []


@cache
def offline(room_key: bytes) -> Meetings:
    videosdk = VideoSDK(API_KEY, SECRET_KEY, endpoint=NOBODY)
    return Meetings(videosdk, regions=REGIONS, room_key=room_key)


def standing_id(name: str, room_key: bytes = b"room key") -> str:
    return offline(room_key).standing_id(name, GENERAL)


def test_a_standing_id_is_readable_and_nobody_elses() -> None:
    assert re.fullmatch(r"creme-brulee-3-[0-9a-f]{16}", standing_id(" Crème brûlée #3!"))
    assert re.fullmatch(r"meeting-[0-9a-f]{16}", standing_id("週次"))
    assert standing_id("週次") != standing_id("月次")
    assert standing_id("standup") != standing_id("standup", b"another deployment's key")
    assert standing_id("e\u0301te\u0301") == standing_id("\u00e9t\u00e9")


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=80))
def test_any_name_makes_an_id_that_videosdk_takes_and_the_bot_reads_back(name: str) -> None:
    made = standing_id(name)

    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,56}", made)
    slug = made[:-17]
    assert readable_name(Meeting("m", made)) == (None if slug == "meeting" else slug)


@pytest.mark.parametrize(
    ("own_id", "name"),
    [
        (None, None),
        ("unicorn", "unicorn"),
        ("Board_Room.2", "Board_Room.2"),
        ("standup-0123456789abcdef", "standup"),
        ("standup-0123456789abcdef-beef", "standup"),
        ("q3-0123456789abcdef-0123456789abcdef", "q3-0123456789abcdef"),
        ("meeting-0123456789abcdef", None),
    ],
)
def test_a_meetings_name_is_what_its_own_id_tells(own_id: str | None, name: str | None) -> None:
    assert readable_name(Meeting("87i6-bvw8-dtn1", own_id)) == name

"""Fixtures: meetings with VideoSDK's stand-in."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from bot.grammar.commands import MeetRequest
from bot.links import Conversation
from bot.meetings import LiveMeetings, Meetings, OpenRoom
from bot.rooms.ids import Plan, RoomIds
from bot.rooms.rooms import Rooms
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.transport import open_transport
from bot.videosdk import REGIONS, VideoSDK
from bot.workspace import Workspace
from tests.conftest import API_KEY, SECRET_KEY

GENERAL = Conversation(Workspace("T1"), "C1")
BAKERY = Conversation(Workspace("T2"), "C1")

Open = Callable[..., Meetings]


@pytest.fixture
async def transport() -> AsyncIterator[httpx.AsyncBaseTransport]:
    async with open_transport() as transport:
        yield transport


@pytest.fixture
def open_meetings(
    transport: httpx.AsyncBaseTransport, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> Open:
    """Open a Meetings object with the stand-in; nothing receives webhooks."""
    videosdk_standin.listing_lag = 0
    videosdk_standin.webhooks.paused = True

    def build(
        url: str = videosdk_url,
        version: str = "v1",
        kind: type[Meetings] = Meetings,
        **settings: Any,
    ) -> Meetings:
        ids = RoomIds(b"room key")
        videosdk = VideoSDK(API_KEY, SECRET_KEY, version=version, endpoint=url, transport=transport)
        rooms = Rooms(videosdk, ids)
        return kind(videosdk, regions=REGIONS, rooms=rooms, room_ids=ids, **settings)

    return build


@pytest.fixture
def meetings(open_meetings: Open) -> Meetings:
    """Meetings with version 1 of the API."""
    return open_meetings()


@pytest.fixture
def live(open_meetings: Open) -> Meetings:
    """Meetings with live cards."""
    return open_meetings(version="v2", kind=LiveMeetings)


async def start(
    meetings: Meetings, request: MeetRequest, place: Conversation = GENERAL, key: str = "a trigger"
) -> OpenRoom:
    """Plan and start a meeting like the listeners."""
    return await meetings.open(Plan(request, place, key))

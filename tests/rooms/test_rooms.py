"""Every name always has a usable room, tested with VideoSDK's stand-in."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Literal

import jwt
import pytest

from bot.grammar.commands import MeetRequest
from bot.links import Conversation, SignedLinks
from bot.rooms.ids import Plan, RoomIds
from bot.rooms.rooms import Rooms
from bot.sandbox.faults import Fault
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.transport import open_transport
from bot.videosdk import VideoSDK
from bot.workspace import Workspace
from tests.conftest import API_KEY, SECRET_KEY

GENERAL = Conversation(Workspace("T1", "E1"), "C1")
KEY = b"k" * 32
IDS = RoomIds(b"room key")
PAGES = SignedLinks("https://bot.example.com", KEY)
ELSEWHERE = SignedLinks("https://old.example.com", KEY)

Open = Callable[..., Rooms]


def plan(name: str | None = "standup", region: str | None = None) -> Plan:
    return Plan(MeetRequest(name, region), GENERAL, "a trigger")


@pytest.fixture
async def open_rooms(videosdk_url: str) -> AsyncIterator[Open]:
    """Open a Rooms object that uses the stand-in."""
    async with open_transport() as transport:

        def build(
            version: str = "v2", region: str | None = None, webhooks: SignedLinks | None = PAGES
        ) -> Rooms:
            videosdk = VideoSDK(
                API_KEY, SECRET_KEY, version=version, endpoint=videosdk_url, transport=transport
            )
            return Rooms(videosdk, IDS, region, webhooks)

        yield build


@pytest.fixture
def rooms(open_rooms: Open) -> Rooms:
    return open_rooms()


def disable(standin: VideoSDKStandIn, meeting_id: str) -> None:
    standin.meetings[meeting_id]["disabled"] = True


async def with_dead_generations(rooms: Rooms, standin: VideoSDKStandIn, count: int) -> None:
    """Create `count` rooms of the name, all closed."""
    for _ in range(count):
        room = await rooms.open(plan())
        disable(standin, room.meeting_id)
    standin.requests.clear()


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("name", ["standup", None])
async def test_a_room_is_created_with_its_id_and_opened_with_it_again(
    version: str, name: str | None, open_rooms: Open, videosdk_standin: VideoSDKStandIn
) -> None:
    rooms = open_rooms(version)

    first, second = [await rooms.open(plan(name)) for _ in range(2)]

    assert first == second
    assert first.user_meeting_id == IDS.of(plan(name))
    assert len(videosdk_standin.requests) == 2


async def test_two_requests_without_a_name_are_two_rooms(rooms: Rooms) -> None:
    one, other = plan(None), replace(plan(None), idempotency_key="another trigger")

    assert (await rooms.open(one)).meeting_id != (await rooms.open(other)).meeting_id


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("name", ["standup", None])
async def test_a_closed_room_is_replaced_by_the_next_generation(
    version: str, name: str | None, open_rooms: Open, videosdk_standin: VideoSDKStandIn
) -> None:
    rooms = open_rooms(version)
    closed = await rooms.open(plan(name))
    disable(videosdk_standin, closed.meeting_id)

    fresh, again = [await rooms.open(plan(name)) for _ in range(2)]

    assert not fresh.disabled
    assert fresh.meeting_id == again.meeting_id != closed.meeting_id
    assert fresh.user_meeting_id == IDS.of(plan(name), 1)


@pytest.mark.parametrize(("closed", "requests"), [(1, 3), (2, 4), (3, 6), (20, 12), (100, 16)])
async def test_a_room_after_many_closed_ones_is_found_with_few_requests(
    closed: int, requests: int, rooms: Rooms, videosdk_standin: VideoSDKStandIn
) -> None:
    await with_dead_generations(rooms, videosdk_standin, closed)

    room = await rooms.open(plan())

    assert room.user_meeting_id == IDS.of(plan(), closed)
    assert len(videosdk_standin.requests) == requests
    assert sum(request.method == "POST" for request in videosdk_standin.requests) == 2


@pytest.mark.parametrize("closed", [0, 1, 2, 7])
async def test_the_current_id_is_found_without_creating_anything(
    closed: int, rooms: Rooms, videosdk_standin: VideoSDKStandIn
) -> None:
    await with_dead_generations(rooms, videosdk_standin, closed)

    assert await rooms.current_id(plan()) == IDS.of(plan(), closed)
    assert all(request.method == "GET" for request in videosdk_standin.requests)
    room = await rooms.open(plan())
    assert await rooms.current_id(plan()) == room.user_meeting_id


async def test_a_room_that_is_closed_during_the_search_is_skipped(
    rooms: Rooms, videosdk_standin: VideoSDKStandIn
) -> None:
    await with_dead_generations(rooms, videosdk_standin, 2)
    # The look-up of the second one doesn't find it, as if VideoSDK's list lagged behind.
    videosdk_standin.faults.plan(Fault(status=404), path="/rooms/validate/")

    room = await rooms.open(plan())

    assert room.user_meeting_id == IDS.of(plan(), 2)


@pytest.mark.parametrize("updates", [False, True])
async def test_a_room_whose_webhooks_go_elsewhere_gets_them_here_or_is_replaced(
    updates: bool,  # noqa: FBT001 - a parameter of the table
    open_rooms: Open,
    videosdk_standin: VideoSDKStandIn,
) -> None:
    videosdk_standin.updates_webhook = updates
    moved = await open_rooms(webhooks=ELSEWHERE).open(plan())

    room = await open_rooms().open(plan())

    assert (room.meeting_id == moved.meeting_id) is updates
    assert room.webhook_url is not None
    assert PAGES.is_own_webhook(room.webhook_url)


async def test_a_room_whose_webhooks_are_not_echoed_is_kept(
    open_rooms: Open, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.echoes_webhook = False
    moved = await open_rooms(webhooks=ELSEWHERE).open(plan())

    assert (await open_rooms().open(plan())).meeting_id == moved.meeting_id


async def test_a_room_with_a_webhook_address_of_version_1_0_0_is_kept(
    rooms: Rooms, videosdk_standin: VideoSDKStandIn
) -> None:
    room = await rooms.open(plan())
    claims = {"call_id": "R0ABC123", "team_id": "T1", "enterprise_id": "E1", "aud": "webhook"}
    address = f"https://bot.example.com/videosdk/{jwt.encode(claims, KEY, algorithm='HS256')}"
    videosdk_standin.meetings[room.meeting_id]["webhook"]["endPoint"] = address

    again = await rooms.open(plan())

    assert (again.meeting_id, again.webhook_url) == (room.meeting_id, address)


async def test_without_live_cards_webhook_addresses_are_ignored(
    open_rooms: Open, videosdk_standin: VideoSDKStandIn
) -> None:
    moved = await open_rooms(webhooks=ELSEWHERE).open(plan())

    room = await open_rooms(webhooks=None).open(plan())

    assert room.meeting_id == moved.meeting_id
    assert "webhook" not in str(videosdk_standin.requests[-1].body)


async def test_a_rooms_webhooks_name_the_workspace(rooms: Rooms) -> None:
    room = await rooms.open(plan())

    assert room.webhook_url is not None
    token = room.webhook_url.removeprefix("https://bot.example.com/videosdk/")
    assert PAGES.read_webhook(token) == Workspace("T1", "E1")


@pytest.mark.parametrize(
    ("asked", "region"), [(None, "eu001"), ("us001", "us001"), ("eu001", "eu001")]
)
async def test_the_default_region_is_for_meetings_without_one(
    asked: str | None, region: str, open_rooms: Open
) -> None:
    rooms = open_rooms("v1", "eu001", None)

    assert (await rooms.open(plan(region=asked))).region == region


@pytest.mark.parametrize("repeated", ["same", "new", "refuse400", "refuse409"])
async def test_a_closed_room_is_replaced_whatever_version_1_does_with_a_known_id(
    repeated: Literal["same", "new", "refuse400", "refuse409"],
    open_rooms: Open,
    videosdk_standin: VideoSDKStandIn,
) -> None:
    rooms = open_rooms("v1", webhooks=None)
    videosdk_standin.repeated_id = repeated
    closed = await rooms.open(plan())
    disable(videosdk_standin, closed.meeting_id)

    room = await rooms.open(plan())

    assert room.meeting_id != closed.meeting_id
    assert not room.disabled

"""The client uses version 2 of the API: rooms, their sessions, and their end."""

from contextlib import aclosing
from typing import Any

import httpx
import jwt
import pytest

from bot.sandbox.faults import PRESETS, Fault
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.videosdk import (
    VideoSDK,
    VideoSDKBadReplyError,
    VideoSDKBrokenError,
    VideoSDKForbiddenError,
    VideoSDKInterruptedError,
    VideoSDKPaymentRequiredError,
    VideoSDKRateLimitedError,
    VideoSDKRefusedError,
)
from tests.conftest import API_KEY, SECRET_KEY
from tests.videosdk.watched import Watched

UNKNOWN = "n0ne-such-r00m"


@pytest.fixture
def videosdk(transport: httpx.AsyncBaseTransport, videosdk_url: str) -> VideoSDK:
    """The client on version 2, with the stand-in on the other side."""
    return VideoSDK(
        API_KEY, SECRET_KEY, version="v2", endpoint=videosdk_url, transport=transport, deadline=5
    )


def bodies(standin: VideoSDKStandIn) -> list[Any]:
    return [request.body for request in standin.requests]


def paths(standin: VideoSDKStandIn) -> list[str]:
    return [f"{request.method} {request.path}" for request in standin.requests]


def test_a_client_says_what_its_version_can_do() -> None:
    one, two = (VideoSDK(API_KEY, SECRET_KEY, version=version) for version in ("v1", "v2"))

    assert (one.can_close, one.can_notify, one.is_idempotent) == (False, False, False)
    assert (two.can_close, two.can_notify, two.is_idempotent) == (True, True, True)


async def test_version_1_is_not_asked_for_what_it_cannot_do(
    transport: httpx.AsyncBaseTransport, videosdk_url: str, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk = VideoSDK(API_KEY, SECRET_KEY, endpoint=videosdk_url, transport=transport)

    await videosdk.create(webhook_url="https://bot.example/hook")
    assert bodies(videosdk_standin) == [{}]
    with pytest.raises(NotImplementedError):
        await videosdk.deactivate(UNKNOWN)
    assert len(videosdk_standin.requests) == 1


async def test_a_room_is_created_and_found_by_either_id(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    room = await videosdk.create(
        region="uae001", user_meeting_id="unicorn", webhook_url="https://bot.example/hook"
    )

    [record] = videosdk_standin.meetings.values()
    assert (room.meeting_id, room.user_meeting_id) == (record["meetingId"], "unicorn")
    assert (room.region, room.region_refused, room.disabled) == ("uae001", False, False)
    assert record["webhook"]["endPoint"] == room.webhook_url == "https://bot.example/hook"
    assert await videosdk.validate(room.meeting_id) == room
    assert await videosdk.validate("unicorn") == room
    assert await videosdk.create(user_meeting_id="unicorn") == room
    assert paths(videosdk_standin)[1:3] == [
        f"GET /v2/rooms/validate/{room.meeting_id}",
        "GET /v2/rooms/validate/unicorn",
    ]


@pytest.mark.parametrize("status", [400, 402, 404])
async def test_an_unknown_room_is_none_at_the_first_answer(
    status: int, videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.not_found = (status, "text")

    assert await videosdk.validate(UNKNOWN) is None
    assert len(videosdk_standin.requests) == 1


async def test_a_wrong_method_does_not_make_a_room_unknown(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(Fault(405))

    with pytest.raises(VideoSDKRefusedError):
        await videosdk.validate(UNKNOWN)
    assert len(videosdk_standin.requests) == 1


async def test_a_plan_without_geo_fencing_gets_its_room_without_a_region(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.geo_fencing = False

    room = await videosdk.create(region="eu001", user_meeting_id="unicorn")
    assert (room.region, room.region_refused) == (None, True)
    assert bodies(videosdk_standin) == [
        {"customRoomId": "unicorn", "geoFence": "eu001"},
        {"customRoomId": "unicorn"},
    ]


async def test_a_room_is_asked_for_without_a_region_only_once(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(Fault(402), Fault(403))
    with pytest.raises(VideoSDKForbiddenError):
        await videosdk.create(region="eu001")

    videosdk_standin.faults.plan(Fault(402))
    with pytest.raises(VideoSDKPaymentRequiredError):
        await videosdk.create()
    assert len(videosdk_standin.requests) == 3


@pytest.mark.parametrize("fault", ["reset", "500"])
async def test_an_id_makes_a_second_create_safe(
    fault: str, videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(PRESETS[fault][1])
    await videosdk.create(user_meeting_id="unicorn")
    assert len(videosdk_standin.requests) == 2

    videosdk_standin.faults.plan(PRESETS[fault][1])
    with pytest.raises((VideoSDKInterruptedError, VideoSDKBrokenError)):
        await videosdk.create()
    assert len(videosdk_standin.requests) == 3
    own_ids = [one.get("userMeetingId") for one in videosdk_standin.meetings.values()]
    assert own_ids.count("unicorn") == 1


async def test_another_room_than_the_one_asked_for_is_a_bad_reply(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(*[PRESETS["other-meeting"][1]] * 2)

    with pytest.raises(VideoSDKBadReplyError, match="another meeting"):
        await videosdk.create(user_meeting_id="unicorn")
    with pytest.raises(VideoSDKBadReplyError, match="another meeting"):
        await videosdk.validate("unicorn")


async def test_sessions_show_who_is_in_and_who_was(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    room = (await videosdk.create(user_meeting_id="unicorn")).meeting_id
    videosdk_standin.join((await videosdk.create()).meeting_id, "Cem")
    videosdk_standin.join(room, "Ann", "R0ABC123-x7k2p9qa")
    videosdk_standin.end(room)
    videosdk_standin.join(room, "Ann", "R0ABC123-x7k2p9qa")
    gone = videosdk_standin.join(room, "Ben")
    videosdk_standin.leave(room, gone)

    live, ended = await videosdk.sessions(room)
    assert [(p.participant_id, p.name, p.inside) for p in live.participants] == [
        ("R0ABC123-x7k2p9qa", "Ann", True),
        (gone, "Ben", False),
    ]
    assert (live.end, live.people, ended.people) == (None, 1, 0)
    assert ended.end
    assert len({live.session_id, ended.session_id, ""}) == 3
    assert await videosdk.sessions("unicorn") == [live, ended]


async def test_a_session_is_ended_for_everyone(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    room = (await videosdk.create()).meeting_id
    videosdk_standin.join(room, "Ann")

    await videosdk.end(room)
    [session] = await videosdk.sessions(room)
    assert session.end
    assert session.people == 0


@pytest.mark.parametrize("status", [400, 402, 404, 406, 409])
async def test_ending_an_ended_session_is_fine(
    status: int, videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    room = (await videosdk.create()).meeting_id
    videosdk_standin.no_session = status

    await videosdk.end(room)
    assert len(videosdk_standin.requests) == 3


@pytest.mark.parametrize(
    ("status", "kind"),
    [(406, VideoSDKRefusedError), (403, VideoSDKForbiddenError), (429, VideoSDKRateLimitedError)],
)
async def test_a_session_that_cannot_be_ended_is_an_error(
    status: int,
    kind: type[VideoSDKRefusedError],
    videosdk: VideoSDK,
    videosdk_standin: VideoSDKStandIn,
) -> None:
    room = (await videosdk.create()).meeting_id
    videosdk_standin.join(room, "Ann")
    videosdk_standin.faults.plan(Fault(status))

    with pytest.raises(kind) as caught:
        await videosdk.end(room)
    assert caught.value.status == status


async def test_a_change_that_took_effect_is_fine_even_if_the_connection_broke(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    room = (await videosdk.create()).meeting_id
    videosdk_standin.join(room, "Ann")

    for act in (videosdk.end, videosdk.deactivate):
        videosdk_standin.faults.plan(PRESETS["reset"][1])
        await act(room)
    calls = [path.partition("?")[0] for path in paths(videosdk_standin)[1:]]
    assert calls == [
        *["POST /v2/sessions/end"] * 2,
        "GET /v2/sessions/",
        *["POST /v2/rooms/deactivate"] * 2,
    ]


async def test_a_closed_room_says_so(videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn) -> None:
    room = await videosdk.create(user_meeting_id="unicorn")

    with pytest.raises(VideoSDKPaymentRequiredError):
        await videosdk.deactivate("unicorn")
    await videosdk.deactivate(room.meeting_id)
    found = await videosdk.validate(room.meeting_id)
    assert found
    assert found.disabled
    assert bodies(videosdk_standin)[2] == {"roomId": room.meeting_id}
    assert (await videosdk.create(user_meeting_id="unicorn")).disabled


@pytest.mark.parametrize("reply", ["html", "text", "broken-json", "huge"])
async def test_any_2xx_closes_a_room(
    reply: str, videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(PRESETS[reply][1])

    await videosdk.deactivate(UNKNOWN)
    assert paths(videosdk_standin) == ["POST /v2/rooms/deactivate"]


async def test_version_2_needs_a_token_with_its_version(
    transport: httpx.AsyncBaseTransport, videosdk_url: str
) -> None:
    watched = Watched(transport)
    await VideoSDK(
        API_KEY, SECRET_KEY, version="v2", endpoint=videosdk_url, transport=watched
    ).create()

    token = watched.requests[0].headers["authorization"]
    claims = jwt.decode(token, SECRET_KEY, algorithms=["HS256"])
    assert claims.items() >= {"apikey": API_KEY, "version": 2, "roles": ["crawler"]}.items()
    assert claims["permissions"] == ["allow_join", "allow_mod"]


async def test_version_2_rejects_the_token_of_a_participant(
    transport: httpx.AsyncBaseTransport, videosdk_url: str, videosdk: VideoSDK
) -> None:
    headers = {"authorization": videosdk.participant_token(UNKNOWN, "ann")}

    asked = httpx.Request("POST", f"{videosdk_url}/v2/rooms", headers=headers)
    async with aclosing(await transport.handle_async_request(asked)) as refused:
        pass
    assert refused.status_code == 403


def test_a_participant_may_join_one_meeting_and_nothing_else() -> None:
    token = VideoSDK(API_KEY, SECRET_KEY).participant_token(UNKNOWN, "R0ABC123-x7k2p9qa")

    claims = jwt.decode(token, SECRET_KEY, algorithms=["HS256"])
    assert claims.pop("exp") - claims.pop("iat") == 12 * 3600
    assert claims == {
        "apikey": API_KEY,
        "permissions": ["allow_join"],
        "version": 2,
        "roles": ["rtc"],
        "roomId": UNKNOWN,
        "participantId": "R0ABC123-x7k2p9qa",
    }


def test_a_moderators_token_also_lets_them_mute_and_remove_others() -> None:
    token = VideoSDK(API_KEY, SECRET_KEY).participant_token(UNKNOWN, "R0-x", moderates=True)

    claims = jwt.decode(token, SECRET_KEY, algorithms=["HS256"])
    assert claims["permissions"] == ["allow_join", "allow_mod"]

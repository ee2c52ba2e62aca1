"""The calls that VideoSDK's hosted page makes check a participant's token."""

from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.videosdk.standin import VideoSDKStandIn

API_KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
SECRET = "b7f3" * 16
NOW = 1641364876.018
CLAIMS = {"apikey": API_KEY, "permissions": ["allow_join"], "version": 2, "exp": int(NOW) + 600}

Client = TestClient[Any, Any]


@pytest.fixture
def videosdk() -> VideoSDKStandIn:
    return VideoSDKStandIn(API_KEY, SECRET, clock=lambda: NOW)


@pytest.fixture
async def client(videosdk: VideoSDKStandIn) -> AsyncIterator[Client]:
    async with TestClient(TestServer(videosdk.app)) as client:
        yield client


@pytest.fixture
async def room_id(client: Client) -> str:
    _, room = await post(client, "/v2/rooms", {"customRoomId": "unicorn"}, token())
    return str(room["roomId"])


def token(**claims: object) -> str:
    return jwt.encode(CLAIMS | claims, SECRET, algorithm="HS256")


def participant_token(room_id: str, **claims: object) -> str:
    mine = {"roles": ["rtc"], "roomId": room_id, "participantId": "R01-ada"}
    return token(**mine | claims)


async def post(
    client: Client, path: str, fields: dict[str, Any], authorization: str
) -> tuple[int, Any]:
    headers = {"Authorization": authorization}
    async with client.post(path, json=fields, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_a_participants_token_admits_to_the_room_but_not_to_the_api(
    client: Client, room_id: str
) -> None:
    mine = participant_token(room_id)

    for any_id in (room_id, "unicorn"):
        path = f"/v1/prebuilt/meetings/{any_id}"
        status, body = await post(client, path, {"region": "sg001"}, mine)
        assert (status, body["meetingId"]) == (200, room_id)
    path = "/infra/v1/meetings/init-config"
    status, body = await post(client, path, {"roomId": room_id}, mine)
    assert (status, list(body)) == (200, ["data"])
    assert {"baseUrl", "signalingUrl", "iceServers"} <= body["data"].keys()
    assert (await post(client, "/v2/rooms", {}, mine))[0] == 403


async def test_an_unknown_room_and_a_bad_token_are_errors_with_their_status(
    client: Client, room_id: str
) -> None:
    path = "/v1/prebuilt/meetings/n0t0-y0ur-m33t"
    refusal = {"statusCode": 400, "error": "Room not found."}
    assert await post(client, path, {}, participant_token(room_id)) == (400, refusal)

    path = f"/v1/prebuilt/meetings/{room_id}"
    status, body = await post(client, path, {}, participant_token(room_id, exp=int(NOW)))
    assert (status, body["statusCode"]) == (401, 401)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": int(NOW)}, 4002),
        ({"roomId": "n0t0-y0ur-m33t"}, 4022),
        ({"participantId": "R01 ada"}, 4004),
        ({"permissions": ["ask_join", "allow_join"]}, 4008),
        ({"roles": ["crawler"]}, 4024),
    ],
)
async def test_a_bad_token_gets_videosdks_error_code(
    claims: dict[str, Any], code: int, client: Client, room_id: str
) -> None:
    bad = participant_token(room_id, **claims)

    status, body = await post(client, "/infra/v1/meetings/init-config", {"roomId": room_id}, bad)
    assert (status, body["code"], list(body)) == (
        401 if code == 4002 else status,
        code,
        ["error", "code"],
    )
    assert status >= 400


async def test_disabled_and_unknown_rooms_have_error_codes_too(
    client: Client, room_id: str
) -> None:
    mine = participant_token(room_id)
    await post(client, "/v2/rooms/deactivate", {"roomId": room_id}, token())

    for asked, code in ((room_id, 4052), ("n0t0-y0ur-m33t", 4003)):
        path = "/infra/v1/meetings/init-config"
        assert (await post(client, path, {"roomId": asked}, mine))[1]["code"] == code


async def test_the_pages_calls_are_recorded_and_can_have_faults(
    client: Client, videosdk: VideoSDKStandIn, room_id: str
) -> None:
    await post(client, "/infra/v1/meetings/init-config", {"roomId": room_id}, "")

    assert videosdk.requests[-1][:2] == ("POST", "/infra/v1/meetings/init-config")

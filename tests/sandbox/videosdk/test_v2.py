"""Version 2 of the API: rooms."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.faults import PRESETS
from bot.sandbox.videosdk.standin import VideoSDKStandIn

API_KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
SECRET = "b7f3" * 16
NOW = 1641364876.018
NOT_FOUND = (400, {"statusCode": 400, "error": "Room not found."})
WEBHOOK = {"endPoint": "https://bot.example.com/videosdk/x", "events": ["participant-*"]}

Client = TestClient[Any, Any]


def token(**claims: object) -> str:
    basis = {"apikey": API_KEY, "permissions": ["allow_join"], "exp": int(NOW) + 600}
    return jwt.encode(basis | claims, SECRET, algorithm="HS256")


@pytest.fixture
def videosdk() -> VideoSDKStandIn:
    videosdk = VideoSDKStandIn(API_KEY, SECRET, clock=lambda: NOW)
    videosdk.listing_lag = 0  # this clock stands still
    videosdk.participant_bytes = 0
    return videosdk


@pytest.fixture
async def client(videosdk: VideoSDKStandIn) -> AsyncIterator[Client]:
    headers = {"Authorization": token(version=2, roles=["crawler"])}
    async with TestClient(TestServer(videosdk.app), headers=headers) as client:
        yield client


async def answer_of(answer: Any) -> tuple[int, Any]:
    """Await a response, and return its status and its JSON."""
    async with answer as got:
        return got.status, await got.json()


async def created(client: Client, **fields: object) -> dict[str, Any]:
    status, room = await answer_of(client.post("/v2/rooms", json=fields))
    assert status == 200
    return dict(room)


async def test_create_returns_the_record_in_the_reference(client: Client) -> None:
    room = await created(client, customRoomId="unicorn", geoFence="uae001", webhook=WEBHOOK)
    api = f"http://{client.host}:{client.port}/v2"

    assert room.pop("links") == {
        "get_room": f"{api}/rooms/{room['roomId']}",
        "get_session": f"{api}/sessions/",
    }
    assert re.fullmatch("[a-z0-9]{4}(-[a-z0-9]{4}){2}", room.pop("roomId"))
    assert re.fullmatch("[0-9a-f]{24}", room.pop("userId"))
    assert re.fullmatch("61d53d8c[0-9a-f]{16}", room.pop("id"))
    assert room == {
        "customRoomId": "unicorn",
        "disabled": False,
        "geoFence": "uae001",
        "webhook": WEBHOOK,
        "createdAt": "2022-01-05T06:41:16.018Z",
        "updatedAt": "2022-01-05T06:41:16.018Z",
    }


async def test_create_needs_no_body_and_ignores_v1s_region(client: Client) -> None:
    status, room = await answer_of(client.post("/v2/rooms", data=b""))
    assert (status, {"customRoomId", "geoFence", "webhook", "region"} & room.keys()) == (200, set())

    assert "region" not in await created(client, region="us001")


async def test_a_known_custom_room_id_gives_the_room_unchanged(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    first = await created(client, customRoomId="unicorn", webhook=WEBHOOK)
    other = {"endPoint": "https://elsewhere.example.com", "events": ["*"]}

    again = await created(client, customRoomId="unicorn", geoFence="us001", webhook=other)
    assert again == first
    assert len(videosdk.meetings) == 1


async def test_creating_again_can_replace_the_webhook(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    videosdk.updates_webhook = True
    first = await created(client, customRoomId="unicorn", webhook=WEBHOOK)
    other = {"endPoint": "https://elsewhere.example.com", "events": ["*"]}

    assert await created(client, customRoomId="unicorn", webhook=other) == first | {
        "webhook": other
    }
    assert (await created(client, customRoomId="unicorn"))["webhook"] == other


async def test_responses_can_leave_out_the_webhook(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    videosdk.echoes_webhook = False
    room = await created(client, customRoomId="unicorn", webhook=WEBHOOK)

    assert "webhook" not in room
    assert await answer_of(client.get("/v2/rooms/validate/unicorn")) == (200, room)
    assert videosdk.meetings[room["roomId"]]["webhook"] == WEBHOOK


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"customRoomId": ""}, "customRoomId"),
        ({"customRoomId": 7}, "customRoomId"),
        ({"geoFence": "mars1"}, "geoFence"),
        ({"geoFence": None}, "geoFence"),
        *(
            ({"webhook": webhook}, "webhook")
            for webhook in (
                None,
                WEBHOOK | {"endPoint": "https://bot.example.com/" + "x" * 489},
                WEBHOOK | {"endPoint": "/videosdk"},
                WEBHOOK | {"endPoint": "https://[::"},
                WEBHOOK | {"endPoint": 7},
                WEBHOOK | {"events": []},
                WEBHOOK | {"events": "*"},
            )
        ),
    ],
)
async def test_an_invalid_field_is_rejected(
    fields: dict[str, Any], name: str, client: Client, videosdk: VideoSDKStandIn
) -> None:
    answer = {"statusCode": 400, "error": f"'{name}' field is invalid."}

    assert await answer_of(client.post("/v2/rooms", json=fields)) == (400, answer)
    assert not videosdk.meetings


async def test_a_plan_without_geo_fencing_says_so(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    videosdk.geo_fencing = False
    answer = {"statusCode": 403, "error": "Geo fencing is not available in your plan."}

    assert await answer_of(client.post("/v2/rooms", json={"geoFence": "us001"})) == (403, answer)
    await created(client)


async def test_a_room_is_the_same_record_in_both_versions(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    room = await created(client, customRoomId="daily / stand-up?", geoFence="us001")
    for any_id in (room["roomId"], "daily%20%2F%20stand-up%3F"):
        assert await answer_of(client.get(f"/v2/rooms/validate/{any_id}")) == (200, room)
    _, meeting = await answer_of(client.get(f"/v1/meetings/{room['roomId']}"))
    assert (meeting["userMeetingId"], meeting["id"]) == ("daily / stand-up?", room["id"])
    assert "geoFence" not in meeting

    _, meeting = await answer_of(client.post("/v1/meetings", json={"region": "eu001"}))
    status, room = await answer_of(client.get(f"/v2/rooms/validate/{meeting['meetingId']}"))
    assert (status, room["disabled"], room["userId"]) == (200, False, meeting["userId"])
    videosdk.not_found = (402, "json")
    assert (await answer_of(client.get("/v2/rooms/validate/nowhere")))[0] == 402


async def test_a_room_is_shown_by_any_of_its_ids_with_its_owner(client: Client) -> None:
    room = await created(client, customRoomId="unicorn")

    for any_id in (room["id"], room["roomId"], "unicorn"):
        status, shown = await answer_of(client.get(f"/v2/rooms/{any_id}"))
        assert (status, shown.pop("user")["id"]) == (200, room["userId"])
        assert shown | {"userId": room["userId"]} == room
    assert await answer_of(client.get("/v2/rooms/nowhere")) == NOT_FOUND


async def test_rooms_are_listed_newest_first_and_looked_up_by_id(client: Client) -> None:
    first, second = [await created(client, customRoomId=name) for name in ("one", "two")]

    _, body = await answer_of(client.get("/v2/rooms"))
    assert (body["pageInfo"]["total"], body["data"]) == (2, [second, first])
    for query in ("one", first["roomId"]):
        _, body = await answer_of(client.get("/v2/rooms", params={"query": query}))
        assert body["data"] == [first]


async def test_a_deactivated_room_stays_and_is_disabled_for_good(client: Client) -> None:
    room = await created(client, customRoomId="unicorn", webhook=WEBHOOK)

    answer = client.post("/v2/rooms/deactivate", json={"roomId": room["roomId"]})
    status, old_style = await answer_of(answer)
    assert (status, old_style["meetingId"]) == (200, room["roomId"])
    assert (old_style["userMeetingId"], old_style["disabled"]) == ("unicorn", True)
    assert old_style["user"]["id"] == room["userId"]
    assert (await created(client, customRoomId="unicorn")) == room | {"disabled": True}


@pytest.mark.parametrize("path", ["/v2/rooms/deactivate", "/v2/sessions/end"])
async def test_calls_that_end_a_room_take_only_its_room_id(path: str, client: Client) -> None:
    await created(client, customRoomId="unicorn")

    for room_id, status in (("", 400), (7, 400), ("unicorn", 402), ("n0t0-y0ur-m33t", 402)):
        assert (await answer_of(client.post(path, json={"roomId": room_id})))[0] == status
    _, body = await answer_of(client.post(path))
    assert body["error"] == "Please provide a valid `roomId` in body params."


async def test_a_token_for_joining_or_of_another_version_is_rejected(client: Client) -> None:
    for claims, words in (
        ({"version": 2, "roles": ["rtc"]}, "CRAWLER"),
        ({"version": 1}, "valid payload version"),
    ):
        headers = {"Authorization": token(**claims)}
        status, body = await answer_of(client.post("/v2/rooms", headers=headers))
        assert (status, body["statusCode"]) == (403, 403)
        assert words in body["error"]
        assert (await answer_of(client.post("/v1/meetings", headers=headers)))[0] == 200


async def test_a_token_without_version_and_roles_is_enough_and_no_token_is_401(
    videosdk: VideoSDKStandIn,
) -> None:
    async with TestClient(TestServer(videosdk.app)) as stranger:
        headers = {"Authorization": token()}
        assert (await answer_of(stranger.post("/v2/rooms", headers=headers)))[0] == 200
        assert (await answer_of(stranger.post("/v2/rooms")))[0] == 401
        status, body = await answer_of(stranger.get("/v2/public/rsa-public-key"))
    assert (status, body) == (200, {"publicKey": videosdk.webhooks.public_key})
    assert body["publicKey"].startswith("\n-----BEGIN RSA PUBLIC KEY-----\n")


async def test_a_fault_can_return_another_rooms_id(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    room_id = (await created(client))["roomId"]
    videosdk.faults.plan(PRESETS["other-meeting"][1])

    _, room = await answer_of(client.get(f"/v2/rooms/validate/{room_id}"))
    assert room["roomId"] == "n0t0-y0ur-m33t"


async def test_a_room_gets_the_webhooks_that_it_asked_for_and_no_others(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    videosdk.webhooks.paused = True
    reporting = (await created(client, webhook=WEBHOOK))["roomId"]
    silent = (await created(client))["roomId"]
    for room_id in (reporting, silent):
        videosdk.leave(room_id, videosdk.join(room_id, "Ada", "R01-ada"))

    assert {event.url for event in videosdk.webhooks.held} == {WEBHOOK["endPoint"]}
    joined, left = [json.loads(event.body) for event in videosdk.webhooks.held]
    _, session = await answer_of(client.get("/v2/sessions/", params={"roomId": reporting}))
    assert joined == {
        "webhookType": "participant-joined",
        "data": {
            "meetingId": reporting,
            "sessionId": session["data"][0]["id"],
            "participantId": "R01-ada",
            "participantName": "Ada",
        },
    }
    assert left == joined | {"webhookType": "participant-left"}


async def test_the_hosted_ui_needs_no_token_and_has_no_faults_or_records(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    videosdk.faults.plan(PRESETS["500"][1])

    async with client.get("/embed/") as page:
        assert (page.status, page.content_type) == (400, "text/html")
    assert videosdk.requests == []

"""Version 2 of the API: sessions and participants."""

from collections.abc import AsyncIterator
from typing import Any, Literal

import jwt
import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.clock import Clock

API_KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
SECRET = "b7f3" * 16
NOW = 1641364876.018
ENDED = "2022-01-05T06:41:16.018Z"

Client = TestClient[Any, Any]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def videosdk(clock: Clock) -> VideoSDKStandIn:
    videosdk = VideoSDKStandIn(API_KEY, SECRET, clock=clock)
    videosdk.listing_lag = 0
    videosdk.participant_bytes = 0
    return videosdk


@pytest.fixture
async def client(videosdk: VideoSDKStandIn) -> AsyncIterator[Client]:
    claims = {"apikey": API_KEY, "permissions": [], "version": 2, "roles": ["crawler"]}
    token = jwt.encode(claims | {"exp": int(NOW) + 600}, SECRET, algorithm="HS256")
    headers = {"Authorization": token}
    async with TestClient(TestServer(videosdk.app), headers=headers) as client:
        yield client


async def answer_of(answer: Any) -> tuple[int, Any]:
    """Await a response, and return its status and its JSON."""
    async with answer as got:
        return got.status, await got.json()


async def created(client: Client, **fields: object) -> str:
    _, room = await answer_of(client.post("/v2/rooms", json=fields))
    return str(room["roomId"])


async def listed(client: Client, **query: str) -> list[dict[str, Any]]:
    status, body = await answer_of(client.get("/v2/sessions", params=query))
    assert status == 200
    return list(body["data"])


async def test_sessions_are_listed_newest_first_in_the_form_of_the_reference(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    room_id = await created(client, customRoomId="unicorn")
    videosdk.leave(room_id, videosdk.join(room_id, "Ada"))
    videosdk.join(room_id, "Grace", "R01-grace")

    session, before = await listed(client)
    assert (before["status"], before["end"]) == ("ended", ENDED)
    assert session.pop("links")["get_session"].endswith(f"/v2/sessions/{session.pop('id')}")
    log = [{"start": ENDED, "end": None}]
    assert session == {
        "roomId": room_id,
        "start": ENDED,
        "end": None,
        "participants": [{"participantId": "R01-grace", "name": "Grace", "timelog": log}],
        "status": "ongoing",
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Joan", "Grace", "Ada"]),
        ({"roomId": "{here}"}, ["Grace", "Ada"]),
        ({"customRoomId": "unicorn"}, ["Grace", "Ada"]),
        ({"query": "unicorn"}, ["Grace", "Ada"]),
        ({"query": "{here}", "status": "ended"}, ["Ada"]),
        ({"status": "ongoing"}, ["Joan", "Grace"]),
        ({"roomId": "{here}", "status": "ongoing", "perPage": "1"}, ["Grace"]),
        ({"perPage": "1", "page": "3"}, ["Ada"]),
        ({"roomId": "n0t0-y0ur-m33t"}, []),
    ],
)
async def test_sessions_are_found_by_room_and_status_and_come_in_pages(
    query: dict[str, str], names: list[str], client: Client, videosdk: VideoSDKStandIn
) -> None:
    here = await created(client, customRoomId="unicorn")
    elsewhere = await created(client)
    videosdk.leave(here, videosdk.join(here, "Ada"))
    videosdk.join(here, "Grace")
    videosdk.join(elsewhere, "Joan")

    found = await listed(client, **{key: one.format(here=here) for key, one in query.items()})
    assert [one["participants"][0]["name"] for one in found] == names


async def test_reading_sessions_lags_and_ending_one_does_not(
    client: Client, videosdk: VideoSDKStandIn, clock: Clock
) -> None:
    videosdk.listing_lag = 5
    room_id = await created(client)
    videosdk.join(room_id, "Ada", "ada", ago=60)
    videosdk.join(room_id, "Grace", "grace")

    [session] = await listed(client)
    path = f"/v2/sessions/{session['id']}"
    assert [one["name"] for one in session["participants"]] == ["Ada"]
    assert (await answer_of(client.get(f"{path}/participants/grace")))[0] == 400
    await client.post("/v2/sessions/end", json={"roomId": room_id})
    assert await listed(client, status="ended") == []
    assert (await answer_of(client.get(path)))[1]["status"] == "ongoing"
    assert (await answer_of(client.post("/v2/sessions/end", json={"roomId": room_id})))[0] == 406

    clock.now += 5
    [session] = await listed(client, status="ended")
    assert [one["name"] for one in session["participants"]] == ["Ada", "Grace"]


def test_by_default_listings_lag_and_participants_are_large() -> None:
    videosdk = VideoSDKStandIn(API_KEY, SECRET)

    assert (0 < videosdk.listing_lag < 1, videosdk.participant_bytes) == (True, 600)


async def test_a_session_can_be_read_alone_and_its_participants_in_pages(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    room_id = await created(client, customRoomId="unicorn")
    for name in ("Ada", "Grace", "Joan"):
        videosdk.join(room_id, name)
    _, body = await answer_of(client.get("/v2/sessions/"))
    path = f"/v2/sessions/{body['data'][0]['id']}"

    _, session = await answer_of(client.get(path))
    assert (session["customRoomId"], session["activeDuration"]) == ("unicorn", None)
    _, body = await answer_of(client.get(f"{path}/participants?page=2&perPage=2"))
    assert body["pageInfo"] == {"currentPage": 2, "perPage": 2, "lastPage": 2, "total": 3}
    assert [one["name"] for one in body["data"]["participants"]] == ["Joan"]
    assert (body["data"]["roomId"], len(session["participants"])) == (room_id, 3)
    assert (await answer_of(client.get("/v2/sessions/61d53d8c")))[0] == 400


async def test_active_participants_and_a_single_one_can_be_read(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    room_id = await created(client)
    for name in ("Ada", "Grace", "Joan"):
        videosdk.join(room_id, name, name.lower())
    videosdk.leave(room_id, "ada")
    [session] = await listed(client)
    path = f"/v2/sessions/{session['id']}/participants"

    _, body = await answer_of(client.get(f"{path}/active?perPage=1"))
    assert body["pageInfo"] == {"currentPage": 1, "perPage": 1, "lastPage": 2, "total": 2}
    [shown] = body["data"]
    assert (shown["roomId"], [one["name"] for one in shown["participants"]]) == (room_id, ["Grace"])
    assert await answer_of(client.get(f"{path}/ada")) == (
        200,
        {
            "participantId": "ada",
            "name": "Ada",
            "timelog": [{"start": ENDED, "end": ENDED}],
        },
    )
    assert await answer_of(client.get(f"{path}/nobody")) == (
        400,
        {"statusCode": 400, "error": "Participant not found."},
    )


async def test_ending_a_session_removes_everyone_and_works_once(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    room_id = await created(client)
    videosdk.join(room_id, "Ada")

    for wrong in ("61d53d8c", 7):
        fields = {"roomId": room_id, "sessionId": wrong}
        assert (await answer_of(client.post("/v2/sessions/end", json=fields)))[0] == 406
    status, session = await answer_of(client.post("/v2/sessions/end", json={"roomId": room_id}))
    assert (status, session["meetingId"], session["end"]) == (200, room_id, None)
    assert "links" not in session
    _, session = await answer_of(client.get(f"/v2/sessions/{session['id']}"))
    assert (session["status"], session["participants"][0]["timelog"][0]["end"]) == ("ended", ENDED)
    assert await answer_of(client.post("/v2/sessions/end", json={"roomId": room_id})) == (
        406,
        {"statusCode": 406, "error": "Failed to end session."},
    )


async def test_an_ended_session_can_be_ended_again_with_ignore_closed(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    room_id = await created(client)
    fields = {"roomId": room_id, "ignoreClosed": True}
    assert (await answer_of(client.post("/v2/sessions/end", json=fields)))[0] == 406
    videosdk.leave(room_id, videosdk.join(room_id, "Ada"))
    [before] = await listed(client)

    for more in ({}, {"sessionId": before["id"]}):
        status, session = await answer_of(client.post("/v2/sessions/end", json=fields | more))
        assert (status, session["id"], session["end"]) == (200, before["id"], ENDED)
    videosdk.join(room_id, "Grace")
    await client.post("/v2/sessions/end", json=fields | {"sessionId": before["id"]})
    assert [one["status"] for one in await listed(client)] == ["ongoing", "ended"]


async def test_a_session_of_another_room_is_not_ended(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    here, elsewhere = await created(client), await created(client)
    videosdk.join(elsewhere, "Ada")
    [session] = await listed(client)

    fields = {"roomId": here, "sessionId": session["id"], "ignoreClosed": True}
    assert (await answer_of(client.post("/v2/sessions/end", json=fields)))[0] == 406
    fields["roomId"] = elsewhere
    assert (await answer_of(client.post("/v2/sessions/end", json=fields)))[0] == 200


async def test_ending_a_session_can_return_a_string(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    videosdk.end_answers = "string"
    room_id = await created(client)
    videosdk.join(room_id, "Ada")

    assert await answer_of(client.post("/v2/sessions/end", json={"roomId": room_id})) == (
        200,
        "Session ended successfully",
    )


@pytest.mark.parametrize("form", ["string", "object"])
async def test_a_participant_is_removed_by_room_or_session(
    form: Literal["string", "object"], client: Client, videosdk: VideoSDKStandIn
) -> None:
    videosdk.removal_answers = form
    room_id = await created(client)
    for name in ("Ada", "Grace", "Joan"):
        videosdk.join(room_id, name, name.lower())
    [session] = await listed(client)

    by_room, by_session = {"roomId": room_id}, {"sessionId": session["id"]}
    for name, where in (("ada", by_room), ("grace", by_session), ("joan", by_room | by_session)):
        fields = where | {"participantId": name}
        status, body = await answer_of(client.post("/v2/sessions/participants/remove", json=fields))
        assert status == 200
        if form == "string":
            assert body == "Participant removed successfully"
        else:
            assert (body["roomId"], body["status"]) == (
                room_id,
                "ended" if name == "joan" else "ongoing",
            )
    [session] = await listed(client)
    assert [one["timelog"][0]["end"] for one in session["participants"]] == [ENDED] * 3


async def test_absent_participants_cannot_be_removed(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    room_id = await created(client)
    ada = {"participantId": "ada"}
    path = "/v2/sessions/participants/remove"

    for fields, status in (
        ({"roomId": room_id}, 400),
        ({"roomId": room_id, "participantId": 7}, 400),
        (ada, 400),
        (ada | {"sessionId": "61d53d8c"}, 406),
        (ada | {"roomId": "n0t0-y0ur-m33t"}, 402),
        (ada | {"roomId": room_id}, 406),
    ):
        assert (await answer_of(client.post(path, json=fields)))[0] == status
    videosdk.join(room_id, "Ada", "ada")
    for status in (200, 406):
        assert (await answer_of(client.post(path, json=ada | {"roomId": room_id})))[0] == status


async def test_an_empty_session_is_ongoing_while_it_lingers(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    videosdk.lingers = 60
    room_id = await created(client)
    videosdk.leave(room_id, videosdk.join(room_id, "Ada"))

    [session] = await listed(client, status="ongoing")
    assert session["participants"][0]["timelog"][0]["end"] == ENDED
    _, body = await answer_of(client.get(f"/v2/sessions/{session['id']}/participants/active"))
    assert body["data"][0]["participants"] == []


async def test_a_recorder_is_listed_like_a_participant(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    room_id = await created(client)
    videosdk.join(room_id, "Ada", "ada")
    recorder = videosdk.record(room_id)
    videosdk.stop_recording(room_id)

    [session] = await listed(client)
    assert [(one["participantId"], one["name"]) for one in session["participants"]] == [
        ("ada", "Ada"),
        (recorder, "recorder"),
    ]
    assert session["participants"][1]["timelog"][0]["end"] == ENDED

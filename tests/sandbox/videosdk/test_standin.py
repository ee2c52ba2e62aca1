"""Version 1 of the API, and what both versions share: tokens, records and faults."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any, Literal

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.typedefs import Handler, Middleware

from bot.sandbox.faults import Fault
from bot.sandbox.journal import Journal
from bot.sandbox.videosdk.sessions import RoomDisabledError
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.sandbox.videosdk.v1 import REGIONS

API_KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
SECRET = "b7f3" * 16
NOW = 1641364876.018
LOGIN_FIRST = {"statusCode": 401, "error": "Please login to continue!"}
BAD_TOKEN = {"statusCode": 401, "error": "Token is invalid or expired"}
NOT_FOUND = {"statusCode": 400, "error": "Room not found."}

Client = TestClient[Any, Any]


def token(expiry: float = NOW + 600) -> str:
    claims = {"apikey": API_KEY, "permissions": ["allow_join"], "exp": int(expiry)}
    return jwt.encode(claims, SECRET, algorithm="HS256")


@pytest.fixture
def videosdk() -> VideoSDKStandIn:
    videosdk = VideoSDKStandIn(API_KEY, SECRET, clock=lambda: NOW)
    videosdk.listing_lag = 0  # this clock stands still
    return videosdk


@pytest.fixture
async def stranger(videosdk: VideoSDKStandIn) -> AsyncIterator[Client]:
    """A client that sends no token."""
    async with TestClient(TestServer(videosdk.app)) as client:
        yield client


@pytest.fixture
async def client(stranger: Client) -> AsyncIterator[Client]:
    headers = {"Authorization": token()}
    client: Client = TestClient(stranger.server, headers=headers)
    async with client:
        yield client


async def answer_of(answer: Any) -> tuple[int, Any]:
    """Await a response, and return its status and its JSON."""
    async with answer as got:
        return got.status, await got.json()


async def created(client: Client, **fields: object) -> dict[str, Any]:
    status, meeting = await answer_of(client.post("/v1/meetings", json=fields))
    assert status == 200
    return dict(meeting)


async def test_create_returns_the_record_on_the_api_page(client: Client) -> None:
    meeting = await created(client, region="us001", userMeetingId="unicorn")

    assert re.fullmatch("[a-z0-9]{4}(-[a-z0-9]{4}){2}", meeting.pop("meetingId"))
    assert re.fullmatch("[0-9a-f]{24}", meeting.pop("userId"))
    assert re.fullmatch("61d53d8c[0-9a-f]{16}", meeting.pop("id"))
    assert meeting == {
        "userMeetingId": "unicorn",
        "region": "us001",
        "createdAt": "2022-01-05T06:41:16.018Z",
        "updatedAt": "2022-01-05T06:41:16.018Z",
    }


@pytest.mark.parametrize("content", [b"", b"{}"])
async def test_create_needs_no_body_and_picks_singapore(content: bytes, client: Client) -> None:
    status, meeting = await answer_of(
        client.post("/v1/meetings", data=content, skip_auto_headers=["Content-Type"])
    )

    assert status == 200
    assert meeting["region"] == "sg001"
    assert "userMeetingId" not in meeting


@pytest.mark.parametrize("region", REGIONS)
async def test_every_region_of_the_api_is_accepted(region: str, client: Client) -> None:
    assert (await created(client, region=region))["region"] == region


@pytest.mark.parametrize("region", ["mars1", "US001", "", None, 7, ["us001"], {}])
async def test_an_unknown_region_is_rejected(region: object, client: Client) -> None:
    assert await answer_of(client.post("/v1/meetings", json={"region": region})) == (
        400,
        {"statusCode": 400, "error": "'region' field is invalid."},
    )


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b"null", b'"text"', b"1", b"\xff", b" ", b"[" * 100_000]
)
async def test_a_body_that_is_not_a_json_object_is_rejected(
    content: bytes, client: Client, videosdk: VideoSDKStandIn
) -> None:
    status, body = await answer_of(client.post("/v1/meetings", data=content))

    assert (status, body["statusCode"]) == (400, 400)
    assert not videosdk.meetings


@pytest.mark.parametrize("user_meeting_id", ["", None, 7, []])
async def test_a_user_meeting_id_is_a_text(user_meeting_id: object, client: Client) -> None:
    answer = client.post("/v1/meetings", json={"userMeetingId": user_meeting_id})

    assert (await answer_of(answer))[1]["error"] == "'userMeetingId' field is invalid."


async def test_a_known_user_meeting_id_gives_the_same_meeting(client: Client) -> None:
    first = await created(client, userMeetingId="unicorn")

    assert await created(client, userMeetingId="unicorn", region="eu001") == first


async def test_a_known_user_meeting_id_can_give_a_new_meeting(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    videosdk.repeated_id = "new"
    first = await created(client, userMeetingId="unicorn")

    assert (await created(client, userMeetingId="unicorn"))["meetingId"] != first["meetingId"]
    assert len(videosdk.meetings) == 2


@pytest.mark.parametrize(("mode", "status"), [("refuse400", 400), ("refuse409", 409)])
async def test_a_known_user_meeting_id_can_be_rejected(
    mode: Literal["refuse400", "refuse409"],
    status: int,
    client: Client,
    videosdk: VideoSDKStandIn,
) -> None:
    videosdk.repeated_id = mode
    await created(client, userMeetingId="unicorn")
    answer = client.post("/v1/meetings", json={"userMeetingId": "unicorn"})

    assert (await answer_of(answer))[0] == status
    assert len(videosdk.meetings) == 1


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("prefix", ["/v1", "/api"])
async def test_validate_works_with_either_method_id_and_prefix(
    method: str, prefix: str, client: Client
) -> None:
    meeting = await created(client, userMeetingId="daily / stand-up?")

    for any_id in (meeting["meetingId"], "daily%20%2F%20stand-up%3F"):
        answer = client.request(method, f"{prefix}/meetings/{any_id}")
        assert await answer_of(answer) == (200, meeting)


async def test_validate_answers_other_methods_with_405(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    meeting = await created(client)
    videosdk.validate_verbs = {"GET"}

    async with client.post(f"/v1/meetings/{meeting['meetingId']}") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET")


async def test_an_unknown_meeting_is_a_400_with_a_json_body(client: Client) -> None:
    assert await answer_of(client.post("/v1/meetings/n0t0-y0ur-m33t")) == (400, NOT_FOUND)


@pytest.mark.parametrize("status", [400, 402, 404])
async def test_an_unknown_meeting_can_have_another_status_and_a_text_body(
    status: int, client: Client, videosdk: VideoSDKStandIn
) -> None:
    videosdk.not_found = (status, "text")

    async with client.post("/v1/meetings/n0t0-y0ur-m33t") as answer:
        assert (answer.status, answer.content_type) == (status, "text/plain")
        assert await answer.text() == "Room not found."


async def test_another_accounts_meeting_is_unknown(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    meeting = await created(client)
    videosdk.meetings[meeting["meetingId"]]["userId"] = "5fa671e77b80d58c11cbca95"

    answer = client.get(f"/v1/meetings/{meeting['meetingId']}")
    assert await answer_of(answer) == (400, NOT_FOUND)


async def test_the_region_can_be_left_out_of_responses(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    videosdk.echoes_region = False
    meeting = await created(client, region="eu001")

    assert "region" not in meeting
    assert videosdk.meetings[meeting["meetingId"]]["region"] == "eu001"


async def test_get_on_meetings_lists_and_never_creates(client: Client) -> None:
    oldest, middle, newest = [await created(client) for _ in range(3)]

    answer = client.get("/v1/meetings", json={"region": "sg001", "userMeetingId": "unicorn"})
    assert await answer_of(answer) == (
        200,
        {
            "pageInfo": {"currentPage": 1, "perPage": 20, "lastPage": 1, "total": 3},
            "data": [newest, middle, oldest],
        },
    )


async def test_the_list_comes_in_pages(client: Client) -> None:
    oldest, *_ = [await created(client) for _ in range(5)]

    status, body = await answer_of(client.get("/v1/meetings?page=3&perPage=2"))
    assert status == 200
    assert body["pageInfo"] == {"currentPage": 3, "perPage": 2, "lastPage": 3, "total": 5}
    assert body["data"] == [oldest]


@pytest.mark.parametrize("query", ["page=&perPage=", "page=x&perPage=1.5", "page=" + "9" * 5000])
async def test_invalid_page_numbers_mean_the_defaults(query: str, client: Client) -> None:
    status, body = await answer_of(client.get(f"/v1/meetings?{query}"))

    assert status == 200
    assert body["pageInfo"] == {"currentPage": 1, "perPage": 20, "lastPage": 1, "total": 0}


async def test_sessions_are_listed_for_one_meeting_newest_first(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    here, elsewhere = [(await created(client))["meetingId"] for _ in range(2)]
    videosdk.leave(here, videosdk.join(here, "Ada"))
    videosdk.join(here, "Grace")
    videosdk.join(elsewhere, "Joan")

    _, body = await answer_of(client.get("/v1/meeting-sessions", params={"meetingId": here}))
    now = "2022-01-05T06:41:16.018Z"
    assert body["pageInfo"]["total"] == 2
    assert [(one["meetingId"], one["end"]) for one in body["data"]] == [(here, None), (here, now)]
    assert body["data"][0]["participants"][0]["timelog"] == [{"start": now, "end": None}]


async def test_sessions_are_listed_for_all_meetings_and_shown_one_by_one(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    meeting_id = (await created(client))["meetingId"]
    videosdk.join(meeting_id, "Ada")
    videosdk.end(meeting_id)

    _, body = await answer_of(client.get("/v1/meeting-sessions?page=1&perPage=5"))
    [session] = body["data"]
    assert session["activeDuration"] == 0
    assert await answer_of(client.get(f"/v1/meeting-sessions/{session['id']}")) == (200, session)
    assert (await answer_of(client.get("/v1/meeting-sessions/61d53d8c")))[0] == 400


async def test_a_session_is_ended_by_its_id_and_only_once(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    meeting_id = (await created(client))["meetingId"]
    videosdk.join(meeting_id, "Ada")
    _, body = await answer_of(client.get("/v1/meeting-sessions"))
    path = f"/v1/meeting-sessions/{body['data'][0]['id']}"

    status, session = await answer_of(client.post(f"{path}/end"))
    assert (status, session["meetingId"], session["end"]) == (200, meeting_id, None)
    assert (await answer_of(client.get(path)))[1]["end"] == "2022-01-05T06:41:16.018Z"
    assert await answer_of(client.post(f"{path}/end")) == (
        406,
        {"statusCode": 406, "error": "Failed to end session."},
    )
    assert (await answer_of(client.post("/v1/meeting-sessions/61d53d8c/end")))[0] == 400


async def test_a_participant_is_removed_from_a_session(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    meeting_id = (await created(client))["meetingId"]
    videosdk.join(meeting_id, "Ada", "ada")
    videosdk.join(meeting_id, "Grace", "grace")
    _, body = await answer_of(client.get("/v1/meeting-sessions"))
    path = f"/v1/meeting-sessions/{body['data'][0]['id']}/remove-participant"

    status, session = await answer_of(client.post(path, json={"participantId": "ada"}))
    ends = [one["timelog"][0]["end"] for one in session["participants"]]
    assert (status, ends) == (200, ["2022-01-05T06:41:16.018Z", None])
    for fields, refusal in (({}, 400), ({"participantId": "ada"}, 406)):
        assert (await answer_of(client.post(path, json=fields)))[0] == refusal


async def test_a_disabled_meeting_comes_back_when_it_is_created_again(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    meeting = await created(client, userMeetingId="unicorn")
    headers = {
        "Authorization": jwt.encode(
            {"apikey": API_KEY, "permissions": [], "version": 2, "exp": int(NOW) + 60}, SECRET
        )
    }
    await client.post(
        "/v2/rooms/deactivate", json={"roomId": meeting["meetingId"]}, headers=headers
    )

    assert await created(client, userMeetingId="unicorn") == meeting | {"disabled": True}
    with pytest.raises(RoomDisabledError):
        videosdk.join(meeting["meetingId"], "Ada")


async def test_without_a_token_the_caller_is_asked_to_log_in(stranger: Client) -> None:
    assert await answer_of(stranger.post("/v1/meetings")) == (401, LOGIN_FIRST)
    assert await answer_of(stranger.get("/v1/meeting-sessions")) == (401, LOGIN_FIRST)
    assert await answer_of(stranger.get("/v1/nowhere")) == (401, LOGIN_FIRST)


@pytest.mark.parametrize("bad", ["e30.e30.e30", token(NOW), "Basic " + token(), "Bearer", " "])
async def test_a_bad_token_is_rejected(bad: str, stranger: Client) -> None:
    answer = stranger.post("/v1/meetings", headers={"Authorization": bad})

    assert (await answer_of(answer))[0] == 401


async def test_a_token_that_is_not_text_is_rejected(stranger: Client) -> None:
    reader, writer = await asyncio.open_connection(stranger.host, stranger.port)
    writer.write(b"POST /v1/meetings HTTP/1.0\r\nAuthorization: \xff\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert answer.startswith(b"HTTP/1.0 401 ")
    assert answer.endswith(json.dumps(BAD_TOKEN).encode())


async def test_bearer_is_accepted_unless_switched_off(
    stranger: Client, videosdk: VideoSDKStandIn
) -> None:
    bearer = {"Authorization": f"Bearer {token()}"}
    assert (await answer_of(stranger.post("/v1/meetings", headers=bearer)))[0] == 200

    videosdk.accepts_bearer = False
    answer = stranger.post("/v1/meetings", headers=bearer)
    assert await answer_of(answer) == (401, BAD_TOKEN)


async def test_the_clock_is_real_unless_given() -> None:
    videosdk = VideoSDKStandIn(API_KEY, SECRET)
    fresh = {"Authorization": token(time.time() + 60)}

    async with TestClient(TestServer(videosdk.app), headers=fresh) as client:
        assert (await answer_of(client.post("/v1/meetings")))[0] == 200


async def test_every_call_is_recorded_even_with_a_fault(
    client: Client, videosdk: VideoSDKStandIn
) -> None:
    videosdk.faults.plan(Fault(500))
    await client.post("/v1/meetings", json={"region": "eu001"})
    await client.get("/v1/meetings/a%2Fb?x=1")

    assert videosdk.requests == [
        ("POST", "/v1/meetings", {"region": "eu001"}),
        ("GET", "/v1/meetings/a%2Fb?x=1", None),
    ]
    assert not videosdk.meetings


class WatchedJournal(Journal):
    """Records each call, and sets an event when it does."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, str, int]] = []
        self.has_seen = asyncio.Event()

    def middleware(self, *, source: str, target: str) -> Middleware:
        """Record who called whom, and the response's status."""

        @web.middleware
        async def keep(request: web.Request, handler: Handler) -> web.StreamResponse:
            answer = await handler(request)
            self.seen.append((source, target, answer.status))
            self.has_seen.set()
            return answer

        return keep


async def test_the_journal_records_what_the_caller_gets() -> None:
    journal = WatchedJournal()
    videosdk = VideoSDKStandIn(API_KEY, SECRET, journal=journal)
    videosdk.faults.plan(Fault(429))

    async with TestClient(TestServer(videosdk.app)) as client:
        await client.post("/v1/meetings")
        await client.post("/v1/meetings")
    assert journal.seen == [("bot", "VideoSDK", 429), ("bot", "VideoSDK", 401)]


async def test_a_body_with_a_wrong_content_encoding_is_rejected(client: Client) -> None:
    gzip = {"Content-Encoding": "gzip"}

    async with client.post("/v1/meetings", data=b"{}", headers=gzip, compress=None) as answer:
        assert answer.status == 400


async def test_a_caller_that_disconnects_during_a_request_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    journal = WatchedJournal()
    videosdk = VideoSDKStandIn(API_KEY, SECRET, journal=journal)

    runner = web.AppRunner(videosdk.app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    _, writer = await asyncio.open_connection(*runner.addresses[0])
    writer.write(b"POST /v1/meetings HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\n{")
    writer.close()
    await writer.wait_closed()
    await asyncio.wait_for(journal.has_seen.wait(), 1)
    await runner.cleanup()

    assert not caplog.records
    assert not videosdk.requests

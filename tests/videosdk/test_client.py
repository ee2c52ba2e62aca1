"""The client creates, validates and lists with version 1 of the API."""

import asyncio
import inspect
import re
import textwrap
from datetime import datetime
from functools import partial
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import jwt
import pytest

import bot.videosdk
from bot.sandbox.faults import Fault
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.videosdk import (
    ENDPOINT,
    VideoSDK,
    VideoSDKRefusedError,
    VideoSDKUnauthorizedError,
)
from bot.videosdk.endpoint import base_url
from tests.conftest import API_KEY, SECRET_KEY
from tests.peer import Peer, http_answer
from tests.videosdk.watched import Watched

ODD_IDS = [
    "a/b",
    "a?b#c",
    "100%",
    "%2F",
    "%2e%2e",
    "two words",
    "a+b&c=d",
    "ünïcorn",
    "a\\b",
    "a\nb",
]


async def test_a_meeting_is_created_and_found_by_either_id(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    meeting = await videosdk.create(region="eu001", user_meeting_id="unicorn")

    [record] = videosdk_standin.meetings.values()
    assert (meeting.meeting_id, meeting.user_meeting_id) == (record["meetingId"], "unicorn")
    assert (meeting.region, meeting.disabled) == ("eu001", False)
    assert meeting.created_at == datetime.fromisoformat(record["createdAt"])
    assert await videosdk.validate(meeting.meeting_id) == meeting
    assert await videosdk.validate("unicorn") == meeting
    assert videosdk_standin.requests == [
        ("POST", "/v1/meetings", {"region": "eu001", "userMeetingId": "unicorn"}),
        ("POST", f"/v1/meetings/{meeting.meeting_id}", None),
        ("POST", "/v1/meetings/unicorn", None),
    ]


@pytest.mark.parametrize(
    ("status", "form", "verbs"),
    [(400, "json", ["POST"]), (402, "text", ["POST"]), (404, "json", ["POST", "GET"])],
)
async def test_an_unknown_meeting_is_none(
    status: int,
    form: Literal["json", "text"],
    verbs: list[str],
    videosdk: VideoSDK,
    videosdk_standin: VideoSDKStandIn,
) -> None:
    videosdk_standin.not_found = (status, form)

    assert await videosdk.validate("87i6-bvw8-dtn1") is None
    assert [request.method for request in videosdk_standin.requests] == verbs


@pytest.mark.parametrize("status", [404, 405])
async def test_a_meeting_that_post_cannot_validate_is_validated_by_get(
    status: int, videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    meeting = await videosdk.create()
    videosdk_standin.faults.plan(Fault(status))

    assert await videosdk.validate(meeting.meeting_id) == meeting
    assert [request.method for request in videosdk_standin.requests[1:]] == ["POST", "GET"]


async def test_an_unknown_meeting_is_none_where_only_post_validates(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.validate_verbs = {"POST"}
    videosdk_standin.not_found = (404, "json")

    assert await videosdk.validate("87i6-bvw8-dtn1") is None
    assert len(videosdk_standin.requests) == 2


async def test_a_server_that_rejects_every_method_is_an_error_and_not_an_unknown_meeting(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.validate_verbs = set()

    with pytest.raises(VideoSDKRefusedError) as caught:
        await videosdk.validate("87i6-bvw8-dtn1")
    assert caught.value.status == 405
    assert len(videosdk_standin.requests) == 2


async def test_a_disabled_meeting_is_marked_as_such(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    meeting = await videosdk.create()
    videosdk_standin.meetings[meeting.meeting_id]["disabled"] = True

    found = await videosdk.validate(meeting.meeting_id)
    assert found
    assert found.disabled


async def test_an_id_stays_one_segment_of_the_path(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    for meeting_id in ODD_IDS:
        assert await videosdk.validate(meeting_id) is None

    parts = [request.path.split("/") for request in videosdk_standin.requests]
    assert [part[:-1] for part in parts] == [["", "v1", "meetings"]] * len(ODD_IDS)
    assert [unquote(part[-1]) for part in parts] == ODD_IDS


async def test_an_id_stays_one_value_of_the_query(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    for meeting_id in ODD_IDS:
        assert await videosdk.sessions(meeting_id) == []

    queries = [urlsplit(request.path).query for request in videosdk_standin.requests]
    assert [parse_qs(query, strict_parsing=True) for query in queries] == [
        {"meetingId": [meeting_id], "page": ["1"], "perPage": ["3"]} for meeting_id in ODD_IDS
    ]


async def test_an_id_that_would_change_the_path_is_not_sent(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    for meeting_id in ("", ".", ".."):
        assert await videosdk.validate(meeting_id) is None
    assert not videosdk_standin.requests


@pytest.mark.parametrize(("bearer", "prefix"), [(False, ""), (True, "Bearer ")])
async def test_the_token_is_sent_bare_or_as_a_bearer(
    *, bearer: bool, prefix: str, transport: httpx.AsyncBaseTransport
) -> None:
    async with Peer(http_answer(b'{"meetingId": "a"}')).listening() as peer:
        await VideoSDK(
            API_KEY, SECRET_KEY, endpoint=peer.url, transport=transport, bearer=bearer
        ).create()

    header = re.search("^authorization: (.*)$", peer.asked[0], re.IGNORECASE | re.MULTILINE)
    assert header
    sent = header[1].strip()
    assert sent.startswith(prefix)
    claims = jwt.decode(sent.removeprefix(prefix), SECRET_KEY, algorithms=["HS256"])
    assert claims["apikey"] == API_KEY


async def test_a_server_that_wants_a_bare_token_rejects_a_bearer(
    transport: httpx.AsyncBaseTransport, videosdk_url: str, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.accepts_bearer = False
    make = partial(VideoSDK, API_KEY, SECRET_KEY, endpoint=videosdk_url, transport=transport)

    await make().create()
    with pytest.raises(VideoSDKUnauthorizedError):
        await make(bearer=True).create()


@pytest.mark.parametrize(("key", "secret"), [(API_KEY, "wrong" * 10), ("wrong", SECRET_KEY)])
async def test_a_wrong_key_or_secret_is_rejected(
    key: str, secret: str, transport: httpx.AsyncBaseTransport, videosdk_url: str
) -> None:
    with pytest.raises(VideoSDKUnauthorizedError) as caught:
        await VideoSDK(key, secret, endpoint=videosdk_url, transport=transport).create()

    assert caught.value.status == 401


async def test_the_endpoint_may_end_with_a_version(
    transport: httpx.AsyncBaseTransport, videosdk_url: str
) -> None:
    for tail in ("", "/", "/v1", "/v1/", "/v2", "/v2//"):
        assert base_url(ENDPOINT + tail) == "https://api.videosdk.live"
    endpoint = f"{videosdk_url}/v1/"
    await VideoSDK(API_KEY, SECRET_KEY, endpoint=endpoint, transport=transport).create()


async def test_an_endpoint_may_have_a_path_before_it(transport: httpx.AsyncBaseTransport) -> None:
    async with Peer(http_answer(b'{"meetingId": "a"}')).listening() as peer:
        endpoint = f"{peer.url}/videosdk/v1/"
        await VideoSDK(API_KEY, SECRET_KEY, endpoint=endpoint, transport=transport).create()

    assert peer.asked[0].startswith("POST /videosdk/v1/meetings HTTP/1.1")


async def test_the_client_closes_the_transport_that_it_opened(videosdk_url: str) -> None:
    async with VideoSDK(API_KEY, SECRET_KEY, endpoint=videosdk_url) as videosdk:
        await videosdk.create()
        opened = videosdk._transport
        assert isinstance(opened, httpx.AsyncHTTPTransport)
        assert opened._pool.connections

    assert not opened._pool.connections


async def test_the_client_leaves_open_the_transport_that_it_was_given(
    transport: httpx.AsyncBaseTransport, videosdk_url: str
) -> None:
    given = Watched(transport)
    async with VideoSDK(API_KEY, SECRET_KEY, endpoint=videosdk_url, transport=given) as videosdk:
        await videosdk.create()

    assert not given.closed


async def test_calls_can_run_concurrently(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    created = await asyncio.gather(*(videosdk.create() for _ in range(20)))

    assert {meeting.meeting_id for meeting in created} == set(videosdk_standin.meetings)
    assert len(videosdk_standin.requests) == 20


@pytest.mark.parametrize("documented", [bot.videosdk, VideoSDK], ids=["package", "class"])
async def test_the_documented_usage_runs(
    documented: object, videosdk_url: str, videosdk_standin: VideoSDKStandIn
) -> None:
    text = inspect.getdoc(documented) or ""
    lines = re.search(r"^ *async with .*\n(?: +.+\n?)+", text, re.MULTILINE)
    assert lines
    usage = "async def use():\n" + textwrap.indent(textwrap.dedent(lines[0]), "    ")
    names: dict[str, Any] = {
        "VideoSDK": partial(VideoSDK, endpoint=videosdk_url),
        "api_key": API_KEY,
        "secret_key": SECRET_KEY,
    }
    exec(usage, names)  # noqa: S102 - the text is our own docstring

    await names["use"]()
    assert len(lines[0].strip().splitlines()) == 3
    assert [meeting["region"] for meeting in videosdk_standin.meetings.values()] == ["us001"]

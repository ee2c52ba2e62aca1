"""Every failure becomes one error of the right class, in time and without repeated effects."""

import asyncio
import json
import logging
import time
import traceback
from collections.abc import Callable

import httpx
import pytest

from bot.sandbox.faults import PRESETS, Fault
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.videosdk import (
    VideoSDK,
    VideoSDKBadReplyError,
    VideoSDKBrokenError,
    VideoSDKError,
    VideoSDKInterruptedError,
    VideoSDKPaymentRequiredError,
    VideoSDKRateLimitedError,
    VideoSDKRefusedError,
    VideoSDKTimeoutError,
    VideoSDKTooLargeError,
)
from bot.videosdk.wire import MAX_REPLY
from tests.conftest import API_KEY, SECRET_KEY
from tests.peer import Peer, http_answer

ANY_ID = "87i6-bvw8-dtn1"
SOON = 0.25  # seconds

# The fault, the resulting error, its status, and the number of requests that a lookup makes.
# What each status means is tested in test_wire.
FAULTS: dict[str, tuple[Fault, type[VideoSDKError], int | None, int]] = {
    "hang": (PRESETS["hang"][1], VideoSDKTimeoutError, None, 1),
    "trickle": (PRESETS["trickle"][1], VideoSDKTimeoutError, None, 1),
    "reset": (PRESETS["reset"][1], VideoSDKInterruptedError, None, 2),
    "429": (PRESETS["429"][1], VideoSDKRateLimitedError, 429, 1),
    "503 in HTML": (Fault(503, b"<h1>Busy", "text/html"), VideoSDKBrokenError, 503, 2),
    "broken-json": (PRESETS["broken-json"][1], VideoSDKBadReplyError, 200, 1),
    "deep JSON": (Fault(200, b"[" * 500_000), VideoSDKBadReplyError, 200, 1),
    "nothing": (Fault(204), VideoSDKBadReplyError, 204, 1),
    "huge": (PRESETS["huge"][1], VideoSDKTooLargeError, 200, 1),
    "redirect": (PRESETS["redirect"][1], VideoSDKBadReplyError, 307, 1),
}
REPEATED = ["hang", "reset", "429", "503 in HTML", "huge"]  # a sample of retried and unretried ones


def asking(
    url: str, transport: httpx.AsyncBaseTransport, kind: type[VideoSDKError] = VideoSDKError
) -> VideoSDK:
    """Return a client, with a short timeout if one is expected."""
    deadline = SOON if kind is VideoSDKTimeoutError else 5
    return VideoSDK(API_KEY, SECRET_KEY, endpoint=url, transport=transport, deadline=deadline)


@pytest.mark.parametrize("key", FAULTS)
async def test_a_fault_is_one_error_and_no_second_create(
    key: str,
    transport: httpx.AsyncBaseTransport,
    videosdk_url: str,
    videosdk_standin: VideoSDKStandIn,
) -> None:
    fault, kind, status, _ = FAULTS[key]
    videosdk = asking(videosdk_url, transport, kind)
    videosdk_standin.faults.plan(fault)

    with pytest.raises(VideoSDKError) as caught:
        await videosdk.create()
    assert (type(caught.value), caught.value.status) == (kind, status)
    assert len(videosdk_standin.requests) == 1

    await asking(videosdk_url, transport).create()  # the fault harmed no later call
    assert len(videosdk_standin.meetings) <= 2


@pytest.mark.parametrize("key", REPEATED)
async def test_a_fault_is_one_error_for_reads(
    key: str,
    transport: httpx.AsyncBaseTransport,
    videosdk_url: str,
    videosdk_standin: VideoSDKStandIn,
) -> None:
    fault, kind, status, tries = FAULTS[key]
    videosdk = asking(videosdk_url, transport, kind)
    videosdk_standin.faults.always(fault)

    for error in await asyncio.gather(
        videosdk.validate(ANY_ID), videosdk.sessions(ANY_ID), return_exceptions=True
    ):
        assert isinstance(error, VideoSDKError)
        assert (type(error), error.status) == (kind, status)
    verbs = [request.method for request in videosdk_standin.requests]
    looks = 2 if kind is VideoSDKTooLargeError else tries  # the second is for one session only
    assert sorted(verbs) == ["GET"] * looks + ["POST"] * tries


async def test_a_listing_of_an_unknown_meeting_may_be_rejected(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    for key, kind in (("402", VideoSDKPaymentRequiredError), ("404", VideoSDKRefusedError)):
        videosdk_standin.faults.plan(PRESETS[key][1])
        with pytest.raises(kind):
            await videosdk.sessions(ANY_ID)

    assert len(videosdk_standin.requests) == 2


@pytest.mark.parametrize("key", ["reset", "500"])
async def test_reads_survive_a_passing_fault(
    key: str, videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    meeting = await videosdk.create()

    videosdk_standin.faults.plan(PRESETS[key][1])
    assert await videosdk.validate(meeting.meeting_id) == meeting
    videosdk_standin.faults.plan(PRESETS[key][1])
    assert await videosdk.sessions(meeting.meeting_id) == []
    assert len(videosdk_standin.requests) == 5


async def test_an_answer_about_another_meeting_says_nothing_about_this_one(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    meeting = await videosdk.create()
    videosdk_standin.faults.plan(PRESETS["other-meeting"][1])

    with pytest.raises(VideoSDKBadReplyError, match="another meeting"):
        await videosdk.validate(meeting.meeting_id)


async def test_two_tries_have_one_deadline(
    videosdk_url: str, videosdk_standin: VideoSDKStandIn
) -> None:
    hang, faults = PRESETS["hang"][1], videosdk_standin.faults
    too_large = Fault(200, b" " * (MAX_REPLY + 1), delay=0.5)
    faults.plan(Fault(500, delay=0.5), hang, path="/meetings/")
    faults.plan(too_large, hang, path="/meeting-sessions")
    videosdk = VideoSDK(API_KEY, SECRET_KEY, endpoint=videosdk_url, deadline=1.5)
    started = time.monotonic()

    outcomes = await asyncio.gather(
        videosdk.validate(ANY_ID), videosdk.sessions(ANY_ID), return_exceptions=True
    )
    assert 1.49 < time.monotonic() - started < 1.95  # a second deadline would end at 2
    assert [type(outcome) for outcome in outcomes] == [VideoSDKTimeoutError] * 2
    assert len(videosdk_standin.requests) == 4


async def test_a_lookup_can_have_its_own_deadline(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(PRESETS["hang"][1])

    with pytest.raises(VideoSDKTimeoutError):
        await videosdk.sessions(ANY_ID, deadline=SOON)


async def test_a_call_that_is_cancelled_ends_as_cancelled(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(PRESETS["hang"][1])

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SOON):
            await videosdk.create()
    assert len(videosdk_standin.requests) == 1


async def test_a_failed_try_is_logged_with_its_facts(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    videosdk_standin.faults.plan(PRESETS["500"][1])
    assert await videosdk.validate(ANY_ID) is None

    record = vars(caplog.records[0])
    assert {key: record[key] for key in ("levelname", "call", "status", "cause", "detail")} == {
        "levelname": "WARNING",
        "call": f"POST /v1/meetings/{ANY_ID}",
        "status": 500,
        "cause": "VideoSDKBrokenError",
        "detail": "Internal Server Error",
    }


def told(caplog: pytest.LogCaptureFixture, *errors: VideoSDKError) -> str:
    """Return the whole text of the log and of these errors."""
    records = [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
    traces = ["".join(traceback.format_exception(error)) for error in errors]
    return "\n".join(records + traces)


async def test_no_fault_reveals_the_token_or_the_secret(
    transport: httpx.AsyncBaseTransport,
    videosdk_url: str,
    videosdk_standin: VideoSDKStandIn,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    errors = []
    for fault, kind, *_ in FAULTS.values():
        videosdk_standin.faults.plan(fault)
        with pytest.raises(VideoSDKError) as caught:
            await asking(videosdk_url, transport, kind).create()
        errors.append(caught.value)

    said = told(caplog, *errors)
    assert len(caplog.records) >= len(FAULTS)
    assert not [secret for secret in ("eyJ", API_KEY, SECRET_KEY) if secret in said]


@pytest.mark.parametrize(
    "echo",
    [
        lambda line: http_answer(line.encode(), status="401 Unauthorized"),
        lambda line: http_answer(json.dumps({"error": line}).encode(), status="500 Oh no"),
        lambda line: f"HTTP/1.1 200 OK\r\n{line.replace(':', '')}\r\n\r\n".encode(),
        lambda line: f"{line}\r\n\r\n".encode(),
    ],
    ids=["text", "JSON", "malformed header", "malformed status"],
)
async def test_a_server_that_repeats_the_token_is_not_quoted(
    echo: Callable[[str], bytes],
    transport: httpx.AsyncBaseTransport,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def repeat_the_token(head: str) -> bytes:
        return echo(next(line for line in head.splitlines() if "eyJ" in line))

    async with Peer(repeat_the_token).listening() as peer:
        with pytest.raises(VideoSDKError) as caught:
            await asking(peer.url, transport).create()

    said = told(caplog, caught.value)
    assert "authorization" in said.lower()
    assert "eyJ" not in said

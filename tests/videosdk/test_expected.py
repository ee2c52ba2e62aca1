"""A rejection that the caller expects is logged as INFO, and any other failure as a warning."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx
import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.videosdk import VideoSDK, VideoSDKError
from tests.conftest import API_KEY, SECRET_KEY

ID = "87i6-bvw8-dtn1"
REJECTED, FAILED = (
    (logging.INFO, "videosdk call rejected"),
    (logging.WARNING, "videosdk call failed"),
)
NAMED, PLACED = {"user_meeting_id": "standup"}, {"region": "us001"}

Call = Callable[[VideoSDK], Awaitable[object]]
Lines = list[tuple[int, str]]


@pytest.fixture
def lines(
    transport: httpx.AsyncBaseTransport,
    videosdk_url: str,
    videosdk_standin: VideoSDKStandIn,
    caplog: pytest.LogCaptureFixture,
) -> Callable[[str, Call, list[int]], Awaitable[Lines]]:
    """Make a call with these response statuses; return the levels and events in the log."""

    async def ask(version: str, call: Call, statuses: list[int]) -> Lines:
        caplog.set_level(logging.INFO, "bot")
        videosdk_standin.faults.plan(*(Fault(status, b"{}") for status in statuses))
        client = VideoSDK(
            API_KEY, SECRET_KEY, version=version, endpoint=videosdk_url, transport=transport
        )
        with suppress(VideoSDKError):
            await call(client)
        return [(line.levelno, line.message) for line in caplog.records]

    return ask


@pytest.mark.parametrize(
    ("version", "call", "statuses"),
    [
        ("v1", lambda videosdk: videosdk.validate(ID), [402]),
        ("v1", lambda videosdk: videosdk.validate(ID), [405, 404]),
        ("v2", lambda videosdk: videosdk.validate(ID), [400]),
        ("v2", lambda videosdk: videosdk.sessions(ID), [404]),
        ("v1", lambda videosdk: videosdk.sessions(ID), [400]),
        ("v2", lambda videosdk: videosdk.end(ID), [406]),
        ("v1", lambda videosdk: videosdk.create(**NAMED), [409]),
        ("v2", lambda videosdk: videosdk.create(**PLACED), [403]),
    ],
)
async def test_an_expected_error_is_not_a_warning(
    version: str,
    call: Call,
    statuses: list[int],
    lines: Callable[[str, Call, list[int]], Awaitable[Lines]],
) -> None:
    assert await lines(version, call, statuses) == [REJECTED] * len(statuses)


@pytest.mark.parametrize(
    ("version", "call", "statuses", "logged"),
    [
        ("v1", lambda videosdk: videosdk.validate(ID), [401], [FAILED]),
        ("v2", lambda videosdk: videosdk.validate(ID), [500, 400], [FAILED, REJECTED]),
        ("v2", lambda videosdk: videosdk.sessions(ID), [402], [FAILED]),
        ("v1", lambda videosdk: videosdk.create(), [400], [FAILED]),
        ("v1", lambda videosdk: videosdk.create(**NAMED), [400, 400], [REJECTED, FAILED]),
        ("v2", lambda videosdk: videosdk.create(**PLACED), [403, 403], [REJECTED, FAILED]),
        ("v2", lambda videosdk: videosdk.end(ID), [403], [FAILED]),
    ],
)
async def test_any_other_failure_is_a_warning_for_each_try(
    version: str,
    call: Call,
    statuses: list[int],
    logged: Lines,
    lines: Callable[[str, Call, list[int]], Awaitable[Lines]],
) -> None:
    assert await lines(version, call, statuses) == logged

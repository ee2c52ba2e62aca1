"""The client fetches text files from VideoSDK's hosts only."""

import logging
from typing import NamedTuple

import httpx
import pytest

from bot.sandbox.faults import PRESETS, Fault
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.settings import Settings
from bot.transport.videosdk import open_videosdk
from bot.videosdk import (
    VideoSDK,
    VideoSDKBadReplyError,
    VideoSDKBrokenError,
    VideoSDKError,
    VideoSDKForbiddenError,
    VideoSDKInterruptedError,
    VideoSDKTimeoutError,
    VideoSDKTooLargeError,
    VideoSDKUnreachableError,
)
from bot.videosdk.wire import MAX_REPLY
from tests.conftest import API_KEY, NOBODY, SECRET_KEY, environment
from tests.videosdk.watched import Watched

SECRET_PLACE = "f11e-s3cr3t-pl4ce"
PATH = f"/files/transcriptions/{SECRET_PLACE}.txt"


class Somewhere(httpx.AsyncBaseTransport):
    """Transport that answers requests to any host."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        return httpx.Response(200, content=f"from {request.url.host}".encode())


@pytest.fixture
def videosdk(transport: httpx.AsyncBaseTransport, videosdk_url: str) -> VideoSDK:
    return VideoSDK(
        API_KEY, SECRET_KEY, version="v2", endpoint=f"{videosdk_url}/v2/", transport=transport
    )


def text(body: bytes) -> Fault:
    return Fault(200, body, "text/plain")


async def test_a_file_is_text_whatever_its_bytes_are(
    videosdk: VideoSDK, videosdk_url: str, videosdk_standin: VideoSDKStandIn
) -> None:
    bodies = ["[Zoë]: ça va\n".encode(), b"\xff\xfe?", b"", b"x" * MAX_REPLY]
    videosdk_standin.faults.plan(*map(text, bodies))

    texts = [await videosdk.file(videosdk_url + PATH) for _ in bodies]
    assert texts == ["[Zoë]: ça va\n", "\ufffd\ufffd?", "", "x" * MAX_REPLY]


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.videosdk.live/transcriptions/a.txt?X=1",
        "https://CDN.VideoSDK.live:443/a.txt",
        "https://api.videosdk.live/files/a.txt",
    ],
)
async def test_files_come_from_videosdk(url: str) -> None:
    videosdk = VideoSDK(API_KEY, SECRET_KEY, version="v2", transport=Somewhere())

    assert await videosdk.file(url) == f"from {httpx.URL(url).host}"


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/",
        "https://cdn.videosdk.live.evil.example/",
        "https://evil-cdn.videosdk.live/",
        "https://cdn.videosdk.live@evil.example/",
        "https://evil.example\\@cdn.videosdk.live/",
        "https://cdn.videosdk.live:8443/",
        "http://cdn.videosdk.live/",
        "http://api.videosdk.live/",
        "http://127.0.0.1:9/",
        "ftp://cdn.videosdk.live/",
        "//cdn.videosdk.live/",
        "transcriptions/",
        "https://[cdn.videosdk.live/",
        "https://cdn.videosdk.live/\n",
    ],
)
async def test_files_from_other_hosts_are_rejected(place: str) -> None:
    watched = Watched(Somewhere())
    videosdk = VideoSDK(API_KEY, SECRET_KEY, version="v2", transport=watched)

    with pytest.raises(VideoSDKBadReplyError) as refused:
        await videosdk.file(place + SECRET_PLACE)
    assert SECRET_PLACE not in str(refused.value)
    assert watched.requests == []


async def test_the_hosts_can_be_changed() -> None:
    videosdk = VideoSDK(
        API_KEY, SECRET_KEY, transport=Somewhere(), file_hosts=["Files.example.com", "localhost"]
    )

    assert await videosdk.file("https://files.example.com/a.txt") == "from files.example.com"
    assert await videosdk.file("http://localhost/a.txt") == "from localhost"
    with pytest.raises(VideoSDKBadReplyError):
        await videosdk.file("https://cdn.videosdk.live/a.txt")


class Failure(NamedTuple):
    """A fault, the resulting error, and the number of requests."""

    fault: Fault
    kind: type[VideoSDKError]
    status: int | None
    tries: int


async def test_the_hosts_are_a_setting() -> None:
    settings = Settings.from_env(environment(VIDEOSDK_FILE_HOSTS="files.example.com"))
    videosdk = open_videosdk(settings, Somewhere())

    assert await videosdk.file("https://files.example.com/a.txt") == "from files.example.com"


@pytest.mark.parametrize(
    "failure",
    [
        Failure(Fault(403, SECRET_PLACE.encode()), VideoSDKForbiddenError, 403, 1),
        Failure(Fault(302, headers={"Location": "/v2/rooms"}), VideoSDKBadReplyError, 302, 1),
        Failure(PRESETS["reset"][1], VideoSDKInterruptedError, None, 2),
        Failure(PRESETS["500"][1], VideoSDKBrokenError, 500, 2),
        Failure(text(b"x" * (MAX_REPLY + 1)), VideoSDKTooLargeError, 200, 1),
    ],
)
async def test_a_file_that_is_not_read_is_an_error_without_its_address(
    failure: Failure,
    videosdk: VideoSDK,
    videosdk_url: str,
    videosdk_standin: VideoSDKStandIn,
    caplog: pytest.LogCaptureFixture,
) -> None:
    videosdk_standin.faults.always(failure.fault)

    with pytest.raises(failure.kind) as failed:
        await videosdk.file(videosdk_url + PATH)
    assert failed.value.status == failure.status
    assert len(videosdk_standin.requests) == failure.tries
    [record] = caplog.records
    assert (record.levelno, record.message) == (logging.WARNING, "videosdk call failed")
    assert SECRET_PLACE not in str(failed.value) + str(vars(record))


async def test_slow_and_missing_files_are_errors(
    transport: httpx.AsyncBaseTransport, videosdk_url: str, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(PRESETS["hang"][1])
    for endpoint, kind in (
        (videosdk_url, VideoSDKTimeoutError),
        (NOBODY, VideoSDKUnreachableError),
    ):
        videosdk = VideoSDK(
            API_KEY, SECRET_KEY, endpoint=endpoint, transport=transport, deadline=0.3
        )
        with pytest.raises(kind) as failed:
            await videosdk.file(endpoint + PATH)
        assert SECRET_PLACE not in str(failed.value)

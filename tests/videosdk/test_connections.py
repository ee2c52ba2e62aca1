"""Connections that fail or break, and compressed or oversized answers."""

import gzip
import ssl
import tracemalloc

import httpx
import pytest

from bot.videosdk import (
    VideoSDK,
    VideoSDKBadReplyError,
    VideoSDKInterruptedError,
    VideoSDKTooLargeError,
    VideoSDKUnreachableError,
    connection,
)
from tests.conftest import API_KEY, SECRET_KEY
from tests.peer import CERTIFICATE, Peer, at_once, full_house, http_answer, self_signed

ANY_ID = "87i6-bvw8-dtn1"


def calling(url: str, transport: httpx.AsyncBaseTransport) -> VideoSDK:
    return VideoSDK(API_KEY, SECRET_KEY, endpoint=url, transport=transport, deadline=5)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Le",
        http_answer(b'{"meetingId": "a"}').replace(b"18", b"99"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{",
    ],
    ids=["head", "body", "chunk"],
)
async def test_a_connection_that_breaks_is_retried_only_for_reads(
    answer: bytes, transport: httpx.AsyncBaseTransport
) -> None:
    async with Peer(answer, cut=at_once()).listening() as peer:
        videosdk = calling(peer.url, transport)
        for call, tries in ((videosdk.create(), 1), (videosdk.sessions(ANY_ID), 2)):
            peer.asked.clear()
            with pytest.raises(VideoSDKInterruptedError):
                await call
            assert len(peer.asked) == tries


async def test_a_server_that_accepts_no_connection_is_unreachable(
    transport: httpx.AsyncBaseTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.TIMEOUT, "connect", 0.05)

    with full_house() as url, pytest.raises(VideoSDKUnreachableError):
        await calling(url, transport).create()


async def test_an_untrusted_certificate_ends_the_call_before_the_request(
    transport: httpx.AsyncBaseTransport,
) -> None:
    answer = http_answer(b'{"meetingId": "a"}')

    async with Peer(answer).listening(self_signed()) as peer:
        with pytest.raises(VideoSDKUnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
            await calling(peer.url, transport).create()
        assert peer.asked == []

        trusting = ssl.create_default_context(cafile=CERTIFICATE)
        async with httpx.AsyncHTTPTransport(verify=trusting) as knowing:
            assert (await calling(peer.url, knowing).create()).meeting_id == "a"


@pytest.mark.parametrize("layers", [1, 2])
async def test_a_compressed_answer_is_not_decompressed(
    layers: int, transport: httpx.AsyncBaseTransport
) -> None:
    body = b" " * 20_000_000
    for _ in range(layers):
        body = gzip.compress(body, 1)
    encoding = ", ".join(["gzip"] * layers)

    async with Peer(http_answer(body, f"Content-Encoding: {encoding}")).listening() as peer:
        tracemalloc.start()
        with pytest.raises(VideoSDKBadReplyError):
            await calling(peer.url, transport).create()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert "accept-encoding: identity" in peer.asked[0].lower()
    assert peak < 3_000_000


async def test_an_answer_of_1_mib_is_read_and_one_byte_more_is_not(
    transport: httpx.AsyncBaseTransport,
) -> None:
    body = b'{"meetingId": "a"}'.ljust(1024 * 1024)

    async with Peer(http_answer(body)).listening() as peer:
        assert (await calling(peer.url, transport).create()).meeting_id == "a"
        peer.answer = http_answer(body + b" ")
        with pytest.raises(VideoSDKTooLargeError, match="1 MiB"):
            await calling(peer.url, transport).create()

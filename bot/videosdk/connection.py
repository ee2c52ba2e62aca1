"""Make calls over HTTP: at most two tries, within one deadline."""

import asyncio
import logging
from collections.abc import AsyncIterable, Callable
from contextlib import aclosing
from functools import lru_cache
from typing import Any

import httpx

from bot.videosdk.errors import (
    VideoSDKBadReplyError,
    VideoSDKError,
    VideoSDKInterruptedError,
    VideoSDKTimeoutError,
    VideoSDKUnreachableError,
)
from bot.videosdk.tokens import Tokens
from bot.videosdk.wire import MAX_REPLY, Reply, Request, decipher

LOG = logging.getLogger(__name__)

TIMEOUT = {"connect": 3.0, "read": None, "write": None, "pool": None}  # seconds; for each step


class Connection:
    """The way to one VideoSDK account.

    Requests go to the transport as they are: what a client of httpx's adds to that, as cookies and
    redirects, is not wanted here, and would cost half as much as the call.

    Args:
        transport: sends the requests.
        endpoint: where the API is, without slash and version at its end.
        tokens: what the calls are authorized with.
        prefix: what stands before the token.
    """

    def __init__(
        self, transport: httpx.AsyncBaseTransport, endpoint: str, tokens: Tokens, *, prefix: str
    ) -> None:
        self._transport = transport
        self._endpoint = endpoint
        self._tokens = tokens
        self._prefix = prefix

    async def ask(
        self,
        asked: Request,
        second_try: Callable[[VideoSDKError], Request | None],
        end: float,
    ) -> tuple[dict[str, Any], Request]:
        """Return a good reply's JSON and the request it answers: two tries, one deadline."""
        try:
            async with asyncio.timeout_at(end):
                try:
                    return decipher(await self._send(asked)), asked
                except VideoSDKError as error:
                    LOG.warning("videosdk call failed", extra=_facts(asked, error))
                    again = second_try(error)
                    if again is None:
                        raise
                    await asyncio.sleep(error.retry_after or 0)
                return decipher(await self._send(again)), again
        except TimeoutError:
            late = VideoSDKTimeoutError("no whole answer before the deadline")
            LOG.warning("videosdk call failed", extra=_facts(asked, late))
            raise late from None

    async def _send(self, request: Request) -> Reply:
        """Send one request and read its answer; the only line of this package that waits on HTTP.

        Raises:
            VideoSDKUnreachableError: no connection was made.
            VideoSDKInterruptedError: the connection broke.
            VideoSDKBadReplyError: the answer was too large or not readable.
        """
        sent = httpx.Request(
            request.method,
            _url(self._endpoint + request.path),
            params=request.params or None,
            json=request.json,
            headers={
                "authorization": self._prefix + self._tokens.current(),
                "accept-encoding": "identity",  # a few hundred bytes can unpack to gigabytes
            },
            extensions={"call": ("videosdk", request.operation), "timeout": TIMEOUT},
        )
        try:
            async with aclosing(await self._transport.handle_async_request(sent)) as response:
                return Reply(response.status_code, response.headers, await _body(response))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise VideoSDKUnreachableError(f"no connection: {error}") from error
        except httpx.TransportError as error:
            raise _interrupted(error) from None


@lru_cache(64)
def _url(address: str) -> httpx.URL:
    return httpx.URL(address)


async def _body(response: httpx.Response) -> bytes:
    """Read the body as it was sent; whatever breaks here, the request has been received."""
    body = bytearray()
    try:
        async for chunk in _stream(response):
            body += chunk
            if len(body) > MAX_REPLY:
                raise VideoSDKBadReplyError("an answer of over 1 MiB", status=response.status_code)
    except httpx.TransportError as error:
        raise _interrupted(error) from None
    return bytes(body)


def _stream(response: httpx.Response) -> AsyncIterable[bytes]:
    """Return the body as it comes, which the response would count and keep besides."""
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - an AsyncBaseTransport's
    return response.stream


def _interrupted(error: httpx.TransportError) -> VideoSDKInterruptedError:
    """Name the cause on one line, without a link to it: its text may quote what the server sent."""
    said = " ".join(str(error).split())[:200]
    return VideoSDKInterruptedError(f"the connection broke: {said or type(error).__name__}")


def _facts(request: Request, error: VideoSDKError) -> dict[str, object]:
    return {
        "call": f"{request.method} {request.path}",
        "status": error.status,
        "cause": type(error).__name__,
        "detail": str(error),
    }

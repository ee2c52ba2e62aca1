"""HTTP calls: at most two tries each, within one deadline."""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import aclosing
from functools import lru_cache
from typing import Any

import httpx

from bot.videosdk.errors import (
    VideoSDKBusyError,
    VideoSDKError,
    VideoSDKInterruptedError,
    VideoSDKTimeoutError,
    VideoSDKTooLargeError,
    VideoSDKUnreachableError,
)
from bot.videosdk.retries import may_be_repeated
from bot.videosdk.tokens import Tokens
from bot.videosdk.wire import (
    MAX_REPLY,
    OPERATION,
    READS_BODY,
    Reply,
    Request,
    decipher,
)

LOG = logging.getLogger(__name__)

TIMEOUT = {"connect": 3.0, "read": None, "write": None}  # seconds; for each step
_POOL_ENDS = 0.2  # seconds; waiting for a connection ends earlier, as an error of its own


class Connection:
    """A connection to one VideoSDK account.

    It calls the transport directly: httpx.AsyncClient's cookies and redirects are unwanted, and
    take half as long as the call itself.

    Args:
        transport: sends the requests.
        endpoint: the API's URL, without a trailing slash or version.
        tokens: authorize the calls.
        prefix: precedes the token in the header.
        deadline: seconds for a whole call.

    Attributes:
        deadline: seconds for a whole call, its second try included.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        endpoint: str,
        tokens: Tokens,
        *,
        prefix: str,
        deadline: float,
    ) -> None:
        self._transport = transport
        self._endpoint = endpoint
        self._tokens = tokens
        self._prefix = prefix
        self.deadline = deadline

    async def ask(
        self,
        asked: Request,
        end: float | None = None,
        second_try: Callable[[VideoSDKError], Request | None] | None = None,
    ) -> tuple[dict[str, Any], Request]:
        """Make a call, with a second try if it fails.

        Args:
            asked: the first request.
            end: the event loop's time at which the call times out; None for the deadline from now.
            second_try: returns the request to send after an error, or None; by default the first
                one again, which has to be idempotent.

        Returns:
            The reply's JSON object, and the request that got it. The object is {} if the request
            needs no body and got no JSON object.

        Raises:
            VideoSDKError: the last try failed.
        """
        if end is None:
            end = asyncio.get_running_loop().time() + self.deadline
        request, is_second = asked, False
        try:
            async with asyncio.timeout_at(end):
                while True:
                    try:
                        reply = await self._send(request, end)
                        return decipher(reply, needs_object=request.needs_body), request
                    except VideoSDKError as error:
                        _log(request, error)
                        same = asked if may_be_repeated(error) else None
                        again = second_try(error) if second_try else same
                        if is_second or again is None:
                            raise
                        await asyncio.sleep(error.retry_after or 0)
                    request, is_second = again, True
        except TimeoutError:
            late = VideoSDKTimeoutError("no complete answer before the deadline")
            _log(asked, late)
            raise late from None

    async def _send(self, request: Request, end: float) -> Reply:
        """Send one request and read its reply; a 2xx body that isn't needed stays unread."""
        pool = end - asyncio.get_running_loop().time() - _POOL_ENDS
        headers = {
            "authorization": self._prefix + self._tokens.current(),
            "accept-encoding": "identity",  # a few hundred bytes can decompress to gigabytes
        }
        content = b""
        if request.json is not None:
            content = json.dumps(request.json).encode()
            headers |= {"content-type": "application/json", "content-length": str(len(content))}
        sent = httpx.Request(
            request.method,
            _url(self._endpoint + request.path),
            params=request.params or None,
            content=content,
            headers=headers,
            extensions={
                OPERATION: f"{request.method} {request.route or request.path}",
                READS_BODY: request.needs_body or request.wants_body,
                "timeout": {**TIMEOUT, "pool": pool},
            },
        )
        return await exchange(self._transport, sent)


async def exchange(transport: httpx.AsyncBaseTransport, sent: httpx.Request) -> Reply:
    """Send one request and read its reply.

    Args:
        transport: sends it.
        sent: the request; its extension READS_BODY may leave a 2xx reply's body unread.

    Raises:
        VideoSDKBusyError: the transport had no connection to spare.
        VideoSDKUnreachableError: no connection was made.
        VideoSDKInterruptedError: the connection broke.
        VideoSDKTooLargeError: the body was too large.
    """
    try:
        async with aclosing(await transport.handle_async_request(sent)) as response:
            body = bytearray()
            if sent.extensions.get(READS_BODY, True) or not response.is_success:
                # response.aread() would also decompress and keep the body.
                async for chunk in response.stream:  # type: ignore[union-attr] # an AsyncBaseTransport's
                    body += chunk
                    if len(body) > MAX_REPLY:
                        status = response.status_code
                        raise VideoSDKTooLargeError("an answer of over 1 MiB", status=status)
            return Reply(response.status_code, response.headers, bytes(body))
    except httpx.PoolTimeout as error:
        raise VideoSDKBusyError(f"not sent: {error}") from None
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise VideoSDKUnreachableError(f"no connection: {error}") from error
    except httpx.TransportError as error:
        said = " ".join(str(error).split())[:200]  # it may quote what the server sent
        raise VideoSDKInterruptedError(
            f"the connection broke: {said or type(error).__name__}"
        ) from None


@lru_cache(64)
def _url(address: str) -> httpx.URL:
    return httpx.URL(address)


def _log(request: Request, error: VideoSDKError) -> None:
    """Log a failed try; an expected rejection is no warning."""
    facts = {
        "call": f"{request.method} {request.path}",
        "status": error.status,
        "cause": type(error).__name__,
        "detail": str(error),
    }
    if error.status in request.expected:
        LOG.info("videosdk call rejected", extra=facts)
    else:
        LOG.warning("videosdk call failed", extra=facts)

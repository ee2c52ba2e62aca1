"""httpx over aiohttp: what calls VideoSDK, response_urls and the doctor's addresses."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy

import aiohttp
import httpx
import yarl

from bot.telemetry.metrics import UNCOUNTED, Metrics
from bot.telemetry.timing import note_call
from bot.transport.calls import call_of
from bot.transport.policy import DIRECT, MAX_REPLY, Policy
from bot.transport.pools import PoolFullError, Pools

KEEP_ALIVE = 30.0  # seconds an idle connection is kept

_NEVER_MADE = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,  # the proxy refused the tunnel
)


def open_transport(
    metrics: Metrics = UNCOUNTED, policy: Policy = DIRECT, pools: Pools | None = None
) -> httpx.AsyncBaseTransport:
    """Return a transport without cookies or redirects; the caller closes it.

    A request that says which call it is (bot.transport.calls) waits for a slot of its pool, and is
    timed from then on. A reply is given out as it was sent, and up to 1 MiB of it.

    Args:
        metrics: count the requests.
        policy: proxy and certificates.
        pools: give the slots.
    """
    return _PooledTransport(
        lambda: aiohttp.ClientSession(
            connector=connector(policy),
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=[_send_once(policy)],
        ),
        metrics,
        pools or Pools(),
    )


def open_http(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Return a client over a transport, by default one of its own; closing it closes both."""
    return httpx.AsyncClient(
        transport=transport or open_transport(),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        trust_env=False,
    )


def connector(policy: Policy) -> aiohttp.TCPConnector:
    """Return a connector without a limit of its own: the pools have theirs."""
    return aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE, ssl=policy.tls())


def _send_once(policy: Policy) -> aiohttp.ClientMiddlewareType:
    async def middleware(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send a request a single time, and tell a broken connection from one never made.

        A caller who may only repeat what was certainly not done has to know which it was. Left
        alone, aiohttp 3.14 repeats a GET by itself when the connection breaks.
        """
        policy.apply(request)
        try:
            return await handler(request)
        except _NEVER_MADE as error:
            raise httpx.ConnectError(str(error)) from error
        except aiohttp.ServerTimeoutError as error:
            raise httpx.ReadTimeout(str(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise httpx.RemoteProtocolError(str(error)) from error

    return middleware


class _PooledTransport(httpx.AsyncBaseTransport):
    """Send a request once it has a slot, and time it until its answer has been read.

    Args:
        open_session: opens the session, at the first request: that needs the event loop.
        metrics: count the requests.
        pools: give the slots.
    """

    def __init__(
        self, open_session: Callable[[], aiohttp.ClientSession], metrics: Metrics, pools: Pools
    ) -> None:
        self._open_session = open_session
        self._session: aiohttp.ClientSession | None = None
        self._metrics = metrics
        self._pools = pools

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._session = self._session or self._open_session()
        call = call_of(request)
        if call is None:
            return await self._send(self._session, request, _nothing)
        pool = self._pools.pool(call)
        try:
            slot = await pool.take(request.extensions.get("timeout", {}).get("pool"))
        except PoolFullError as error:
            raise httpx.PoolTimeout(str(error)) from None
        began = time.perf_counter()

        def end(outcome: str) -> None:
            pool.give_back(slot)
            note_call(self._metrics, call.service, call.operation, outcome, began)

        try:
            async with asyncio.timeout(call.deadline):
                return await self._send(self._session, request, end)
        except TimeoutError:
            end(httpx.ReadTimeout.__name__)
            raise httpx.ReadTimeout("no answer before the deadline") from None
        except BaseException as error:
            end(type(error).__name__)
            raise

    async def _send(
        self, session: aiohttp.ClientSession, request: httpx.Request, end: Callable[[str], None]
    ) -> httpx.Response:
        """Return an answer whose body is still to be read; httpx must not unpack it."""
        self._session = self._session or self._open_session()
        given = request.extensions.get("timeout", {})
        timeout = aiohttp.ClientTimeout(
            connect=given.get("pool"),
            sock_connect=given.get("connect"),
            sock_read=given.get("read"),
        )
        try:
            answer = await session.request(
                request.method,
                yarl.URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=request.content or None,
                allow_redirects=False,
                auto_decompress=False,
                timeout=timeout,
            )
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise httpx.UnsupportedProtocol(str(error)) from None
        raw = answer.raw_headers
        headers = [(name, value) for name, value in raw if name.lower() != b"content-encoding"]
        return httpx.Response(answer.status, headers=headers, stream=_Body(answer, end))

    async def aclose(self) -> None:
        if self._session:
            await self._session.close()


@dataclass(eq=False)
class _Body(httpx.AsyncByteStream):
    """An answer's body, up to the limit. Its end is the end of the call."""

    _answer: aiohttp.ClientResponse
    _end: Callable[[str], None]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        try:
            async for chunk in self._answer.content.iter_any():
                yield chunk
                size += len(chunk)
                if size > MAX_REPLY:
                    raise httpx.ReadError("a reply of over 1 MiB")
        except aiohttp.ServerTimeoutError as error:
            raise httpx.ReadTimeout(str(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise httpx.ReadError(str(error)) from error

    async def aclose(self) -> None:
        self._answer.release()
        self._end(str(self._answer.status))


def _nothing(_: str) -> None:
    """Count nothing."""

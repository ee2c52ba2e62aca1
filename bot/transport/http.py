"""httpx over aiohttp, for VideoSDK, response_urls and the doctor's checks."""

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
from bot.transport.calls import CALL, VIDEOSDK, Call
from bot.transport.policy import DIRECT, MAX_REPLY, Policy
from bot.transport.pools import PoolFullError, Pools
from bot.videosdk import OPERATION

KEEP_ALIVE = 30.0  # seconds

_NOT_CONNECTED = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,  # the proxy refused the tunnel
)


def open_transport(
    metrics: Metrics = UNCOUNTED, policy: Policy = DIRECT, pools: Pools | None = None
) -> httpx.AsyncBaseTransport:
    """Return a transport without cookies or redirects; the caller must close it.

    A request that names its call (see bot.transport.calls) waits for a slot in its pool, and is
    timed from then on. Answers are not decompressed, and may have up to 1 MiB.

    Args:
        metrics: record the requests.
        policy: proxy and certificates.
        pools: the pools of slots; new ones if None.
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
    """Return a client over a transport, a new one by default; closing it closes the transport."""
    return httpx.AsyncClient(
        transport=transport or open_transport(),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        trust_env=False,
    )


def connector(policy: Policy) -> aiohttp.TCPConnector:
    """Return a connector without a limit of connections: the pools have limits."""
    return aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE, ssl=policy.tls())


def _send_once(policy: Policy) -> aiohttp.ClientMiddlewareType:
    async def middleware(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send a request once, and distinguish a broken connection from one never made.

        Callers may only retry a request that certainly wasn't processed. By default, aiohttp 3.14
        retries a GET when the connection breaks.
        """
        policy.apply(request)
        try:
            return await handler(request)
        except _NOT_CONNECTED as error:
            raise httpx.ConnectError(str(error)) from error
        except aiohttp.ServerTimeoutError as error:
            raise httpx.ReadTimeout(str(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise httpx.RemoteProtocolError(str(error)) from error

    return middleware


class _PooledTransport(httpx.AsyncBaseTransport):
    """Sends each request when it has a slot, and times it until its answer has been read.

    Args:
        open_session: opens the session at the first request, since it needs the event loop.
        metrics: record the requests.
        pools: the pools of slots.
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
        operation = request.extensions.get(OPERATION)
        call = Call(VIDEOSDK, operation) if operation else request.extensions.get(CALL)
        if call is None:
            return await self._send(self._session, request, _ignore)
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
        """Send a request, and return its answer with the body still unread.

        The Content-Encoding header is removed, so that httpx doesn't decompress the body.
        """
        timeouts = request.extensions.get("timeout", {})
        timeout = aiohttp.ClientTimeout(
            connect=timeouts.get("pool"),
            sock_connect=timeouts.get("connect"),
            sock_read=timeouts.get("read"),
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
    """An answer's body, up to the size limit; closing it ends the call."""

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


def _ignore(_: str) -> None:
    """Do nothing at the end of a call that isn't recorded."""

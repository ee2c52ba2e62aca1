"""httpx over aiohttp: what calls VideoSDK, response_urls and the doctor's addresses."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from bot.metrics import UNCOUNTED, Metrics
from bot.transport.policy import DIRECT, MAX_REPLY, Policy
from bot.transport.pools import PoolFullError, Pools
from bot.upstream import Call

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

    A request that says what it is, `extensions={"call": (service, operation)}`, waits for a slot of
    its pool, and is timed from then on. With `"deadline": seconds` its answer has to begin within
    that time of having the slot. A reply is given out as it was sent, and up to 1 MiB of it.

    Args:
        metrics: count the requests.
        policy: proxy and certificates.
        pools: give the slots.
    """

    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector(policy),
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=[_send_once(policy)],
        )

    # The session checks certificates; this context trusts none, and spares reading a second list.
    unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    inner = AiohttpTransport(client=session, verify=unused)
    return _PooledTransport(inner, metrics, pools or Pools())


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
        alone, aiohttp 3.14 repeats a GET by itself when the connection breaks, and httpx-aiohttp
        0.2 reports both as `ConnectTimeout`.
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
    """Send a request once it has a slot, and time it until its answer has been read."""

    def __init__(self, inner: httpx.AsyncBaseTransport, metrics: Metrics, pools: Pools) -> None:
        self._inner = inner
        self._metrics = metrics
        self._pools = pools

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if "call" not in request.extensions:
            return _guarded(await self._inner.handle_async_request(request), _nothing)
        pool = self._pools.pool(*request.extensions["call"])
        try:
            slot = await pool.take(request.extensions.get("timeout", {}).get("pool"))
        except PoolFullError as error:
            raise httpx.PoolTimeout(str(error)) from None
        call = Call(self._metrics, *request.extensions["call"])

        def end(outcome: str) -> None:
            pool.give_back(slot)
            call.end(outcome)

        try:
            if "deadline" in request.extensions:
                response = await self._send_in_time(request)
            else:
                response = await self._inner.handle_async_request(request)
        except BaseException as error:
            end(type(error).__name__)
            raise
        return _guarded(response, end)

    async def _send_in_time(self, request: httpx.Request) -> httpx.Response:
        try:
            async with asyncio.timeout(request.extensions["deadline"]):
                return await self._inner.handle_async_request(request)
        except TimeoutError:
            raise httpx.ReadTimeout("no answer before the deadline") from None

    async def aclose(self) -> None:
        await self._inner.aclose()


def _guarded(response: httpx.Response, end: Callable[[str], None]) -> httpx.Response:
    """Return a response that httpx doesn't unpack, and whose body ends at the limit."""
    if "content-encoding" in response.headers:
        del response.headers["content-encoding"]
    response.stream = _Body(response, end)
    return response


class _Body(httpx.AsyncByteStream):
    """A reply's body, whose end is the end of the call."""

    def __init__(self, response: httpx.Response, end: Callable[[str], None]) -> None:
        self._inner: httpx.AsyncByteStream = response.stream  # type: ignore[assignment] # an asynchronous client's
        self._status = response.status_code
        self._end = end

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._inner:
            yield chunk
            size += len(chunk)
            if size > MAX_REPLY:
                raise httpx.ReadError("a reply of over 1 MiB")

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            self._end(str(self._status))


def _nothing(_: str) -> None:
    """Count nothing."""

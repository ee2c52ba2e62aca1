"""Open the one HTTP client that the bot calls out with: httpx's interface over aiohttp."""

import ssl
from collections.abc import AsyncIterator
from http.cookiejar import CookieJar, DefaultCookiePolicy

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from bot.metrics import UNCOUNTED, Metrics
from bot.upstream import Call

CONNECTIONS = 512  # a second's burst of commands must not queue behind a slow provider
KEEP_ALIVE = 30.0  # seconds an idle connection is kept

_NEVER_MADE = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


def open_transport(metrics: Metrics = UNCOUNTED) -> httpx.AsyncBaseTransport:
    """Return what sends requests, without cookies, redirects or proxies; the caller closes it.

    Requests that say what they are, `extensions={"call": (service, operation)}`, are timed.

    Args:
        metrics: count them.
    """

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE)
        jar = aiohttp.DummyCookieJar()
        return aiohttp.ClientSession(connector=connector, cookie_jar=jar, middlewares=[_send_once])

    # The session checks certificates; this context trusts none, and spares reading a second list.
    unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return _TimedTransport(AiohttpTransport(client=session, verify=unused), metrics)


def open_http(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Return a client over a transport, by default one of its own; closing it closes both."""
    return httpx.AsyncClient(
        transport=transport or open_transport(),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
    )


async def _send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send a request a single time, and tell a broken connection from one never made.

    A caller who may only repeat what was certainly not done has to know which it was. Left alone,
    aiohttp 3.14 repeats a GET by itself when the connection breaks, and httpx-aiohttp 0.2 reports
    both as `ConnectTimeout`.
    """
    try:
        return await handler(request)
    except _NEVER_MADE as error:
        raise httpx.ConnectError(str(error)) from error
    except aiohttp.ServerTimeoutError as error:
        raise httpx.ReadTimeout(str(error)) from error
    except (aiohttp.ClientError, OSError) as error:
        raise httpx.RemoteProtocolError(str(error)) from error


class _TimedTransport(httpx.AsyncBaseTransport):
    """Time calls until their answers have been read."""

    def __init__(self, inner: httpx.AsyncBaseTransport, metrics: Metrics) -> None:
        self._inner = inner
        self._metrics = metrics

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if "call" not in request.extensions:
            return await self._inner.handle_async_request(request)
        call = Call(self._metrics, *request.extensions["call"])
        try:
            response = await self._inner.handle_async_request(request)
        except BaseException as error:
            call.end(type(error).__name__)
            raise
        response.stream = _TimedStream(response, call)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _TimedStream(httpx.AsyncByteStream):
    """An answer's body, whose end is the end of the call."""

    def __init__(self, response: httpx.Response, call: Call) -> None:
        self._inner: httpx.AsyncByteStream = response.stream  # type: ignore[assignment] # an asynchronous client's
        self._status = response.status_code
        self._call = call

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._inner.__aiter__()

    async def aclose(self) -> None:
        await self._inner.aclose()
        self._call.end(str(self._status))


def time_slack(metrics: Metrics) -> aiohttp.ClientMiddlewareType:
    """Return what times calls of Slack's Web API until their answers begin; they are short.

    Args:
        metrics: count them, by the method: the last part of the address.
    """

    async def middleware(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        call = Call(metrics, "slack", request.url.name)
        try:
            response = await handler(request)
        except BaseException as error:
            call.end(type(error).__name__)
            raise
        call.end(str(response.status))
        return response

    return middleware

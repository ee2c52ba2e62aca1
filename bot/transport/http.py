"""httpx over aiohttp, for VideoSDK, response_urls and the doctor's checks."""

import asyncio
import time
from collections.abc import Callable
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy

import aiohttp
import httpx
import yarl

from bot.telemetry.metrics import NO_METRICS, Metrics
from bot.transport.calls import CALL, OTHER, VIDEOSDK, Call
from bot.transport.policy import DIRECT, HEADERS, MAX_REPLY, Policy
from bot.transport.pools import PoolFullError, Pools
from bot.videosdk import OPERATION, READS_BODY

KEEP_ALIVE = 30.0  # seconds

_OTHER = Call(OTHER, OTHER)
_NOT_CONNECTED = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,  # the proxy refused the tunnel
)


def open_transport(
    metrics: Metrics = NO_METRICS, policy: Policy = DIRECT, pools: Pools | None = None
) -> httpx.AsyncBaseTransport:
    """Return a transport without cookies or redirects; the caller must close it.

    A request waits for a slot in the pool of its call (see bot.transport.calls), and is timed from
    then until its answer has been read. Answers aren't decompressed. Of one that is larger than
    1 MiB, only the first 1 MiB and a byte are returned.

    Args:
        metrics: record the requests.
        policy: proxy and certificates.
        pools: the pools of slots; new ones if None.
    """
    return _PooledTransport(
        lambda: aiohttp.ClientSession(
            connector=connector(policy),
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=[_send_once, *policy.middlewares()],
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


async def _send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send a request once, and distinguish a broken connection from one never made.

    Callers may only retry a request that certainly wasn't processed. By default, aiohttp 3.14
    retries a GET when the connection breaks.
    """
    request.headers.update(HEADERS)
    try:
        return await handler(request)
    except _NOT_CONNECTED as error:
        raise httpx.ConnectError(str(error)) from error
    except aiohttp.ServerTimeoutError as error:
        raise httpx.ReadTimeout(str(error)) from error
    except (aiohttp.ClientError, OSError) as error:
        raise httpx.RemoteProtocolError(str(error)) from error


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
        given = request.extensions
        call = given.get(CALL) or _OTHER
        if operation := given.get(OPERATION):
            call = Call(VIDEOSDK, operation, reads_body=given.get(READS_BODY, True))
        try:
            give_back = await self._pools.take(call, given.get("timeout", {}).get("pool"))
        except PoolFullError as error:
            raise httpx.PoolTimeout(str(error)) from None
        began, outcome = time.perf_counter(), httpx.ReadTimeout.__name__
        try:
            async with asyncio.timeout(call.deadline):
                response = await self._send(request, reads_body=call.reads_body)
            outcome = str(response.status_code)
        except TimeoutError:
            raise httpx.ReadTimeout("no answer before the deadline") from None
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            give_back()
            self._metrics.called(call.service, call.operation, outcome, began)
        return response

    async def _send(self, request: httpx.Request, *, reads_body: bool) -> httpx.Response:
        """Send a request, and return its answer.

        The Content-Encoding header is removed, so that httpx doesn't decompress the body.
        """
        self._session = self._session or self._open_session()
        # httpx's own way to decode headers first tries all of them to find out their encoding.
        headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in request.headers.raw]
        given, body = request.extensions.get("timeout", {}), bytearray()
        pool, connect, read = given.get("pool"), given.get("connect"), given.get("read")
        timeout = aiohttp.ClientTimeout(connect=pool, sock_connect=connect, sock_read=read)
        try:
            answer = await self._session.request(
                request.method,
                yarl.URL(str(request.url), encoded=True),
                headers=headers,
                data=request.content or None,
                allow_redirects=False,
                auto_decompress=False,
                timeout=timeout,
            )
            try:
                if reads_body or answer.status >= HTTPStatus.MULTIPLE_CHOICES:
                    async for chunk in answer.content.iter_any():
                        body += chunk
                        if len(body) > MAX_REPLY:
                            break
            finally:
                answer.release()
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise httpx.UnsupportedProtocol(str(error)) from None
        except aiohttp.ServerTimeoutError as error:
            raise httpx.ReadTimeout(str(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise httpx.ReadError(str(error)) from error
        kept = [head for head in answer.raw_headers if head[0].lower() != b"content-encoding"]
        stream = httpx.ByteStream(bytes(body[: MAX_REPLY + 1]))
        return httpx.Response(answer.status, headers=kept, stream=stream)

    async def aclose(self) -> None:
        if self._session:
            await self._session.close()

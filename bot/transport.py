"""Open the one HTTP client that the bot calls out with: httpx's interface over aiohttp."""

import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

CONNECTIONS = 512  # a second's burst of commands must not queue behind a slow provider
KEEP_ALIVE = 30.0  # seconds an idle connection is kept

_NEVER_MADE = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


def open_http() -> httpx.AsyncClient:
    """Return a client without cookies, redirects or proxies; the caller closes it."""

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE)
        jar = aiohttp.DummyCookieJar()
        return aiohttp.ClientSession(connector=connector, cookie_jar=jar, middlewares=[_send_once])

    # The session checks certificates; this context trusts none, and spares reading a second list.
    unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(
        transport=AiohttpTransport(client=session, verify=unused),
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

"""Open the one HTTP client that the bot calls out with: httpx's interface over aiohttp."""

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

CONNECTIONS = 512  # a second's burst of commands must not queue behind a slow provider
KEEP_ALIVE = 30.0  # seconds an idle connection is kept

_NEVER_MADE = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class Transport(AiohttpTransport):
    """httpx-aiohttp's transport, with errors that tell a broken connection from one never made.

    httpx-aiohttp 0.2 reports both as `ConnectTimeout` and lets aiohttp's other errors through. A
    caller who may only repeat what was certainly not done has to know which it was.
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; every failure is an `httpx.TransportError`."""
        try:
            return await super().handle_async_request(request)
        except httpx.ConnectTimeout as error:
            never_made = isinstance(error.__cause__, _NEVER_MADE)
            kind = httpx.ConnectError if never_made else httpx.RemoteProtocolError
            raise kind(str(error), request=request) from error
        except aiohttp.ClientError as error:
            raise httpx.RemoteProtocolError(str(error), request=request) from error


def open_http() -> httpx.AsyncClient:
    """Return a client without cookies, redirects or proxies; the caller closes it."""

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return httpx.AsyncClient(transport=Transport(client=session), follow_redirects=False)

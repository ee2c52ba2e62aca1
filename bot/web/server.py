"""The web server: read requests within bounds, give each an id, and stop without losing one."""

import asyncio
import logging
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler

from bot.telemetry.logs import request as logged
from bot.web.connections import ACCEPTS, BoundedRunner, Connections, deepen_backlog
from bot.web.guard import RejectedError
from bot.web.site import EVERY_INTERFACE, dual_stack_socket
from bot.web.unknown_addresses import answer_unknown_address

LOG = logging.getLogger(__name__)

LAST_REQUESTS = 1.0  # seconds for what open connections have sent, or are about to send, at the end

HEADER = "X-Request-ID"  # https://devcenter.heroku.com/articles/http-request-id

_GIVEN = re.compile(r"[\w-]{8,64}", re.ASCII)
_SECONDS = 2.0  # in which a body has to arrive
_TICK = 0.01  # seconds


class Server:
    """The web server.

    Bodies stay as they came, since Slack signs the raw bytes. Handlers log their requests.

    Attributes:
        port: where it listens, once it does.

    Args:
        app: the application.
        last_answers: seconds for requests in flight when the server stops.
        keep_alive: seconds that a connection may rest between two requests.
    """

    def __init__(self, app: web.Application, last_answers: float, keep_alive: float) -> None:
        self._runner = BoundedRunner(
            app,
            keep_alive,
            access_log=None,
            logger=LOG,
            auto_decompress=False,
            shutdown_timeout=last_answers,
        )
        self._protocols: Connections | None = None
        self._listener: asyncio.Server | None = None
        self.port = 0

    async def open(self, host: str, port: int) -> None:
        """Start listening.

        Raises:
            OSError: the address is taken, or isn't this machine's.
        """
        await self._runner.setup()
        self._protocols = protocols = cast("Connections", self._runner.server)
        loop = asyncio.get_running_loop()
        if host == EVERY_INTERFACE:
            bound = dual_stack_socket(port)
            self._listener = await loop.create_server(protocols, sock=bound, backlog=ACCEPTS)
        else:
            self._listener = await loop.create_server(protocols, host, port, backlog=ACCEPTS)
        deepen_backlog(self._listener)
        self.port = int(self._listener.sockets[0].getsockname()[1])

    def drain(self) -> None:
        """Tell every client from now on that its connection ends with its answer."""
        if self._protocols:
            self._protocols.draining = True

    async def close(self) -> None:
        """Stop listening, answer what has been accepted by then, and close every connection."""
        self.drain()
        if self._listener and self._protocols:
            await _stop_listening(self._listener, self._protocols)
            await _until_closed(self._protocols)
        await self._runner.cleanup()


async def read_body(request: web.Request) -> bytes:
    """Return a request's body; the application's `client_max_size` bounds it.

    Raises:
        RejectedError: it is too large or too slow.
    """
    try:
        async with asyncio.timeout(_SECONDS):
            return await request.read()
    except TimeoutError:
        raise RejectedError(HTTPStatus.REQUEST_TIMEOUT, "too slow") from None
    except web.HTTPRequestEntityTooLarge:
        raise RejectedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large") from None


def rejection(rejected: RejectedError) -> web.Response:
    """Return the answer to a request that is not read any further."""
    return web.Response(status=rejected.status, text=rejected.status.phrase)


@web.middleware
async def with_request_id(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take the id that the host's router gives, or make one; log addresses that nobody serves."""
    given = request.headers.get(HEADER, "")
    request_id = given if _GIVEN.fullmatch(given) else secrets.token_hex(16)
    logged.set({"request_id": request_id})
    try:
        response = await handler(request)
    except web.HTTPException as error:
        page = answer_unknown_address(request)
        if page is None:
            error.headers[HEADER] = request_id
            raise
        response = page
    response.headers[HEADER] = request_id
    return response


async def _stop_listening(listener: asyncio.Server, protocols: web.Server) -> None:
    """Close the listener and take the connections that wait in its backlog.

    A closed listener resets those, though their clients have sent requests. asyncio takes no
    connection out of it while a server closes, and drops one that it took just before.
    """
    loop = asyncio.get_running_loop()
    backlogs = [one.dup() for one in listener.sockets]
    for one in listener.sockets:
        loop.remove_reader(one.fileno())
    await asyncio.sleep(0)  # what asyncio has taken gets its protocol
    listener.close()
    accepted = [connection for one in backlogs for connection in _accept_all(one)]
    for one in backlogs:
        one.close()
    for connection in accepted:
        await loop.connect_accepted_socket(protocols, connection)


async def _until_closed(protocols: web.Server) -> None:
    """Wait until every connection has had its last answer, or sends nothing for too long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LAST_REQUESTS):
            await asyncio.sleep(_TICK)  # what has just been accepted shows up
            while protocols.connections:  # noqa: ASYNC110 - aiohttp has no event for it
                await asyncio.sleep(_TICK)


def _accept_all(listener: socket.socket) -> Iterator[socket.socket]:
    with suppress(OSError):  # BlockingIOError: that was the last one
        while True:
            yield listener.accept()[0]


class _NoStrangersTraces(logging.Filter):
    """Suppress aiohttp's traceback for malformed requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)


LOG.addFilter(_NoStrangersTraces())

"""The web server: bounds and numbers requests, and stops without losing one."""

import asyncio
import errno
import logging
import os
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

from bot.settings.settings import StartError
from bot.telemetry.logs import request as logged
from bot.web.connections import ACCEPTS, BoundedRunner, Connections, deepen_backlog
from bot.web.guard import RejectedError
from bot.web.site import EVERY_INTERFACE, dual_stack_socket
from bot.web.unknown_addresses import answer_unknown_address

LOG = logging.getLogger(__name__)

LAST_REQUESTS = 1.0  # seconds at shutdown for requests that open connections are still sending

HEADER = "X-Request-ID"  # https://devcenter.heroku.com/articles/http-request-id

_REQUEST_ID = re.compile(r"[\w-]{8,64}", re.ASCII)
_BODY_TIMEOUT = 2.0  # seconds
_TICK = 0.01  # seconds


class Server:
    """The web server.

    Bodies aren't decompressed, because Slack signs the raw bytes. There is no access log: handlers
    log their requests.

    Attributes:
        port: the port it listens on; 0 before `open`.

    Args:
        app: the application.
        last_answers: seconds for requests in flight when the server stops.
        keep_alive: seconds that a connection may be idle between two requests.
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
            StartError: the address is in use, or isn't this machine's.
        """
        await self._runner.setup()
        self._protocols = protocols = cast("Connections", self._runner.server)
        loop = asyncio.get_running_loop()
        try:
            if host == EVERY_INTERFACE:
                bound = dual_stack_socket(port)
                self._listener = await loop.create_server(protocols, sock=bound, backlog=ACCEPTS)
            else:
                self._listener = await loop.create_server(protocols, host, port, backlog=ACCEPTS)
        except OSError as error:
            raise _cannot_listen(host, port, error) from None
        deepen_backlog(self._listener)
        self.port = int(self._listener.sockets[0].getsockname()[1])

    def drain(self) -> None:
        """From now on, close each connection after its next response."""
        if self._protocols:
            self._protocols.draining = True

    async def close(self) -> None:
        """Stop listening, respond to every accepted request, and close all connections."""
        self.drain()
        if self._listener and self._protocols:
            await _stop_listening(self._listener, self._protocols)
            await _until_closed(self._protocols)
        await self._runner.cleanup()


async def read_body(request: web.Request) -> bytes:
    """Return a request's body, of at most the application's `client_max_size` bytes.

    Raises:
        RejectedError: it is too large or too slow.
    """
    try:
        async with asyncio.timeout(_BODY_TIMEOUT):
            return await request.read()
    except TimeoutError:
        raise RejectedError(HTTPStatus.REQUEST_TIMEOUT, "too slow") from None
    except web.HTTPRequestEntityTooLarge:
        raise RejectedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large") from None


def rejection(rejected: RejectedError) -> web.Response:
    """Return the response to a rejected request: its status and nothing else."""
    return web.Response(status=rejected.status, text=rejected.status.phrase)


@web.middleware
async def with_request_id(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Use the request ID that the host's router sets, or make one; log unknown addresses."""
    header = request.headers.get(HEADER, "")
    request_id = header if _REQUEST_ID.fullmatch(header) else secrets.token_hex(16)
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


def _cannot_listen(host: str, port: int, error: OSError) -> StartError:
    """Return the error in words; asyncio has none for an address that no interface has."""
    if error.errno in (errno.EADDRINUSE, errno.EACCES):
        return StartError(
            f"Meet for Slack can't listen on port {port}: {os.strerror(error.errno)}. "
            "Set PORT to another one, or stop what uses it."
        )
    return StartError(
        f"Meet for Slack can't listen on {host}: this machine has no such address. "
        "Set BIND_HOST to one that it has, like 0.0.0.0, :: or 127.0.0.1."
    )


async def _stop_listening(listener: asyncio.Server, protocols: web.Server) -> None:
    """Close the listener, but accept the connections in its backlog first.

    Closing a listener resets those, though their clients may have sent requests. asyncio accepts
    none of them while a server closes, and drops one that it has just accepted.
    """
    loop = asyncio.get_running_loop()
    backlogs = [one.dup() for one in listener.sockets]
    for one in listener.sockets:
        loop.remove_reader(one.fileno())
    await asyncio.sleep(0)  # let asyncio give its last accepted connection a protocol
    listener.close()
    accepted = [connection for one in backlogs for connection in _accept_all(one)]
    for one in backlogs:
        one.close()
    for connection in accepted:
        await loop.connect_accepted_socket(protocols, connection)


async def _until_closed(protocols: web.Server) -> None:
    """Wait until all connections are closed, for at most LAST_REQUESTS seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LAST_REQUESTS):
            await asyncio.sleep(_TICK)  # new connections aren't listed at once
            while protocols.connections:  # noqa: ASYNC110 - aiohttp has no event for it
                await asyncio.sleep(_TICK)


def _accept_all(listener: socket.socket) -> Iterator[socket.socket]:
    with suppress(OSError):  # BlockingIOError: the backlog is empty
        while True:
            yield listener.accept()[0]


class _NoMalformedRequests(logging.Filter):
    """Suppress aiohttp's traceback for malformed requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)


LOG.addFilter(_NoMalformedRequests())

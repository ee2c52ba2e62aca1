"""Limit how many connections clients can hold, and for how long.

By default, aiohttp closes a connection 3,630 s after its last answer, and has no limit on how long
its first request may take.
When file descriptors run out, asyncio logs a traceback every second for each waiting connection.
"""

import asyncio
import errno
import logging
import resource
import time
from collections import OrderedDict
from math import inf
from typing import Any

from aiohttp import hdrs, web
from aiohttp.http import StreamWriter

LOG = logging.getLogger(__name__)

ACCEPTS = 16  # connections accepted at a time, before any of them can be closed
BACKLOG = 128  # connections that wait in the kernel to be accepted
REQUEST_TIMEOUT = 15.0  # seconds for a connection's first request
MAX_CONNECTIONS = 4096  # an idle one takes about 7 kB

_DESCRIPTORS = 8192  # the limit that the bot sets itself, if the system allows
_LINGERING_TIME = 2.0  # seconds for which the rest of a body is read after its answer
# Shares of the descriptors. The bot's outgoing connections need some, too.
_CLIENTS_SHARE = 0.5
_TAKEN_SHARE = 0.75
_LOG_INTERVAL = 60.0  # seconds between two log lines about too many connections
_OUT_OF_RESOURCES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def raise_descriptor_limit() -> None:
    """Raise the soft limit of open files to 8192, or to the hard limit if that is lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = int(min(_finite(hard), _DESCRIPTORS))
    if _finite(soft) < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def deepen_backlog(server: asyncio.Server) -> None:
    """Set a larger backlog than the number of connections that asyncio accepts at a time.

    asyncio uses one number for both. If it accepted all of the backlog at once, descriptors could
    run out before any connection is closed; it would then pause for a second, and the backlog would
    overflow.

    Args:
        server: was started with a backlog of ACCEPTS.
    """
    for transport_socket in server.sockets:
        with transport_socket.dup() as listener:
            listener.listen(BACKLOG)


class BoundedRunner(web.AppRunner):
    """An AppRunner whose server limits its connections.

    Args:
        app: the application.
        keep_alive: seconds that a connection may be idle between two requests.
        options: for aiohttp's AppRunner.
    """

    def __init__(self, app: web.Application, keep_alive: float, **options: Any) -> None:
        super().__init__(
            app, keepalive_timeout=keep_alive, lingering_time=_LINGERING_TIME, **options
        )

    async def _make_server(self) -> web.Server:
        return Connections(await super()._make_server(), **self._kwargs)


class Connections(web.Server):
    """The open connections. When there are too many, the one idle for longest is closed.

    Attributes:
        idle: those with no request in flight, the idlest first.
        draining: whether every connection ends with its next answer.

    Args:
        server: handles the requests.
        options: for each connection.
    """

    def __init__(self, server: web.Server, **options: Any) -> None:
        super().__init__(server.request_handler, request_factory=self._begin)
        self._options = options
        self._read_request = server.request_factory
        self.idle: OrderedDict[web.RequestHandler, None] = OrderedDict()
        self.draining = False
        self._open = 0
        self._logged_at = -_LOG_INTERVAL
        asyncio.get_running_loop().set_exception_handler(self._handle_error)

    def __call__(self) -> "ClientConnection":
        """Return the protocol of a new connection."""
        return ClientConnection(self, loop=asyncio.get_running_loop(), **self._options)

    def add(self, connection: "ClientConnection", descriptor: int) -> None:
        """Add a new connection, and close the idlest if it is one too many.

        Args:
            connection: the new connection.
            descriptor: its file descriptor. The system assigns the lowest free one, so a high
                number means that most are taken, whatever for.
        """
        self.idle[connection] = None
        self._open += 1
        limit = _finite(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        is_crowded = self._open > min(MAX_CONNECTIONS, _CLIENTS_SHARE * limit)
        if is_crowded or descriptor >= _TAKEN_SHARE * limit:
            self._close_idlest()

    def remove(self, connection: "ClientConnection") -> None:
        """Note that a connection is closed."""
        self._open -= 1
        self.idle.pop(connection, None)

    def _begin(self, message: Any, payload: Any, protocol: Any, _: Any, task: Any) -> Any:
        self.idle.pop(protocol, None)
        protocol.first_request.cancel()
        writer = _Writer(protocol, asyncio.get_running_loop())
        return self._read_request(message, payload, protocol, writer, task)

    def _close_idlest(self) -> None:
        if time.monotonic() - self._logged_at >= _LOG_INTERVAL:
            self._logged_at = time.monotonic()
            facts = {"resting": len(self.idle), "busy": self._open - len(self.idle)}
            LOG.warning("too many connections, closing the idlest", extra=facts)
        if self.idle:
            idlest, _ = self.idle.popitem(last=False)
            idlest.force_close()

    def _handle_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Close the idlest connection if one can't be accepted for lack of descriptors."""
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _OUT_OF_RESOURCES and "socket" in context:
            self._close_idlest()
        else:
            loop.default_exception_handler(context)


class ClientConnection(web.RequestHandler):
    """A connection with a timeout for its first request.

    For any later one, aiohttp's own timeout includes its headers: `keep_alive`.

    Attributes:
        first_request: closes the connection if no request comes.
    """

    def __init__(self, connections: Connections, **options: Any) -> None:
        super().__init__(connections, **options)
        self._connections = connections
        self.first_request: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the timeout for the first request."""
        super().connection_made(transport)
        self.first_request = self._loop.call_later(REQUEST_TIMEOUT, self.force_close)
        self._connections.add(self, transport.get_extra_info("socket").fileno())

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the connection."""
        super().connection_lost(exc)
        self._connections.remove(self)
        self.first_request.cancel()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the answer, then mark the connection as idle."""
        if self._connections.draining:
            resp.force_close()
            resp.headers[hdrs.CONNECTION] = "close"
        try:
            return await super().finish_response(request, resp, start_time)
        finally:
            if self.transport is not None:  # None if the client has disconnected
                self._connections.idle[self] = None


class _Writer(StreamWriter):
    """Omits the Server header, which would reveal the versions of Python and aiohttp."""

    async def write_headers(self, status_line: str, headers: Any) -> None:
        headers.popall("Server", None)
        await super().write_headers(status_line, headers)


def _finite(limit: int) -> float:
    return inf if limit == resource.RLIM_INFINITY else limit

"""Bound the connections that strangers can hold: how long, and how many.

aiohttp closes a connection that sends nothing after 3,630 s by default, which is also its only
limit on slow headers. When descriptors run out, asyncio logs a trace for each connection that waits
in the backlog, every second.
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

ACCEPTS = 16  # connections that are taken in one go, before any of them can be closed
BACKLOG = 128  # connections that the system accepts before the bot takes them
FIRST_REQUEST = 15.0  # seconds for a connection's first request, and for the headers of any other
MOST = 4096  # connections; an idle one takes about 7 kB

_DESCRIPTORS = 8192  # as many as the bot asks the system for
_LINGERING = 2.0  # seconds that the rest of a body is read after its answer
# Shares of the descriptors: the bot opens connections itself, and needs some for that.
_VISITORS = 0.5
_TAKEN = 0.75
_QUIET = 60.0  # seconds between two lines of the log about too many connections
_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def raise_descriptor_limit() -> None:
    """Let the process open more files and sockets, as far as the system allows without asking."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = int(min(_finite(hard), _DESCRIPTORS))
    if _finite(soft) < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def deepen_backlog(server: asyncio.Server) -> None:
    """Let the system keep more connections for a server than asyncio takes in one go.

    asyncio has one number for both. If it took all of the backlog, descriptors could run out before
    a single connection is closed; then it takes none for a second, and the backlog overflows.

    Args:
        server: listens with a backlog of ACCEPTS.
    """
    for one in server.sockets:
        with one.dup() as listener:
            listener.listen(BACKLOG)


class BoundedRunner(web.AppRunner):
    """A runner whose server bounds its connections.

    Args:
        app: the application.
        keep_alive: seconds that a connection may rest between two requests.
        options: of aiohttp's runner.
    """

    def __init__(self, app: web.Application, keep_alive: float, **options: Any) -> None:
        super().__init__(app, keepalive_timeout=keep_alive, lingering_time=_LINGERING, **options)

    async def _make_server(self) -> web.Server:
        return Connections(await super()._make_server(), **self._kwargs)


class Connections(web.Server):
    """The open connections. When there are too many, the one that rests the longest is closed.

    Attributes:
        resting: those that have nothing to do, the longest first.
        draining: whether every connection ends with its next answer.

    Args:
        server: answers requests.
        options: of each connection.
    """

    def __init__(self, server: web.Server, **options: Any) -> None:
        super().__init__(server.request_handler, request_factory=self._begin)
        self._options = options
        self._read_request = server.request_factory
        self.resting: OrderedDict[web.RequestHandler, None] = OrderedDict()
        self.draining = False
        self._open = 0
        self._told_at = -_QUIET
        asyncio.get_running_loop().set_exception_handler(self._handle_error)

    def __call__(self) -> "ClientConnection":
        """Return the handler of a new connection."""
        return ClientConnection(self, loop=asyncio.get_running_loop(), **self._options)

    def arrive(self, connection: "ClientConnection", descriptor: int) -> None:
        """Take a new connection in, and make room if it is one too many.

        Args:
            connection: which waits for its first request.
            descriptor: its number. The system gives the lowest that is free, so a high one means
                that most are taken, whatever for.
        """
        self.resting[connection] = None
        self._open += 1
        limit = _finite(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        is_crowded = self._open > min(MOST, _VISITORS * limit)
        if is_crowded or descriptor >= _TAKEN * limit:
            self._make_room()

    def leave(self, connection: "ClientConnection") -> None:
        """Note that a connection is closed."""
        self._open -= 1
        self.resting.pop(connection, None)

    def _begin(self, message: Any, payload: Any, protocol: Any, _: Any, task: Any) -> Any:
        self.resting.pop(protocol, None)
        protocol.is_resting, protocol.deadline = False, None
        writer = _Writer(protocol, asyncio.get_running_loop())
        return self._read_request(message, payload, protocol, writer, task)

    def _make_room(self) -> None:
        if time.monotonic() - self._told_at >= _QUIET:
            self._told_at = time.monotonic()
            facts = {"resting": len(self.resting), "busy": self._open - len(self.resting)}
            LOG.warning("too many connections, closing the idlest", extra=facts)
        if self.resting:
            idlest, _ = self.resting.popitem(last=False)
            idlest.force_close()

    def _handle_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Make room where a connection can't be taken for want of a descriptor."""
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _NO_ROOM and "socket" in context:
            self._make_room()
        else:
            loop.default_exception_handler(context)


class ClientConnection(web.RequestHandler):
    """A connection with a deadline for whatever it has begun to send.

    Attributes:
        is_resting: whether it has nothing to do.
        deadline: when the rest of a request has to be here, if one has begun.
    """

    def __init__(self, connections: Connections, **options: Any) -> None:
        super().__init__(connections, **options)
        self._connections = connections
        self.is_resting = True
        self.deadline: float | None = None
        self._timer: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first request, but not for long."""
        super().connection_made(transport)
        self.deadline = self._loop.time() + FIRST_REQUEST
        self._timer = self._loop.call_at(self.deadline, self._look)
        self._connections.arrive(self, transport.get_extra_info("socket").fileno())

    def data_received(self, data: bytes) -> None:
        """Take what came, and wait for the rest of the headers, but not for long."""
        super().data_received(data)
        if self.is_resting and self.deadline is None:
            self.deadline = self._loop.time() + FIRST_REQUEST

    def connection_lost(self, exc: BaseException | None) -> None:
        """Stop waiting."""
        super().connection_lost(exc)
        self._connections.leave(self)
        self._timer.cancel()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the answer to a request."""
        if self._connections.draining:
            resp.force_close()
            resp.headers[hdrs.CONNECTION] = "close"
        try:
            return await super().finish_response(request, resp, start_time)
        finally:
            self.is_resting = True
            if self.transport is not None:  # nobody has hung up meanwhile
                self._connections.resting[self] = None

    def _look(self) -> None:
        """Close the connection if its time is over, or look again later."""
        now = self._loop.time()
        if self.deadline is not None and now >= self.deadline:
            self.force_close()
        else:
            self._timer = self._loop.call_at(self.deadline or now + FIRST_REQUEST, self._look)


class _Writer(StreamWriter):
    """Write answers without the header that tells strangers the versions of Python and aiohttp."""

    async def write_headers(self, status_line: str, headers: Any) -> None:
        headers.popall("Server", None)
        await super().write_headers(status_line, headers)


def _finite(limit: int) -> float:
    return inf if limit == resource.RLIM_INFINITY else limit

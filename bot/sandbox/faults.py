"""Inject faults into calls to a stand-in, to see how the bot copes."""

import asyncio
import itertools
import json
import socket
import struct
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

_TICK = 0.05  # seconds


@dataclass(frozen=True)
class Fault:
    """How one call misbehaves.

    Attributes:
        status: replaces the real answer, with `body`; None runs the real handler.
        body: the body for `status`.
        content_type: the body's type.
        headers: the headers for `status`, such as Location or Retry-After.
        repeat: how often to send the body, for a huge answer in little memory.
        fields: overwrite fields of the real JSON answer, if it has them.
        change: returns the replacement for the real JSON answer.
        delay: seconds before the answer.
        trickle: seconds between single bytes of the body.
        reset: reset the connection (RST) instead of answering.
    """

    status: int | None = None
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    repeat: int = 1
    fields: Mapping[str, str] = field(default_factory=dict)
    change: Callable[[Any], Any] | None = None
    delay: float = 0.0
    trickle: float = 0.0
    reset: bool = False


class Faults:
    """The faults of future calls."""

    def __init__(self) -> None:
        self._planned: list[tuple[str, Fault]] = []
        self._always: dict[str, Fault] = {}
        self._ended = False

    def plan(self, *faults: Fault, path: str = "") -> None:
        """Apply faults to the next calls whose path contains `path`, one each, in order.

        Here and in `always`, the path is `METHOD /path?query`.
        """
        self._planned += [(path, fault) for fault in faults]

    def always(self, fault: Fault | None, path: str = "") -> None:
        """Apply a fault to every call whose path contains `path`; None removes it.

        Planned faults come first.
        """
        self._always.pop(path, None)
        if fault is not None:
            self._always[path] = fault

    def forget(self) -> None:
        """Remove all faults."""
        self._planned.clear()
        self._always.clear()

    def end(self) -> None:
        """Remove all faults for good; delayed calls get their answers at once."""
        self.forget()
        self._ended = True

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Apply the fault of this request, if it has one."""
        fault = self._take(f"{request.method} {request.path_qs}")
        if fault is None:
            return await handler(request)
        answer = await _answer(fault, request, handler)
        await self._wait(request, fault.delay)
        if fault.reset:
            _reset(request)
        elif fault.trickle or fault.repeat > 1:
            return await self._send_in_pieces(fault, request, answer)
        return answer

    def _take(self, path: str) -> Fault | None:
        for entry in self._planned:
            if entry[0] in path:
                self._planned.remove(entry)
                return entry[1]
        return next((fault for part, fault in self._always.items() if part in path), None)

    async def _wait(self, request: web.Request, seconds: float) -> None:
        """Wait for `seconds`, or until the client disconnects."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        # aiohttp has no event for a client that disconnects.
        while request.transport is not None and not self._ended:
            left = end - loop.time()
            if left <= 0:
                return
            await asyncio.sleep(min(left, _TICK))

    async def _send_in_pieces(
        self, fault: Fault, request: web.Request, answer: web.StreamResponse
    ) -> web.StreamResponse:
        body = answer.body if isinstance(answer, web.Response) else None
        content = body if isinstance(body, bytes) else b""
        pieces: Iterable[bytes] = itertools.repeat(content, fault.repeat)
        if fault.trickle:
            pieces = (bytes([byte]) for byte in content)
        stream = web.StreamResponse(status=answer.status, headers=answer.headers)
        with suppress(ConnectionError):  # the client may disconnect at any time
            await stream.prepare(request)
            for piece in pieces:
                await stream.write(piece)
                await self._wait(request, fault.trickle)
        return stream


async def _answer(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    if fault.status is not None:
        return web.Response(
            status=fault.status,
            body=fault.body,
            content_type=fault.content_type,
            headers=fault.headers,
        )
    answer = await handler(request)
    if fault.fields and isinstance(answer, web.Response):
        _overwrite(answer, fault.fields)
    if fault.change and isinstance(answer, web.Response):
        answer.text = json.dumps(fault.change(json.loads(answer.text or "null")))
    return answer


def _overwrite(answer: web.Response, fields: Mapping[str, str]) -> None:
    if answer.content_type == "application/json":
        record = json.loads(answer.text or "{}")
        known = {key: value for key, value in fields.items() if key in record}
        answer.text = json.dumps({**record, **known})


def _reset(request: web.Request) -> None:
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        # Closing a socket with a linger time of 0 sends RST instead of FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


def _error(status: int, error: str, **headers: str) -> Fault:
    body = json.dumps({"statusCode": status, "error": error}).encode()
    return Fault(status, body, headers={name.replace("_", "-"): headers[name] for name in headers})


_HTML = b"<!doctype html><title>Service unavailable</title><h1>Please come back later</h1>"

# The faults that the sandbox's page offers: key -> (label, fault).
PRESETS: dict[str, tuple[str, Fault]] = {
    "slow": ("Answers after 4 seconds", Fault(delay=4)),
    "hang": ("Does not answer for 30 seconds", Fault(delay=30)),
    "trickle": ("Sends one byte every half second", Fault(trickle=0.5)),
    "reset": ("Resets the connection", Fault(reset=True)),
    "401": ("401: refuses the token", _error(401, "Token is invalid or expired")),
    "402": ("402: no such meeting, or not paid", _error(402, "RoomId is invalid.")),
    "403": ("403: not allowed", _error(403, "Forbidden")),
    "404": ("404: not found", _error(404, "Room not found.")),
    "429": ("429: too many requests", _error(429, "Too many requests", Retry_After="30")),
    "500": ("500: fails inside", _error(500, "Internal Server Error")),
    "html": ("An HTML page", Fault(200, _HTML, "text/html")),
    "text": ("Plain text", Fault(200, b"OK", "text/plain")),
    "broken-json": ("JSON that breaks off", Fault(200, b'{"meetingId": "87i6-bvw8-')),
    "huge": ("200 MB", Fault(200, b" " * 50_000, repeat=4_000)),
    "redirect": ("A redirect", Fault(307, headers={"Location": "/v1/elsewhere"})),
    "other-meeting": (
        "Another meeting's ID",
        Fault(
            fields={
                **dict.fromkeys(("meetingId", "roomId"), "n0t0-y0ur-m33t"),
                **dict.fromkeys(("userMeetingId", "customRoomId"), "somebody-elses"),
            }
        ),
    ),
}

"""Send server-sent events to open pages."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from aiohttp import web

_PING = b": ping\n\n"


class Streams:
    """The open event streams.

    Args:
        ping_seconds: interval between pings on an idle stream.
    """

    def __init__(self, ping_seconds: float) -> None:
        self._ping_seconds = ping_seconds
        self._open: set[asyncio.Queue[bytes]] = set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Stream events until the page is closed or the server stops."""
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._open.add(queue)
        try:
            with suppress(ConnectionError):  # the page may be closed at any moment
                await stream.prepare(request)
                await stream.write(_PING)
                while event := await self._next(queue):
                    await stream.write(event)
        finally:
            self._open.discard(queue)
        return stream

    def send(self, name: str, data: dict[str, Any]) -> None:
        """Send an event to every page."""
        self._put(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())

    async def end(self, _: web.Application) -> None:
        """End every stream."""
        self._put(b"")

    async def _next(self, queue: asyncio.Queue[bytes]) -> bytes:
        try:
            async with asyncio.timeout(self._ping_seconds):
                return await queue.get()
        except TimeoutError:
            return _PING

    def _put(self, event: bytes) -> None:
        for queue in self._open:
            queue.put_nowait(event)

"""Send the page what changes, as server-sent events."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from aiohttp import web

_SIGN_OF_LIFE = b": ping\n\n"


class Streams:
    """The streams of events that are open.

    Args:
        ping_seconds: how often a silent stream gives a sign of life.
    """

    def __init__(self, ping_seconds: float) -> None:
        self._ping_seconds = ping_seconds
        self._open: set[asyncio.Queue[bytes]] = set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Stream what changes until the page or the server goes."""
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._open.add(queue)
        try:
            with suppress(ConnectionError):  # the page may be closed at any moment
                await stream.prepare(request)
                await stream.write(_SIGN_OF_LIFE)
                while event := await self._next(queue):
                    await stream.write(event)
        finally:
            self._open.discard(queue)
        return stream

    def send(self, name: str, data: dict[str, Any]) -> None:
        """Send an event to every page."""
        self._put(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())

    async def end(self, _: web.Application) -> None:
        """Let every stream end."""
        self._put(b"")

    async def _next(self, queue: asyncio.Queue[bytes]) -> bytes:
        try:
            async with asyncio.timeout(self._ping_seconds):
                return await queue.get()
        except TimeoutError:
            return _SIGN_OF_LIFE

    def _put(self, event: bytes) -> None:
        for queue in self._open:
            queue.put_nowait(event)

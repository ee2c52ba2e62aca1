"""Tell a host whether the bot is alive, and whether to send it anything."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

LOG = logging.getLogger(__name__)

PATIENCE = 1.0  # seconds for the database to answer
FRESH = 1.0  # seconds that its last answer is good for


class Health:
    """The two addresses that hosts ask.

    Args:
        is_connected: asks whether Slack can reach the bot.
        ping: asks the database; it raises if that is out of reach.
        patience: seconds for that.
    """

    def __init__(
        self,
        is_connected: Callable[[], Awaitable[bool]],
        ping: Callable[[], Awaitable[object]],
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._is_connected = is_connected
        self._ping = ping
        self._patience = patience
        self._pinged = (-FRESH, True)  # when, and whether the database answered
        self._pinging: asyncio.Task[bool] | None = None
        self.draining = False

    async def alive(self, _: web.Request) -> web.Response:
        """Answer 200 as long as the process lives; nothing is asked of anybody."""
        return web.Response(text="ok\n")

    async def ready(self, _: web.Request) -> web.Response:
        """Answer 200, or 503 with what is missing: VideoSDK and Slack's Web API are never asked."""
        if self.draining:
            return web.Response(status=503, text="stopping\n")
        if not await self._has_database():
            return web.Response(status=503, text="database not reachable\n")
        if not await self._is_connected():
            return web.Response(status=503, text="not connected to Slack\n")
        return web.Response(text="ready\n")

    async def _has_database(self) -> bool:
        """Return whether the database answers; everyone who asks at once shares one ping.

        Otherwise a stampede would use up the pool's connections, and the host's own probe would
        report that the database is down.
        """
        when, answered = self._pinged
        if time.monotonic() - when < FRESH:
            return answered
        if self._pinging is None:
            self._pinging = asyncio.create_task(self._ping_once())
        return await asyncio.shield(self._pinging)

    async def _ping_once(self) -> bool:
        try:
            async with asyncio.timeout(self._patience):
                await self._ping()
            answered = True
        except Exception as error:  # noqa: BLE001 - databases fail in their own ways
            LOG.warning("database not reachable", extra={"cause": type(error).__name__})
            answered = False
        self._pinged, self._pinging = (time.monotonic(), answered), None
        return answered

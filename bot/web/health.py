"""Health checks for hosts: is the bot alive, and is it ready for requests?"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

LOG = logging.getLogger(__name__)

PING_TIMEOUT = 1.0  # seconds
FRESH = 1.0  # seconds for which a ping's result is reused


class Health:
    """Handles /healthz and /readyz.

    Args:
        is_connected: returns whether Slack can reach the bot.
        ping: queries the database, and raises if it doesn't answer.
        ping_timeout: seconds.

    Attributes:
        draining: set while the bot shuts down; it isn't ready then.
    """

    def __init__(
        self,
        is_connected: Callable[[], Awaitable[bool]],
        ping: Callable[[], Awaitable[object]],
        *,
        ping_timeout: float = PING_TIMEOUT,
    ) -> None:
        self._is_connected = is_connected
        self._ping = ping
        self._ping_timeout = ping_timeout
        self._last_ping = (-FRESH, True)  # its time, and whether the database answered
        self._current_ping: asyncio.Task[bool] | None = None
        self.draining = False

    async def alive(self, _: web.Request) -> web.Response:
        """Answer 200 as long as the process runs; nothing else is checked."""
        return web.Response(text="ok\n")

    async def ready(self, _: web.Request) -> web.Response:
        """Answer 200, or 503 with the reason; VideoSDK and Slack's Web API aren't checked."""
        if self.draining:
            return web.Response(status=503, text="stopping\n")
        if not await self._has_database():
            return web.Response(status=503, text="database not reachable\n")
        if not await self._is_connected():
            return web.Response(status=503, text="not connected to Slack\n")
        return web.Response(text="ready\n")

    async def _has_database(self) -> bool:
        """Return whether the database answers; concurrent requests share one ping.

        Otherwise a stampede of requests would use up the connection pool, and the host's own check
        would fail.
        """
        when, answered = self._last_ping
        if time.monotonic() - when < FRESH:
            return answered
        if self._current_ping is None:
            self._current_ping = asyncio.create_task(self._ping_once())
        return await asyncio.shield(self._current_ping)

    async def _ping_once(self) -> bool:
        try:
            async with asyncio.timeout(self._ping_timeout):
                await self._ping()
            answered = True
        except Exception as error:  # noqa: BLE001 - drivers raise all sorts
            LOG.warning("database not reachable", extra={"cause": type(error).__name__})
            answered = False
        self._last_ping, self._current_ping = (time.monotonic(), answered), None
        return answered

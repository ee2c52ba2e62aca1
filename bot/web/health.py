"""Health checks for hosts: is the bot alive, and is it ready for requests?"""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.caching.shared import SharedResults
from bot.slack.workspaces import InstallsUnavailableError

LOG = logging.getLogger(__name__)


class Health:
    """Handles /healthz and /readyz.

    Requests within two seconds share one ping. Otherwise a stampede of them would use up the
    connection pool, and the host's own check would fail.

    Args:
        is_connected: returns whether Slack can reach the bot.
        ping: queries the database, and raises InstallsUnavailableError if it doesn't answer soon.

    Attributes:
        draining: set while the bot shuts down; it isn't ready then.
    """

    def __init__(
        self,
        is_connected: Callable[[], Awaitable[bool]],
        ping: Callable[[], Awaitable[object]],
    ) -> None:
        self._is_connected = is_connected
        self._ping = ping
        self._has_database: SharedResults[bool] = SharedResults()
        self.draining = False

    async def alive(self, _: web.Request) -> web.Response:
        """Answer 200 as long as the process runs; nothing else is checked."""
        return web.Response(text="ok\n")

    async def ready(self, _: web.Request) -> web.Response:
        """Answer 200, or 503 with the reason; VideoSDK and Slack's Web API aren't checked."""
        if self.draining:
            return web.Response(status=503, text="stopping\n")
        if not await self._has_database.get("", self._try_ping):
            return web.Response(status=503, text="database not reachable\n")
        if not await self._is_connected():
            return web.Response(status=503, text="not connected to Slack\n")
        return web.Response(text="ready\n")

    async def _try_ping(self) -> bool:
        """Return whether the database answers."""
        try:
            await self._ping()
        except InstallsUnavailableError as error:
            LOG.warning("database not reachable", extra={"cause": type(error).__name__})
            return False
        return True

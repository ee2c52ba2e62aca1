"""Tell a host whether the bot is alive, and whether to send it anything."""

from collections.abc import Awaitable, Callable

from aiohttp import web


class Health:
    """The two addresses that hosts ask.

    Args:
        is_connected: asks whether Slack can reach the bot, where that is not the host's doing.
    """

    def __init__(self, is_connected: Callable[[], Awaitable[bool]] | None = None) -> None:
        self._is_connected = is_connected
        self.draining = False

    async def alive(self, _: web.Request) -> web.Response:
        """Answer 200 as long as the process lives; nothing is asked of anybody."""
        return web.Response(text="ok\n")

    async def ready(self, _: web.Request) -> web.Response:
        """Answer 200, or 503 while the bot finishes its work to stop or has no connection."""
        if self.draining:
            return web.Response(status=503, text="stopping\n")
        if self._is_connected and not await self._is_connected():
            return web.Response(status=503, text="not connected to Slack\n")
        return web.Response(text="ready\n")

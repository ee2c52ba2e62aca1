"""HTTP mode: Slack sends its requests to the bot's address, so there is no connection to open."""

import asyncio


class HttpMode:
    """Stands in for SocketMode where Slack sends its requests by HTTP."""

    async def open(self) -> asyncio.Future[None]:
        """Return a future that never completes."""
        return asyncio.get_running_loop().create_future()

    async def is_connected(self) -> bool:
        """Return True, because there is no connection that could fail."""
        return True

    async def close(self, _seconds: float) -> None:
        """Do nothing: there is no connection."""

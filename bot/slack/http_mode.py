"""HTTP mode: Slack sends its requests by itself, so there is nothing to connect."""

import asyncio


class HttpMode:
    """The interface of SocketMode, with nothing behind it."""

    async def open(self) -> asyncio.Future[None]:
        """Return a future that is never done."""
        return asyncio.get_running_loop().create_future()

    async def is_connected(self) -> bool:
        """Return True: whether requests arrive is the host's concern."""
        return True

    async def close(self, _seconds: float) -> None:
        """Close nothing."""

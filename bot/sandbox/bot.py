"""Run the bot in the sandbox, and restart it with another version of VideoSDK's API."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

from bot.app import open_bot
from bot.settings.settings import Settings

VERSIONS = ("v2", "v1")


class SandboxBot:
    """The unmodified bot; its address stays the same while the sandbox runs.

    Attributes:
        url: its address; "" until it is opened.
    """

    def __init__(self) -> None:
        self.url = ""
        self._settings: Settings | None = None
        self._stack = AsyncExitStack()
        self._restart = asyncio.Lock()

    @property
    def version(self) -> str:
        """The version of VideoSDK's API that it uses."""
        return self._settings.videosdk_api_version if self._settings else VERSIONS[0]

    async def open(self, settings: Settings) -> None:
        """Start the bot with these settings.

        Raises:
            StartError: the bot can't run.
        """
        self._settings, self.url = settings, str(settings.public_url)
        await self._stack.enter_async_context(open_bot(settings))

    async def close(self) -> None:
        """Stop the bot for good, after it has answered what it accepted."""
        async with self._restart:
            self._settings = None
            await self._stack.aclose()

    async def use(self, version: str) -> None:
        """Restart the bot with another version of VideoSDK's API, unless it already uses it."""
        async with self._restart:
            if self._settings and version != self.version:
                await self._stack.aclose()
                await self.open(replace(self._settings, videosdk_api_version=version))

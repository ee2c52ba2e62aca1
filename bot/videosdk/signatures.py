"""Keep VideoSDK's public key, and ask for it anew when it no longer fits."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from bot.videosdk.errors import VideoSDKError, VideoSDKUnreachableError
from bot.videosdk.webhooks import is_signed_by

LOG = logging.getLogger(__name__)

REFRESH = 60.0  # seconds between two looks for a newer key, however many signatures are wrong
RETRY = 1.0  # seconds between two tries to get a first one


class Signatures:
    """Check webhooks' signatures with a key that is fetched once, and again when one fails.

    Args:
        fetch: gets the key, in PEM; it may raise VideoSDKError.
        clock: seconds that only go up.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[str]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._key = ""
        self._not_before = clock()
        self._fetching = asyncio.Lock()

    async def is_authentic(self, signature: str, body: bytes) -> bool:
        """Tell whether VideoSDK signed the body.

        Raises:
            VideoSDKError: there is no key to tell it with.
        """
        key = self._key or await self._first()
        if is_signed_by(key, signature, body):
            return True
        newer = await self._newer_than(key)
        return newer != key and is_signed_by(newer, signature, body)

    async def _first(self) -> str:
        async with self._fetching:
            if not self._key:
                if self._clock() < self._not_before:
                    raise VideoSDKUnreachableError("no public key yet, and none asked for again")
                self._not_before = self._clock() + RETRY
                self._key = await self._fetch()
                self._not_before = self._clock()
            return self._key

    async def _newer_than(self, known: str) -> str:
        """Return the key; where that is the known one, look for a newer, once in a while."""
        async with self._fetching:
            if self._key == known and self._clock() >= self._not_before:
                self._not_before = self._clock() + REFRESH
                try:
                    self._key = await self._fetch()
                except VideoSDKError as error:
                    LOG.warning("no newer public key of VideoSDK", extra={"detail": str(error)})
            return self._key

"""VideoSDK's public key: fetch it, cache it, and refresh it when a signature does not match."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from bot.videosdk.errors import VideoSDKError
from bot.videosdk.webhooks import is_signed_by

REFRESH = 60.0  # seconds after a refresh in which wrong signatures do not cause another
RETRY = 1.0  # seconds after a failed fetch before the next


class Signatures:
    """Verifier of webhook signatures; concurrent webhooks share one fetch of the key.

    Args:
        fetch: fetches the key, in PEM; it may raise VideoSDKError.
        clock: a monotonic clock, in seconds.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[str]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._key = ""
        self._error: VideoSDKError | None = None
        self._next_fetch = clock()
        self._fetching: asyncio.Task[None] | None = None

    async def is_authentic(self, signature: str, body: bytes) -> bool:
        """Return whether VideoSDK signed the body.

        Raises:
            VideoSDKError: the signature does not match the cached key, and there may be a newer
                key that could not be fetched.
        """
        tried = self._key
        if is_signed_by(tried, signature, body):
            return True
        await self._refresh()
        if self._key != tried and is_signed_by(self._key, signature, body):
            return True
        if self._error:
            raise self._error.with_traceback(None)  # or each raise would add to its traceback
        return False

    async def _refresh(self) -> None:
        """Fetch the key, or wait for the fetch in flight; do nothing until the next one is due."""
        if self._fetching is None:
            if self._clock() < self._next_fetch:
                return
            self._fetching = asyncio.create_task(self._fetch_key())
        await asyncio.shield(self._fetching)  # a cancelled webhook must not fail the others

    async def _fetch_key(self) -> None:
        try:
            key = await self._fetch()
        except VideoSDKError as error:
            self._error = error
            self._next_fetch = self._clock() + RETRY
        else:
            # The first key may have been replaced since: look once more before the pause.
            self._next_fetch = self._clock() + (REFRESH if self._key else 0)
            self._key, self._error = key, None
        finally:
            self._fetching = None

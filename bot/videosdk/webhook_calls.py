"""The client's verification of webhooks, for which it fetches VideoSDK's public key."""

import asyncio
import time
from collections.abc import Callable

from bot.videosdk.account_calls import AccountCalls
from bot.videosdk.connection import Connection
from bot.videosdk.dialects import Dialect
from bot.videosdk.errors import VideoSDKError
from bot.videosdk.webhooks import is_signed_by, public_key, read_public_key

REFRESH = 60.0  # seconds after a refresh in which wrong signatures do not cause another
RETRY = 1.0  # seconds after a failed fetch before the next


class WebhookCalls(AccountCalls):
    """The part of the client that verifies webhooks.

    Args:
        connection: makes the calls.
        dialect: the version of the API.
        clock: a monotonic clock, in seconds.
    """

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(connection, dialect)
        self._clock = clock
        self._key = ""
        self._error: VideoSDKError | None = None
        self._next_fetch = clock()
        self._fetching: asyncio.Task[None] | None = None

    async def is_authentic(self, signature: str, body: bytes) -> bool:
        """Return whether VideoSDK signed a webhook's body.

        The public key is fetched once, and again if a signature does not match, at most once a
        minute. Concurrent webhooks share one fetch.

        Args:
            signature: the header `videosdk-signature`, or `` if there is none.
            body: the raw bytes, as they arrived.

        Raises:
            VideoSDKError: the signature matches no known key, and a newer one could not be fetched.
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
            payload, _ = await self._ask(public_key())
            key = read_public_key(payload)
        except VideoSDKError as error:
            self._error = error
            self._next_fetch = self._clock() + RETRY
        else:
            # The first key may have been replaced since: look once more before the pause.
            self._next_fetch = self._clock() + (REFRESH if self._key else 0)
            self._key, self._error = key, None
        finally:
            self._fetching = None

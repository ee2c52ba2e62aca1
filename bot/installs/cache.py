"""Cache installations, and keep using them while the database is down."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.caching.recent import Recent
from bot.caching.shared import retrieve_exception
from bot.slack.workspaces import InstallsUnavailableError
from bot.workspace import Workspace

T = TypeVar("T")

FRESH = 60.0  # seconds until a value is looked up again
RETRY = 5.0  # seconds until the next lookup after a failed one


@dataclass
class _Entry(Generic[T]):
    value: T
    expires_at: float


class Cache(Generic[T]):
    """Cache with stale-on-error.

    Misses are not cached; concurrent lookups of a key share one query.

    Args:
        find: looks a key up in the database; raises InstallsUnavailableError if that fails.
        clock: returns monotonic seconds.
    """

    def __init__(
        self,
        find: Callable[[Workspace], Awaitable[T | None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find
        self._clock = clock
        self._entries: Recent[Workspace, _Entry[T]] = Recent()
        self._lookups: dict[Workspace, asyncio.Task[T | None]] = {}

    async def get(self, key: Workspace) -> T | None:
        """Return the value of a key, or None if the database has none.

        Raises:
            InstallsUnavailableError: the lookup fails and no earlier value is cached.
        """
        entry = self._entries.get(key)
        if entry and self._clock() < entry.expires_at:
            return entry.value
        if key not in self._lookups:
            self._lookups[key] = asyncio.create_task(self._look_up(key))
            self._lookups[key].add_done_callback(retrieve_exception)
        return await asyncio.shield(self._lookups[key])

    def put(self, key: Workspace, value: T) -> None:
        """Store a new value; a lookup in flight can't overwrite it."""
        self._lookups.pop(key, None)
        self._store(key, value, FRESH)

    def forget(self, key: Workspace) -> None:
        """Drop a key, so that the next `get` looks it up; a lookup in flight can't restore it."""
        self._lookups.pop(key, None)
        self._entries.pop(key, None)

    async def _look_up(self, key: Workspace) -> T | None:
        """Look a key up, and store the result unless put() or forget() was called meanwhile."""
        old, seconds = self._entries.get(key), FRESH
        try:
            value = await self._find(key)
        except InstallsUnavailableError:
            if not old:
                raise
            value, seconds = old.value, RETRY
        finally:
            is_newest = self._lookups.get(key) is asyncio.current_task()
            if is_newest:
                del self._lookups[key]
        if is_newest:
            self._store(key, value, seconds)
        return value

    def _store(self, key: Workspace, value: T | None, seconds: float) -> None:
        if value is None:
            self._entries.pop(key, None)
        else:
            self._entries[key] = _Entry(value, self._clock() + seconds)

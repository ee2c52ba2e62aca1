"""Cache what the database said, and keep using it while the database is down."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.slack.workspaces import InstallsUnavailableError, Workspace

T = TypeVar("T")

FRESH = 60.0  # seconds that an answer is good for
RETRY = 5.0  # seconds that an old answer is good for when a new one could not be had
SIZE = 10_000  # answers


@dataclass
class _Answer(Generic[T]):
    value: T
    until: float


class Cache(Generic[T]):
    """Cache with stale-on-error.

    Misses are not cached; concurrent lookups of a key share one query.

    Args:
        find: asks the database; raises InstallsUnavailableError.
        clock: counts seconds.
    """

    def __init__(
        self,
        find: Callable[[Workspace], Awaitable[T | None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find
        self._clock = clock
        self._answers: OrderedDict[Workspace, _Answer[T]] = OrderedDict()
        self._asked: dict[Workspace, asyncio.Task[T | None]] = {}

    async def get(self, key: Workspace) -> T | None:
        """Return what is found under a key.

        Raises:
            InstallsUnavailableError: the database fails, and has not been asked before.
        """
        answer = self._answers.get(key)
        if answer and self._clock() < answer.until:
            self._answers.move_to_end(key)
            return answer.value
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._ask(key))
            self._asked[key].add_done_callback(_see)
        return await asyncio.shield(self._asked[key])

    def keep(self, key: Workspace, value: T) -> None:
        """Keep what is now under a key."""
        self._asked.pop(key, None)
        self._keep(key, value, FRESH)

    def forget(self, key: Workspace) -> None:
        """Ask again the next time."""
        self._asked.pop(key, None)
        self._answers.pop(key, None)

    async def _ask(self, key: Workspace) -> T | None:
        """Ask the database; what is kept or forgotten meanwhile is newer than its answer."""
        old, seconds = self._answers.get(key), FRESH
        try:
            value = await self._find(key)
        except InstallsUnavailableError:
            if not old:
                raise
            value, seconds = old.value, RETRY
        finally:
            is_newest = self._asked.get(key) is asyncio.current_task()
            if is_newest:
                del self._asked[key]
        if is_newest and value is None:
            self._answers.pop(key, None)
        elif is_newest and value is not None:
            self._keep(key, value, seconds)
        return value

    def _keep(self, key: Workspace, value: T, seconds: float) -> None:
        self._answers[key] = _Answer(value, self._clock() + seconds)
        self._answers.move_to_end(key)
        if len(self._answers) > SIZE:
            self._answers.popitem(last=False)


def _see(task: asyncio.Task[T]) -> object:
    """Retrieve the exception, so asyncio does not warn about an abandoned task."""
    return task.cancelled() or task.exception()

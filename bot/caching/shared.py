"""Share work among everyone who asks for the same within two seconds."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from bot.caching.recent import Recent

SECONDS = 2.0  # that a result is good for, from the moment it was asked for

T = TypeVar("T")


class Shared(Generic[T]):
    """Results by key, for two seconds: a crowd at one door costs as much as one visitor.

    Failures are shared, too: asking again at once would only add to the trouble.
    """

    def __init__(self) -> None:
        self._known: Recent[str, tuple[float, asyncio.Task[T]]] = Recent()

    async def get(self, key: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the result under a key, and do the work for it if there is none.

        Args:
            key: what is asked for.
            work: finds it out; what it raises is raised here.
        """
        now = asyncio.get_running_loop().time()
        asked_at, task = self._known.get(key, (now, None))
        if task is None or now - asked_at >= SECONDS:
            task = asyncio.create_task(work())
            task.add_done_callback(_see)
            self._known[key] = (now, task)
        return await asyncio.shield(task)


def _see(task: asyncio.Task[T]) -> object:
    """Retrieve the exception, so that asyncio doesn't warn where nobody waits any more."""
    return task.cancelled() or task.exception()

"""Share one result among everyone who asks for it within two seconds."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from bot.caching.recent import Recent

SECONDS = 2.0  # lifetime of a result, from the start of the work

T = TypeVar("T")


class SharedResults(Generic[T]):
    """Results by key, kept for two seconds, so a crowd costs as much as one visitor.

    Failures are shared, too, to spare a service that is in trouble.
    """

    def __init__(self) -> None:
        self._results: Recent[str, tuple[float, asyncio.Task[T]]] = Recent()

    async def get(self, key: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the result for a key; start the work unless it started less than 2 seconds ago.

        Args:
            key: identifies the result.
            work: produces the result; its exceptions are raised here.
        """
        now = asyncio.get_running_loop().time()
        started_at, task = self._results.get(key, (now, None))
        if task is None or now - started_at >= SECONDS:
            task = asyncio.create_task(work())
            task.add_done_callback(retrieve_exception)
            self._results[key] = (now, task)
        return await asyncio.shield(task)


def retrieve_exception(task: asyncio.Task[Any]) -> object:
    """Retrieve the exception, so that asyncio doesn't warn about an abandoned task."""
    return task.cancelled() or task.exception()

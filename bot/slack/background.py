"""Work in the background."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Background(set[asyncio.Task[Any]]):
    """The running tasks; each leaves when it's done. asyncio itself wouldn't keep them alive."""

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run work in the background."""
        task = asyncio.create_task(work)
        self.add(task)
        task.add_done_callback(self.discard)
        return task

    async def drain(self, seconds: float) -> None:
        """Wait for the tasks for at most `seconds`, then cancel those that are left."""
        tasks = list(self)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

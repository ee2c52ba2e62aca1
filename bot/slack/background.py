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

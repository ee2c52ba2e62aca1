"""Do each command, click, shortcut and form once, however often it is delivered.

Slack doesn't repeat them over HTTP, but a proxy may, Socket Mode does after a lost connection, and
whoever has a signed request can for five minutes. A `trigger_id` belongs to one action of one
person: https://docs.slack.dev/interactivity/handling-user-interaction
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.recent import Recent

LOG = logging.getLogger(__name__)

MOST = 2000  # trigger_ids that a process remembers
PATIENCE = 3.0  # seconds that Slack waits for an answer

T = TypeVar("T")


@dataclass
class _Once(Generic[T]):
    """Work that was begun, and its result as long as somebody may still be waiting for it."""

    task: asyncio.Task[T] | None

    def drop_result(self) -> None:
        self.task = None


class Replays(Generic[T]):
    """The newest keys of work, and the results that somebody may still be waiting for."""

    def __init__(self) -> None:
        self._known: Recent[str, _Once[T]] = Recent(MOST)

    async def once(
        self, key: str, work: Callable[[], Coroutine[Any, Any, T]], otherwise: Callable[[], T]
    ) -> T:
        """Do work, unless it was done under this key before, and return its result.

        For three seconds, a repetition gets the result of the first time: that one may have been
        lost on its way, and nobody is left without an answer. Whoever comes later only replays, and
        learns nothing.

        Args:
            key: unique to the work.
            work: does it.
            otherwise: returns the result for whoever comes later.
        """
        if once := self._known.get(key):
            LOG.info("delivered again")
            return await asyncio.shield(once.task) if once.task else otherwise()
        task = asyncio.create_task(work())
        self._known[key] = once = _Once(task)
        asyncio.get_running_loop().call_later(PATIENCE, once.drop_result)
        return await asyncio.shield(task)


class OnceApp(AsyncApp):
    """Bolt's app, which has no second effect when a request is delivered a second time."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._replays: Replays[BoltResponse] = Replays()

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Return the answer to a request; events have no trigger_id, and are idempotent."""
        key = req.body.get("trigger_id")
        work = super().async_dispatch
        if not isinstance(key, str) or not key:
            return await work(req)
        return await self._replays.once(key, lambda: work(req), _acknowledgement)


def _acknowledgement() -> BoltResponse:
    return BoltResponse(status=200)

"""Do each command, click, shortcut and form once, however often it is delivered.

Slack doesn't repeat them over HTTP, but a proxy may, Socket Mode does after a lost connection, and
whoever has a signed request can for five minutes. A `trigger_id` belongs to one action of one
person: https://docs.slack.dev/interactivity/handling-user-interaction
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Generic, TypeVar

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.caching.recent import Recent
from bot.slack.slash_commands import SlashCommands

LOG = logging.getLogger(__name__)

MOST = 2000  # trigger_ids that a process remembers
MOST_RESULTS = 200  # of those, whose answers it keeps; one has a few kilobytes
PATIENCE = 3.0  # seconds that Slack waits for an answer

T = TypeVar("T")


class Replays(Generic[T]):
    """The newest keys of work, and the newest results that somebody may still be waiting for."""

    def __init__(self) -> None:
        self._begun: Recent[str, float] = Recent(MOST)  # when, on the event loop's clock
        self._results: Recent[str, asyncio.Future[T]] = Recent(MOST_RESULTS)

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
        loop = asyncio.get_running_loop()
        if key in self._begun:
            LOG.info("delivered again")
            result = self._results.get(key)
            is_late = loop.time() - self._begun[key] > PATIENCE
            return otherwise() if is_late or result is None else await asyncio.shield(result)
        self._begun[key] = loop.time()
        self._results[key] = result = loop.create_future()
        try:
            done = await work()
            result.set_result(done)
        finally:
            if not result.done():
                result.set_result(otherwise())
        return done


class OnceApp(AsyncApp):
    """Bolt's app, which has no second effect when a request is delivered a second time.

    Args:
        commands: answer slash commands.
        options: Bolt's own.
    """

    def __init__(self, commands: SlashCommands, **options: Any) -> None:
        super().__init__(**options)
        self._commands = commands
        self._replays: Replays[BoltResponse] = Replays()

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Return the answer to a request; events have no trigger_id, and are idempotent."""
        key = req.body.get("trigger_id")
        if not isinstance(key, str) or not key:
            return await self._dispatch(req)
        return await self._replays.once(key, partial(self._dispatch, req), _acknowledgement)

    async def _dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        if "command" in req.body:
            return await self._commands.answer(req)
        return await super().async_dispatch(req)


def _acknowledgement() -> BoltResponse:
    return BoltResponse(status=200)

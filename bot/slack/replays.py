"""Handle each command, click, shortcut and form once, however often it is delivered.

Slack doesn't repeat them over HTTP, but a proxy may, Socket Mode does after a lost connection, and
whoever has a signed request can for five minutes. A `trigger_id` belongs to one action of one
person: https://docs.slack.dev/interactivity/handling-user-interaction
"""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.slack.responder import BoltListener

LOG = logging.getLogger(__name__)

MAX_TRIGGERS = 2000  # remembered trigger_ids
MAX_ANSWERS = 200  # that it keeps for repetitions; one has a few kilobytes
SLACK_TIMEOUT = 3.0  # seconds that Slack waits for an answer


class OnceApp(AsyncApp):
    """Bolt's app, which handles repeated requests only once.

    Args:
        commands: answer slash commands, by their names.
        unknown: answers any other.
        options: Bolt's own.
    """

    def __init__(
        self, commands: Mapping[str, BoltListener], unknown: BoltListener, **options: Any
    ) -> None:
        super().__init__(**options)
        self._listeners = commands
        self._unknown = unknown
        self._begun: OrderedDict[str, float] = OrderedDict()  # when, on the event loop's clock
        self._answers: deque[tuple[str, asyncio.Future[BoltResponse]]] = deque(maxlen=MAX_ANSWERS)

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Return the answer to a request; events have no trigger_id, and are idempotent.

        Commands go past Bolt's listeners. Bolt authorizes a request first, then builds every
        argument that a listener could ask for, twice: a tenth of the CPU that a command costs.
        """
        key, loop = str(req.body.get("trigger_id") or ""), asyncio.get_running_loop()
        if key in self._begun:
            return await self._repeat(key)
        answer = loop.create_future()
        if key:
            self._begun[key] = loop.time()
            if len(self._begun) > MAX_TRIGGERS:
                self._begun.popitem(last=False)
            self._answers.append((key, answer))
        try:
            if "command" in req.body:
                command, ack = req.body["command"], req.context.ack
                await self._listeners.get(command, self._unknown)(ack, req.body, req.context)
                assert ack.response is not None  # noqa: S101 - every listener acknowledges
                response = ack.response
            else:
                response = await super().async_dispatch(req)
            answer.set_result(response)
        finally:
            if not answer.done():
                answer.set_result(BoltResponse(status=200))
        return response

    async def _repeat(self, key: str) -> BoltResponse:
        """Return the answer to a second delivery, which has no effect.

        Within three seconds it gets the first delivery's answer, which may have been lost. A later
        one is a replay: it is acknowledged, but gets no answer.
        """
        LOG.info("delivered again")
        answer = dict(self._answers).get(key)
        is_late = asyncio.get_running_loop().time() - self._begun[key] > SLACK_TIMEOUT
        if is_late or answer is None:
            return BoltResponse(status=200)
        return await asyncio.shield(answer)

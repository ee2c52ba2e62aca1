"""Answer slash commands in a middleware of Bolt's.

Bolt's own way to a listener authorizes the request first, and builds every argument that a listener
could ask for twice: a tenth of the CPU that a command costs.
"""

from collections.abc import Awaitable, Callable, Mapping

from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.response import BoltResponse

from bot.slack.answers import BoltListener


class Commands(AsyncMiddleware):
    """The listeners of slash commands.

    Args:
        listeners: by the command.
        unknown: for any other command.
    """

    def __init__(self, listeners: Mapping[str, BoltListener], unknown: BoltListener) -> None:
        self._listeners = listeners
        self._unknown = unknown

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 - Bolt passes it
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - Bolt calls it so
    ) -> BoltResponse | None:
        """Answer a command, and leave any other request to Bolt's listeners."""
        if "command" not in req.body:
            return await next()
        listener = self._listeners.get(req.body["command"], self._unknown)
        await listener(req.context.ack, req.body)
        return req.context.ack.response

"""Answer slash commands without Bolt's listeners.

Bolt authorizes a request first, then builds every argument that a listener could ask for, twice: a
tenth of the CPU that a command costs.
"""

from collections.abc import Mapping

from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.slack.responder import BoltListener


class SlashCommands:
    """The listeners of slash commands.

    Args:
        listeners: by the command.
        unknown: for any other command.
    """

    def __init__(self, listeners: Mapping[str, BoltListener], unknown: BoltListener) -> None:
        self._listeners = listeners
        self._unknown = unknown

    async def answer(self, request: AsyncBoltRequest) -> BoltResponse:
        """Return the answer to a command."""
        ack, body = request.context.ack, request.body
        await self._listeners.get(body["command"], self._unknown)(ack, body, request.context)
        assert ack.response is not None  # noqa: S101 - every listener acknowledges
        return ack.response

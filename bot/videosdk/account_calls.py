"""What the client's calls share."""

import asyncio

from bot.videosdk.connection import Connection
from bot.videosdk.dialects import Dialect


class AccountCalls:
    """An account's connection, and the version of the API that it uses.

    Args:
        connection: makes the calls.
        dialect: the version of the API.
    """

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        self._ask = connection.ask
        self._dialect = dialect
        self._deadline = connection.deadline

    def _end(self) -> float:
        """Return the event loop's time at which a call that begins now times out."""
        return asyncio.get_running_loop().time() + self._deadline

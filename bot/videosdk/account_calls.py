"""What the client's calls share."""

import asyncio

from bot.videosdk.connection import Connection
from bot.videosdk.dialects import Dialect


class AccountCalls:
    """An account's connection, and the version of the API that it uses.

    Args:
        connection: makes the calls.
        dialect: the version of the API.
        deadline: seconds for a whole call.
    """

    def __init__(self, connection: Connection, dialect: Dialect, deadline: float) -> None:
        self._ask = connection.ask
        self._dialect = dialect
        self._deadline = deadline

    def _end(self) -> float:
        """Return the event loop's time at which a call that begins now times out."""
        return asyncio.get_running_loop().time() + self._deadline

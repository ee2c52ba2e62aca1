"""One WebSocket of Socket Mode, from Slack's `hello` to its end.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.slack.failures import word

HELLO = 10.0  # seconds for Slack to say hello
HEARTBEAT = 10.0  # seconds between pings; without a pong for half of that, the connection is dead
_CLOSING = 1.0  # seconds for Slack to close its side, too


class SocketConnection(AsyncBaseSocketModeClient):
    """One WebSocket.

    It is a client in slack_sdk's sense, as far as Bolt needs one to send its answers. slack_sdk's
    own reconnects without a pause when Slack says `disconnect`.

    Attributes:
        is_open: whether Slack sends its requests here.

    Args:
        socket: the WebSocket.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.logger = logging.getLogger(AsyncBaseSocketModeClient.__module__)
        self.is_open = False
        self._socket = socket

    @classmethod
    async def open(cls, session: aiohttp.ClientSession, url: str) -> "SocketConnection":
        """Connect to an address that Slack gave.

        Raises:
            aiohttp.ClientError, OSError, TimeoutError: it can't be reached.
        """
        closing = aiohttp.ClientWSTimeout(ws_close=_CLOSING)
        return cls(await session.ws_connect(url, heartbeat=HEARTBEAT, timeout=closing))

    async def listen(
        self, greeted: Callable[[], object], take: Callable[[SocketModeRequest], object]
    ) -> str:
        """Read messages until Slack wants another connection, or this one breaks; return why.

        Args:
            greeted: called when Slack says hello.
            take: called with each request.

        Raises:
            TimeoutError: Slack doesn't say hello.
        """
        try:
            async with asyncio.timeout(HELLO) as patience:
                async for message in self._messages():
                    kind = message.get("type")
                    if kind == "disconnect":
                        return f"disconnect: {word(message.get('reason'))}"
                    if kind == "hello":
                        patience.reschedule(None)
                        self.is_open = True
                        greeted()
                    elif request := _request(message):
                        take(request)
        finally:
            self.is_open = False
        return f"closed with {self._socket.close_code}"

    async def send_message(self, message: str) -> None:
        """Send a text.

        Raises:
            OSError: the connection is closed.
        """
        await self._socket.send_str(message)

    async def close(self) -> None:
        """Close the connection."""
        self.is_open = False
        await self._socket.close()

    async def _messages(self) -> AsyncIterator[dict[str, Any]]:
        async for frame in self._socket:
            if frame.type is aiohttp.WSMsgType.TEXT and (message := _json_object(frame.data)):
                yield message


def _json_object(text: str) -> dict[str, Any]:
    """Return a JSON object, an empty one if the text is none."""
    try:
        message = json.loads(text)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _request(message: dict[str, Any]) -> SocketModeRequest | None:
    """Return the request in a message, None if there is none that slack_sdk can read."""
    try:
        return SocketModeRequest.from_dict(message)
    except (TypeError, ValueError):
        return None

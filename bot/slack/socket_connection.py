"""A WebSocket connection of Socket Mode, from Slack's `hello` to its end.

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

HELLO = 10.0  # seconds for Slack to send `hello`
HEARTBEAT = 10.0  # seconds between pings; without a pong within half of that, aiohttp closes
_CLOSE_TIMEOUT = 1.0  # seconds for Slack to close its side


class SocketConnection(AsyncBaseSocketModeClient):
    """A WebSocket connection.

    It implements as much of slack_sdk's client as Bolt needs to send answers. slack_sdk's own
    clients reconnect without a pause when Slack sends `disconnect`.

    Attributes:
        is_open: whether Slack sends its requests over this connection.

    Args:
        socket: the WebSocket.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.logger = logging.getLogger(AsyncBaseSocketModeClient.__module__)
        self.is_open = False
        self._socket = socket

    @classmethod
    async def open(cls, session: aiohttp.ClientSession, url: str) -> "SocketConnection":
        """Connect to a URL from `apps.connections.open`.

        Raises:
            aiohttp.ClientError, OSError, TimeoutError: it can't be reached.
        """
        timeout = aiohttp.ClientWSTimeout(ws_close=_CLOSE_TIMEOUT)
        return cls(await session.ws_connect(url, heartbeat=HEARTBEAT, timeout=timeout))

    async def listen(
        self, greeted: Callable[[], object], take: Callable[[SocketModeRequest], object]
    ) -> str:
        """Read messages until Slack asks to reconnect or the connection breaks; return the reason.

        Args:
            greeted: called when Slack sends `hello`.
            take: called with each request.

        Raises:
            TimeoutError: Slack doesn't send `hello` in time.
        """
        try:
            async with asyncio.timeout(HELLO) as hello_timeout:
                async for message in self._messages():
                    kind = message.get("type")
                    if kind == "disconnect":
                        return f"disconnect: {word(message.get('reason'))}"
                    if kind == "hello":
                        hello_timeout.reschedule(None)
                        self.is_open = True
                        greeted()
                    elif request := _request(message):
                        take(request)
        finally:
            self.is_open = False
        return f"closed with {self._socket.close_code}"

    async def send_message(self, message: str) -> None:
        """Send a text frame.

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
    """Parse a JSON object; return an empty one for anything else."""
    try:
        message = json.loads(text)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _request(message: dict[str, Any]) -> SocketModeRequest | None:
    """Return the request in a message, or None if slack_sdk can't read one."""
    try:
        return SocketModeRequest.from_dict(message)
    except (TypeError, ValueError):
        return None

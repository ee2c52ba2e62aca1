"""A cheap stand-in for VideoSDK and Slack's Web API, with configurable delays."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

MEETING_ID = "87i6-bvw8-dtn1"
_MEETING = (
    b'{"meetingId":"87i6-bvw8-dtn1","userId":"65a1b2c3d4e5f60718293a4b","region":"us001",'
    b'"createdAt":"2026-11-23T09:00:00.000Z","updatedAt":"2026-11-23T09:00:00.000Z",'
    b'"id":"65a1b2c3d4e5f60718293a4c"}'
)
_AUTH_TEST = (
    b'{"ok":true,"url":"https://lighthouse-works.slack.com/","team":"Lighthouse Works",'
    b'"user":"meet","team_id":"T04LIGHTHS","user_id":"U04MEETBOT","bot_id":"B04MEETBOT"}'
)
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Provider:
    """The server that every bot under test calls.

    Attributes:
        delay: returns the seconds before the next answer.
        calls: the number of calls answered.
        took: the actual seconds of its last answer.
        url: its address.
        connections: the open connections.
    """

    def __init__(self) -> None:
        self.delay: Callable[[], float] = lambda: 0.0
        self.calls = 0
        self.took = 0.0
        self.url = ""
        self.connections = set[asyncio.WriteTransport]()


@asynccontextmanager
async def open_provider() -> AsyncIterator[Provider]:
    """Serve on a free port of this machine."""
    provider = Provider()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(provider), "127.0.0.1", 0, backlog=1024)
    provider.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield provider
    finally:
        server.close()
        for connection in provider.connections:
            connection.abort()


class _Connection(asyncio.Protocol):
    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._received = b""
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._provider.connections.add(transport)

    def connection_lost(self, _: Exception | None) -> None:
        self._provider.connections.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if is_whole(self._received):
            answer = _AUTH_TEST if b"auth.test" in self._received[:100] else _MEETING
            self._received = b""
            self._answer_later(answer)

    def _answer_later(self, answer: bytes) -> None:
        began = time.perf_counter()
        if delay := self._provider.delay():
            asyncio.get_running_loop().call_later(delay, self._answer, answer, began)
        else:
            self._answer(answer, began)

    def _answer(self, answer: bytes, began: float) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self._transport.write(head % len(answer) + answer)
        self._provider.calls += 1
        self._provider.took = time.perf_counter() - began


def is_whole(message: bytes) -> bool:
    """Return whether an HTTP message is complete."""
    head = message.find(b"\r\n\r\n")
    if head < 0:
        return False
    length = _LENGTH.search(message, 0, head)
    return len(message) >= head + 4 + (int(length[1]) if length else 0)

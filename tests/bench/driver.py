"""Send commands over persistent connections, like Slack, and time the answers."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.bench.commands import COMMANDS
from tests.bench.provider import MEETING_ID, is_whole

PATIENCE = 3.0  # seconds that Slack waits for an answer


class LostError(Exception):
    """Commands got no card, so their cost means nothing."""


@dataclass
class Load:
    """The result of sending commands.

    Attributes:
        answers: the seconds from each command to its card.
        lost: the number of commands without a card in time.
        seconds: the total time.
        busy: the seconds of CPU for sending, VideoSDK's side included.
    """

    answers: list[float] = field(default_factory=list)
    lost: int = 0
    seconds: float = 0.0
    busy: float = 0.0

    def percentile(self, share: float) -> float:
        """Return the seconds within which this share of all commands got a card."""
        ordered = sorted(self.answers) + [PATIENCE] * self.lost
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Connection(asyncio.Protocol):
    """A persistent connection, for one command at a time."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[bytes]
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Collect the answer."""
        self._received += data
        if is_whole(self._received) and not self._answer.done():
            self._answer.set_result(self._received)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the command in flight."""
        if hasattr(self, "_answer") and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("closed by the server"))

    async def ask(self, command: bytes) -> bytes:
        """Send a command, and return the complete answer."""
        self._received = b""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(command)
        return await self._answer


async def connect(port: int) -> Connection:
    """Open a connection to a server on this machine."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
    return connection


def is_card(answer: bytes) -> bool:
    """Return whether an answer is the card of the provider's meeting."""
    return answer.startswith(b"HTTP/1.1 200") and MEETING_ID.encode() in answer


def for_seconds(seconds: float) -> Iterator[bytes]:
    """Yield commands for `seconds`."""
    end = time.perf_counter() + seconds
    for command in COMMANDS:
        if time.perf_counter() >= end:
            return
        yield command


def so_many(commands: int) -> Iterator[bytes]:
    """Yield a number of commands."""
    return itertools.islice(COMMANDS, commands)


async def send(port: int, in_flight: int, commands: Iterator[bytes]) -> Load:
    """Send commands with a fixed number in flight, until all are answered.

    Raises:
        LostError: a command got no card.
    """
    load = Load()
    connections = [await connect(port) for _ in range(in_flight)]
    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_send_each(connection, commands, load) for connection in connections))
    load.seconds = time.perf_counter() - began
    load.busy = time.process_time() - cpu
    for connection in connections:
        connection.transport.close()
    if load.lost:
        raise LostError(f"{load.lost} of {len(load.answers) + load.lost} commands got no card.")
    return load


async def _send_each(connection: Connection, commands: Iterator[bytes], load: Load) -> None:
    for command in commands:
        await _send(connection, command, load, time.perf_counter())


async def _send(connection: Connection, command: bytes, load: Load, began: float) -> None:
    answer = await connection.ask(command)
    if is_card(answer):
        load.answers.append(time.perf_counter() - began)
    else:
        load.lost += 1


async def send_burst(port: int, commands: int, seconds: float = 1.0) -> Load:
    """Send commands evenly within `seconds`, on as many connections as needed.

    A command without a card after Slack's three seconds counts as lost.
    """
    load, idle = Load(), list[Connection]()
    began = time.perf_counter()
    await asyncio.gather(
        *(
            _send_at(began + seconds * number / commands, port, command, idle, load)
            for number, command in enumerate(so_many(commands))
        )
    )
    load.seconds = time.perf_counter() - began
    for connection in idle:
        connection.transport.close()
    return load


async def _send_at(
    moment: float, port: int, command: bytes, idle: list[Connection], load: Load
) -> None:
    await asyncio.sleep(moment - time.perf_counter())
    connection = None
    try:
        async with asyncio.timeout(PATIENCE):
            connection = idle.pop() if idle else await connect(port)
            await _send(connection, command, load, moment)
    except (TimeoutError, OSError):
        load.lost += 1
        if connection:
            connection.transport.abort()
    else:
        idle.append(connection)

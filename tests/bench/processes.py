"""Start the compared servers on their own core, and measure their CPU and memory."""

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from tests.bench.commands import COMMANDS
from tests.bench.driver import connect
from tests.conftest import ROOT, environment, free_port

BOT = "bot"
BARE = "tests.bench.servers.bare"
PLAIN_BOLT = "tests.bench.servers.plain_bolt"
ECHO_BOLT = "tests.bench.servers.echo_bolt"

START = 30.0  # seconds for a server's first answer
IDLE = 0.005  # seconds of CPU in a fifth of a second; less is idle


class ServerError(Exception):
    """A server failed, so it can't be measured."""


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        name: its module.
        port: its port.
        first_answer: its answer to the first command.
        seconds: the time from its start to that answer.
    """

    name: str
    port: int
    pid: int
    first_answer: bytes
    seconds: float

    def cpu(self) -> float:
        """Return the seconds of CPU used by all its threads."""
        return time.clock_gettime(~self.pid << 3 | 2)  # the clock of clock_getcpuclockid(3)

    async def rest(self) -> None:
        """Wait until the server is idle."""
        before = -1.0
        while self.cpu() - before > IDLE:
            before = self.cpu()
            await asyncio.sleep(0.2)

    def rss(self) -> float:
        """Return its resident memory (VmRSS) in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found, "Linux writes it"
        return int(found[1]) / 1024


@cache
def server_core() -> int:
    """Return the core reserved for servers."""
    return min(os.sched_getaffinity(0))


@contextmanager
def own_core() -> Iterator[None]:
    """Keep this process, which sends the commands, off the server's core.

    Raises:
        ServerError: there is only one core, or the system can't pin processes.
    """
    if not hasattr(os, "sched_setaffinity"):
        raise ServerError("it needs Linux, which lets a process choose its core.")
    all_cores = os.sched_getaffinity(0)
    others = sorted(all_cores - {server_core()})
    if not others:
        raise ServerError("it needs two cores: one for the server, one to send commands.")
    os.sched_setaffinity(0, others[:1])
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)


def settings(provider: str) -> dict[str, str]:
    """Return a deployment's environment as in the README, with the provider's address."""
    return environment(
        SLACK_API_URL=f"{provider}/api/",
        VIDEOSDK_API_ENDPOINT=provider,
        PUBLIC_URL="https://meet.example.com",
    )


@asynccontextmanager
async def running(name: str, settings: Mapping[str, str]) -> AsyncIterator[Server]:
    """Start a server, wait for its first answer, and kill it at the end.

    Raises:
        ServerError: there was no answer; the message has the server's output.
    """
    port = free_port()
    with tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", name),
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                **settings,
                "PORT": f"{port}",
            },
            cwd="/",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        os.sched_setaffinity(process.pid, {server_core()})
        try:
            answer = await _first_answer(process, port, log)
            yield Server(name, port, process.pid, answer, time.perf_counter() - began)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _first_answer(process: asyncio.subprocess.Process, port: int, log: IO[bytes]) -> bytes:
    command = next(COMMANDS)
    try:
        async with asyncio.timeout(START):
            while process.returncode is None:
                try:
                    connection = await connect(port)
                except ConnectionRefusedError:
                    await asyncio.sleep(0.003)
                    continue
                answer = await connection.ask(command)
                connection.transport.close()
                if answer.startswith(b"HTTP/1.1 200"):
                    return answer
                break
    except (TimeoutError, OSError):
        pass
    log.seek(0)
    raise ServerError(f"no first answer:\n{log.read().decode()[-2000:]}")

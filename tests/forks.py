"""Fork bots from a process that has already imported the code, which takes a tenth of the CPU.

This file is also that process's program. For each order, it forks a keeper, which forks the bot and
reports its exit code.
"""

import asyncio
import atexit
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import coverage

ROOT = Path(__file__).parent.parent
ONLY_LOOPBACK = ROOT / "tests" / "only_loopback"
IMPORTED = [
    "sitecustomize",  # in tests/only_loopback
    "bot.__main__",
    "bot.app",
    "bot.doctor.report",
    "bot.installs.lifecycle",
    "bot.installs.migrate",
    "bot.sandbox.run",
]


class ForkedProcess:
    """A forked process, with the parts of `asyncio.subprocess.Process` that tests use."""

    def __init__(
        self, pid: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdout, self.stderr = asyncio.StreamReader(), asyncio.StreamReader()
        self._writer = writer
        self._exit = asyncio.create_task(self._read_exit_code(reader))

    async def _read_exit_code(self, reader: asyncio.StreamReader) -> int:
        self.returncode = int(await reader.readline())
        self._writer.close()
        return self.returncode

    async def wait(self) -> int:
        """Wait until it ends, and return the exit code."""
        return await asyncio.shield(self._exit)

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it is still running."""
        if self.returncode is None:
            with suppress(ProcessLookupError):  # it has ended, but its exit code isn't here yet
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


async def fork(
    environment: Mapping[str, str], arguments: Sequence[str], cwd: Path
) -> ForkedProcess:
    """Fork a process that behaves like `python -m bot`."""
    ours, keepers = socket.socketpair()
    pipes = [os.pipe(), os.pipe()]
    writing = [pipe[1] for pipe in pipes]
    socket.send_fds(_server(), [b"!"], [*writing, keepers.fileno()])
    keepers.close()
    for descriptor in writing:
        os.close(descriptor)
    reader, writer = await asyncio.open_unix_connection(sock=ours)
    order = {"environment": environment, "arguments": arguments, "cwd": str(cwd)}
    writer.write(json.dumps(order).encode() + b"\n")
    process = ForkedProcess(int(await reader.readline()), reader, writer)
    await _connect(pipes[0][0], process.stdout)
    await _connect(pipes[1][0], process.stderr)
    return process


async def _connect(pipe: int, stream: asyncio.StreamReader) -> None:
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(pipe, "rb")
    )


@cache
def _server() -> socket.socket:
    """Start the process to fork from, which ends with this one."""
    ours, its = socket.socketpair()
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.forks"],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ONLY_LOOPBACK}"},
        cwd=ROOT,
        stdin=its.fileno(),
        stdout=subprocess.DEVNULL,
    )
    its.close()
    atexit.register(server.wait)
    atexit.register(ours.close)  # before that
    return ours


def serve() -> None:
    """Fork a keeper for each order from the socket on standard input, until it is closed."""
    for name in IMPORTED:
        importlib.import_module(name)
    gc.freeze()  # a collection would copy every page that the forks share
    orders = socket.socket(fileno=os.dup(0))
    while True:
        mark, descriptors, _, _ = socket.recv_fds(orders, 1, 3)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not mark:
            return
        if not os.fork():
            _run_keeper(*descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)


def _run_keeper(stdout: int, stderr: int, connection: int) -> None:
    """Fork a bot, and report its process ID, then its exit code."""
    client = socket.socket(fileno=connection)
    order = json.loads(client.makefile("rb").readline())
    pid = os.fork()
    if not pid:
        _run_bot(order, stdout, stderr)
    os.close(stdout)
    os.close(stderr)
    client.send(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    client.send(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _run_bot(order: dict[str, Any], stdout: int, stderr: int) -> NoReturn:
    """Turn this process into a bot."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    os.closerange(3, 64)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")  # the inherited ones may assume a file
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8")
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["cwd"])
    coverage.process_startup()  # if the environment turns it on
    code = importlib.import_module("bot.__main__").main(order["arguments"])
    sys.stdout.flush()
    os._exit(code)  # a regular exit would take longer than the rest


if __name__ == "__main__":
    serve()

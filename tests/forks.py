"""Fork the bot from a process that has imported it: a start takes a tenth of the CPU then.

This file is also that process's program. For each order, a keeper is forked that forks the bot and
says how it ended.
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
    "sitecustomize",  # of tests/only_loopback
    "bot.__main__",
    "bot.app",
    "bot.doctor.report",
    "bot.installs.lifecycle",
    "bot.installs.migrate",
    "bot.sandbox.run",
]


class ForkedProcess:
    """A process that another one forked, with what is needed of `asyncio.subprocess.Process`."""

    def __init__(self, pid: int, told: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdout, self.stderr = asyncio.StreamReader(), asyncio.StreamReader()
        self._writer = writer
        self._ending = asyncio.create_task(self._end(told))

    async def _end(self, told: asyncio.StreamReader) -> int:
        self.returncode = int(await told.readline())
        self._writer.close()
        return self.returncode

    async def wait(self) -> int:
        """Wait for its end, and return the exit code."""
        return await asyncio.shield(self._ending)

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.returncode is None:
            with suppress(ProcessLookupError):  # its end is not told yet
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)


async def fork(
    environment: Mapping[str, str], arguments: Sequence[str], cwd: Path
) -> ForkedProcess:
    """Fork a process that is as `python -m bot` would be."""
    told, tell = socket.socketpair()
    pipes = [os.pipe(), os.pipe()]
    writing = [pipe[1] for pipe in pipes]
    socket.send_fds(_server(), [b"!"], [*writing, tell.fileno()])
    tell.close()
    for descriptor in writing:
        os.close(descriptor)
    reader, writer = await asyncio.open_unix_connection(sock=told)
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
    """Start the process to fork from; it ends with this one."""
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
    """Fork what is ordered by the socket that is the standard input, until that is closed."""
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
            _keep(*descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)


def _keep(stdout: int, stderr: int, told: int) -> None:
    """Fork a bot, tell its number, and then how it ended; return in that bot, at its end."""
    keeper = socket.socket(fileno=told)
    order = json.loads(keeper.makefile("rb").readline())
    pid = os.fork()
    if not pid:
        _become(order, stdout, stderr)
    os.close(stdout)
    os.close(stderr)
    keeper.send(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    keeper.send(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(order: dict[str, Any], stdout: int, stderr: int) -> NoReturn:
    """Be a bot, and nothing else any more."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    os.closerange(3, 64)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")  # those of before may believe they can seek
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8")
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["cwd"])
    coverage.process_startup()  # where the environment asks for it
    code = importlib.import_module("bot.__main__").main(order["arguments"])
    sys.stdout.flush()
    os._exit(code)  # to take everything apart takes longer than all before


if __name__ == "__main__":
    serve()

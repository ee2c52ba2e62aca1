"""Start the bot like a host: as a process with an environment."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.forks import ONLY_LOOPBACK, ForkedProcess, fork

Process = asyncio.subprocess.Process | ForkedProcess

TRACING = {name: os.environ[name] for name in ("COVERAGE_PROCESS_CONFIG",) if name in os.environ}


@dataclass
class BotProcess:
    """A running `python -m bot`.

    Attributes:
        process: the process.
        log: the lines written so far, parsed if they are JSON.
    """

    process: Process
    log: list[dict[str, Any]] = field(default_factory=list)
    _written: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        """The address it listens on."""
        return f"http://127.0.0.1:{self.event('serving')['port']}"

    @property
    def printed(self) -> str:
        """Everything it has printed."""
        return "\n".join(json.dumps(line, ensure_ascii=False) for line in self.log)

    def event(self, event: str) -> dict[str, Any]:
        """Return the first line about an event."""
        return next(line for line in self.log if line["event"] == event)

    async def until(self, event: str, seconds: float = 10) -> None:
        """Wait for a line about an event."""
        async with asyncio.timeout(seconds), self._written:
            await self._written.wait_for(lambda: any(line["event"] == event for line in self.log))

    async def stop(self, number: int = signal.SIGTERM, seconds: float = 25) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), seconds)

    async def read(self) -> None:
        """Record the process's output until it ends."""
        stream = self.process.stderr
        while stream and (line := await stream.readline()):
            async with self._written:
                self.log.append(_parse(line.decode()))
                self._written.notify_all()


def _parse(line: str) -> dict[str, Any]:
    try:
        parsed: dict[str, Any] = json.loads(line)
    except ValueError:
        return {"event": line.rstrip("\n")}
    return parsed


@asynccontextmanager
async def bot_process(
    environment: Mapping[str, str],
    *arguments: str,
    cwd: Path = Path("/"),
    fresh: bool = False,
    covered: bool = False,
) -> AsyncIterator[BotProcess]:
    """Start the bot with exactly these settings, and kill it at the end if it still runs.

    Args:
        environment: its settings.
        arguments: the command line's arguments.
        cwd: the working directory.
        fresh: start a new interpreter, which takes five times as long.
        covered: measure coverage, which takes longer, too.
    """
    paths = f"{ROOT}{os.pathsep}{ONLY_LOOPBACK}"
    tracing = TRACING if covered else {}
    environ = {**os.environ, **tracing, "PYTHONPATH": paths, **environment}
    process = await (_execute if fresh else fork)(environ, arguments, cwd)
    bot = BotProcess(process)
    reading = asyncio.create_task(bot.read())
    try:
        yield bot
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading
        if process.stdout:
            await process.stdout.read()  # so that the pipe is closed


async def _execute(
    environment: Mapping[str, str], arguments: Sequence[str], cwd: Path
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        env=environment,
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )

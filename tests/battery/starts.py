"""Starts: the time to the first answer, and whether a host can start the bot."""

import asyncio
import os
import statistics
import sys
import time
from pathlib import Path

from tests.battery.lab import Lab, Stage, quiet_port
from tests.battery.many import database_server, install, new_database, stage_for_many
from tests.battery.table import Finding, Row, at_most, none_of
from tests.conftest import APP_TOKEN, ROOT, environment
from tests.test_process import status

_STATIC = ["tests/test_docs.py", "tests/test_manifest.py"]


async def cold_starts(lab: Lab) -> Row:
    """C1: the time from a cold start to the first answer."""
    by_http = [await _first_answer(lab) for _ in range(lab.size.starts)]
    by_socket = [
        await _first_answer(lab, SLACK_APP_TOKEN=APP_TOKEN, SLACK_SIGNING_SECRET=None)
        for _ in range(lab.size.starts)
    ]
    by_database = await _first_answers_of_many(lab)
    return Row(
        "C1",
        f"median time from a cold start to the first answer, {lab.size.starts} starts each",
        [
            at_most("one workspace, HTTP", statistics.median(by_http), 3, "s"),
            at_most("one workspace, Socket Mode", statistics.median(by_socket), 3, "s"),
            at_most("many workspaces, PostgreSQL", statistics.median(by_database), 5, "s"),
        ],
    )


async def _first_answer(lab: Lab, **changes: str | None) -> float:
    async with lab.stage(**changes) as stage:
        return await _time(stage)


async def _first_answers_of_many(lab: Lab) -> list[float]:
    async with (
        database_server() as server,
        stage_for_many(lab, await new_database(server)) as stage,
    ):
        async with stage.running():
            await install(stage)
        return [await _time(stage) for _ in range(lab.size.starts)]


async def _time(stage: Stage) -> float:
    """Return the seconds from the start of the process to a command's card."""
    began = time.perf_counter()
    async with stage.running() as bot:
        while await status(f"{bot.url}/readyz") != 200:
            await asyncio.sleep(0.02)
        [*_, message] = (await stage.slack.command("/meet first")).messages
        assert "started a meeting" in message.text, message.text
        return time.perf_counter() - began


async def deploys(_: Lab) -> Row:
    """P1: the files that buildpacks and process managers need."""
    port = str(quiet_port())
    settings = {**os.environ, **environment(PORT=port)}
    settings["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{settings['PATH']}"
    findings = [
        await _runs("tests of the files that hosts read", "-m", "pytest", "-q", *_STATIC),
        await _runs("honcho check", "-m", "honcho", "check"),
        await _boots(settings, port),
    ]
    return Row(
        "P1",
        "the files that hosts read, `honcho check`, and the Procfile on a random port",
        findings,
    )


async def _runs(what: str, *arguments: str) -> Finding:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    last = said.decode().strip().rpartition("\n")[2].rpartition("] ")[2]
    return Finding(f"{what}: exit code 0", f"{process.returncode}: {last}", process.returncode == 0)


async def _boots(settings: dict[str, str], port: str) -> Finding:
    """Start the Procfile's web process, check its health, and stop it."""
    honcho = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "honcho", "start", "web"),
        cwd=ROOT,
        env=settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert honcho.stdout
    try:
        async with asyncio.timeout(30):
            while b"serving" not in await honcho.stdout.readline():
                pass
        seen = await status(f"http://127.0.0.1:{port}/healthz")
    finally:
        honcho.terminate()
        await honcho.communicate()
    return none_of("status except 200 from /healthz", [] if seen == 200 else [seen])

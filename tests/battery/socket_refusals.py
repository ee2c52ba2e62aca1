"""Faults of Socket Mode: Slack rejects, closes or immediately refreshes connections."""

import asyncio
import os
import time
from dataclasses import dataclass

from bot.sandbox.faults import Fault
from tests.battery.lab import Lab
from tests.battery.table import Row, all_of, at_most, none_of
from tests.conftest import ROOT
from tests.process import bot_process
from tests.socket_server import HELLO, SocketServer, breaks_off, disconnect, hangs_up, says
from tests.test_process import status

OPENINGS = 10  # at most, in as many seconds
WINDOW = 10.0  # seconds

_OPEN = "connections.open"
_LIMITED = Fault(429, b'{"ok": false, "error": "ratelimited"}', headers={"Retry-After": "1"})


@dataclass
class Observed:
    """What one bot did.

    Attributes:
        openings: how often it requested a connection.
        ready: whether two probes in a row found it ready; between `hello` and `disconnect`, it is.
        warnings: the number of log lines about the missing connection.
        code: its exit code.
    """

    openings: int = 0
    ready: bool = False
    warnings: int = 0
    code: int = -1


async def refusals(lab: Lab) -> Row:
    """S8: Slack ends every connection in one of several ways, each with its own bot."""
    seen = await asyncio.gather(*(_watch(lab, server) for server in _servers()))
    return Row(
        "S8",
        f"Socket Mode: Slack sends `disconnect` right after `hello`, closes or rejects "
        f"connections, or fails, in {len(seen)} ways for {_window(lab):g} s each",
        [
            at_most("connection requests", max(one.openings for one in seen), OPENINGS),
            none_of("200 from /readyz twice in a row", [one for one in seen if one.ready]),
            all_of("exactly one warning", sum(one.warnings == 1 for one in seen), len(seen)),
            all_of("exit code 0", sum(one.code == 0 for one in seen), len(seen)),
        ],
    )


def _servers() -> list[SocketServer]:
    reasons = ("link_disabled", "refresh_requested", "too_many_websockets", "warning")
    scripts = [says(HELLO, disconnect(reason)) for reason in reasons]
    scripts += [hangs_up(HELLO), hangs_up(), breaks_off, says("no JSON")]
    servers = [SocketServer(script) for script in scripts]
    for fault in (Fault(500), Fault(200, b"<html>", "text/html"), Fault(reset=True), _LIMITED):
        servers.append(SocketServer())
        servers[-1].faults.always(fault, path=_OPEN)
    servers.append(SocketServer())
    servers[-1].faults.always(Fault(403), path="/socket")
    return servers


async def _watch(lab: Lab, server: SocketServer) -> Observed:
    """Run a bot with a server, and observe it from its first try on."""
    seen = Observed()
    paths = {"PYTHONPATH": f"{ROOT}{os.pathsep}{lab.inside}", "LOG_FORMAT": "json"}
    async with (
        server.running(),
        bot_process(server.environment(**paths), fresh=True) as bot,
    ):
        await bot.until("serving", seconds=60)
        end, is_ready = time.monotonic() + _window(lab), False
        while time.monotonic() < end:
            was_ready, is_ready = is_ready, await status(f"{bot.url}/readyz") == 200
            seen.ready |= was_ready and is_ready
            await asyncio.sleep(0.1)
        seen.openings = sum(at <= server.openings[0] + WINDOW for at in server.openings)
        seen.code = await bot.stop()
    lab.logs.append(bot)
    seen.warnings = sum(line["event"] == "not connected to Slack" for line in bot.log)
    return seen


def _window(lab: Lab) -> float:
    return min(WINDOW, lab.size.outage)

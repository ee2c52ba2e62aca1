"""Code of the battery that runs inside the bot's process, before the bot starts.

It blocks connections to other machines, sets the clock from the file BATTERY_CLOCK, if any, and
counts the tasks on SIGUSR1.
"""

import asyncio
import json
import os
import runpy
import signal
import sys
import time
from pathlib import Path

from shifted_clock import shifted_clock  # type: ignore[import-not-found] # found beside this file

_TESTS = Path(__file__).parent.parent.parent

runpy.run_path(str(_TESTS / "only_loopback" / "sitecustomize.py"))
if "BATTERY_CLOCK" in os.environ:
    time.time = shifted_clock(Path(os.environ["BATTERY_CLOCK"]))


def _tell(*_: object) -> None:
    line = {"event": "tasks", "tasks": len(asyncio.all_tasks())}
    sys.stderr.write(f"{json.dumps(line)}\n")


signal.signal(signal.SIGUSR1, _tell)

"""Write down every function of bot/ that this process enters: one line each, in their order.

A generator or a coroutine counts once, when it starts. A test finds the lines in the file TRIP.
"""

import os
import sys
from pathlib import Path
from types import CodeType

_BOT = f"{Path(__file__).parents[2] / 'bot'}{os.sep}"


def _start() -> None:
    trip = os.open(os.environ["TRIP"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    watch = sys.monitoring

    def enter(code: CodeType, _: int) -> object:
        if not code.co_filename.startswith(_BOT):
            return watch.DISABLE
        module = code.co_filename.removeprefix(_BOT).removesuffix(".py").replace(os.sep, ".")
        os.write(trip, f"{module}: {code.co_qualname}\n".encode())
        return None

    watch.use_tool_id(watch.PROFILER_ID, "trip")
    watch.register_callback(watch.PROFILER_ID, watch.events.PY_START, enter)
    watch.set_events(watch.PROFILER_ID, watch.events.PY_START)


_start()

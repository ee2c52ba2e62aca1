"""Keep a process on one core, where the system can do that: the bot on one, the load on another."""

import os

BOT, LOAD = 0, 1


def pin(core: int, process: int = 0) -> None:
    """Keep a process (0 is this one) and what it starts on a core, if the machine has it."""
    if hasattr(os, "sched_setaffinity") and core < (os.cpu_count() or 1):
        os.sched_setaffinity(process, {core})

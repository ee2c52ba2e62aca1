"""Pin processes to cores, if the system can: the bot to one, the load to another."""

import os

BOT, LOAD = 0, 1


def pin(core: int, process: int = 0) -> None:
    """Pin a process (0 is this one) and its children to a core, if the machine has it."""
    if hasattr(os, "sched_setaffinity") and core < (os.cpu_count() or 1):
        os.sched_setaffinity(process, {core})

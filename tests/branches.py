"""Run coverage with sys.monitoring on Python 3.12 and 3.13: `python -m tests.branches run ...`.

Tracing calls coverage for every line, asyncio's and pytest's too, and doubles what many tests cost.
coverage.py 7.17 monitors branches on Python 3.14 only, where each direction is an event of its own.
Before, one event stands for both, so it stays on until both were seen. Python 3.11 has to trace and
to follow greenlets.
"""

import sys
from collections import defaultdict
from types import CodeType

from coverage import bytecode, core, env, sysmon
from coverage.cmdline import main


class Monitor(sysmon.SysMonitor):
    """Coverage's monitor, for branches whose two directions are one event."""

    def __init__(self) -> None:
        super().__init__()
        self._destinations: dict[tuple[CodeType, int], set[int]] = defaultdict(set)

    def sysmon_branch_either(
        self, code: CodeType, instruction_offset: int, destination_offset: int
    ) -> sysmon.MonitorReturn:
        """Record a direction when it is new, and disable the event when both are known."""
        seen = self._destinations[code, instruction_offset]
        if destination_offset in seen:
            return None
        seen.add(destination_offset)
        super().sysmon_branch_either(code, instruction_offset, destination_offset)
        return sysmon.DISABLE if len(seen) == 2 else None


def monitor_branches() -> None:
    """Turn on what coverage has for Python 3.14."""
    events = sys.monitoring.events
    for direction in ("BRANCH_LEFT", "BRANCH_RIGHT"):
        setattr(events, direction, events.BRANCH)
    env.PYBEHAVIOR.branch_right_left = True
    env.SYSMON_DEFAULT = True
    bytecode.RETURNS |= bytecode.op_set("RETURN_CONST")
    core.SysMonitor = Monitor  # type: ignore[attr-defined]


def run(command: str, *arguments: str) -> int | None:
    """Run coverage, and return its exit code."""
    if sys.version_info < (3, 12):
        return main([command, "--concurrency=thread,greenlet", *arguments])
    if sys.version_info < (3, 14):
        monitor_branches()
    return main([command, *arguments])


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))

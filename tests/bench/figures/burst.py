"""The top of the hour: a thousand commands within one second."""

import random
from contextlib import AsyncExitStack
from statistics import median

from tests.bench.bench import Bench, Finding
from tests.bench.driver import PATIENCE, Load, send_burst
from tests.bench.figures.throughput import NAMES
from tests.bench.plot import Axis, Curve, plot
from tests.bench.processes import BOT, PLAIN_BOLT

DELAY, SPREAD = 0.3, 0.1  # seconds that VideoSDK takes: mean and standard deviation
SECONDS = (0, 0.5, 1, 1.5, 2, 2.5, PATIENCE)


async def measure_burst(bench: Bench) -> Finding:
    """Send each server a burst in turn, with a slow VideoSDK."""
    dice = random.Random(1)  # noqa: S311 - the same delays in every run
    loads: dict[str, list[Load]] = {name: [] for name in NAMES}
    async with AsyncExitStack() as stack:
        servers = await bench.servers(stack, *NAMES)
        bench.provider.delay = lambda: max(0.05, dice.gauss(DELAY, SPREAD))
        for server in servers * bench.size.rounds:
            if server.name != PLAIN_BOLT or not loads[PLAIN_BOLT]:  # it is busy for half a minute
                loads[server.name].append(await send_burst(server.port, bench.size.burst))
                await server.rest()
    bench.provider.delay = lambda: 0.0
    middle = {name: sorted(turns, key=_p99)[len(turns) // 2] for name, turns in loads.items()}
    return Finding(
        title="The top of the hour",
        measured={
            "burst lost": max(load.lost for load in loads[BOT]),
            "burst p99": median(map(_p99, loads[BOT])),
        },
        table=[
            ("server", "with a card in 3 s", "p50", "p99"),
            *((NAMES[name], *_row(load)) for name, load in middle.items()),
        ],
        note=f"{bench.size.burst:,} commands, evenly within a second; VideoSDK takes 300 ms "
        "(normally distributed, standard deviation 100 ms). Minimal Bolt has one turn; of the "
        f"others' {bench.size.rounds}, the median is shown. httpx's own pool goes through all "
        "waiting requests for each one, so it answers few in time.",
        plots={"burst": _plot(middle)},
    )


def _plot(loads: dict[str, Load]) -> str:
    return plot(
        "How many of 1,000 commands have a card",
        [Curve(NAMES[name], _curve(load)) for name, load in loads.items()],
        x=Axis("seconds after the command", [(second, f"{second:g}") for second in SECONDS]),
        y=Axis("%", [(share, str(share)) for share in (0, 25, 50, 75, 100)]),
    )


def _curve(load: Load) -> list[tuple[float, float]]:
    """Return the share of commands with a card by time, up to Slack's 3 seconds."""
    shares = [(load.percentile(share / 100), float(share)) for share in range(101)]
    seen = [(0.0, 0.0), *((seconds, share) for seconds, share in shares if seconds < PATIENCE)]
    return [*seen, (PATIENCE, seen[-1][1])]


def _row(load: Load) -> tuple[str, ...]:
    """Return a row: how many commands got a card, and how fast."""
    at = (load.percentile(share) for share in (0.5, 0.99))
    times = (f"{seconds:.2f} s" if seconds < PATIENCE else "over 3 s" for seconds in at)
    return f"{len(load.answers):,} of {len(load.answers) + load.lost:,}", *times


def _p99(load: Load) -> float:
    return load.percentile(0.99)

"""The latency that a server adds to VideoSDK's, one command at a time."""

import time
from collections import defaultdict
from contextlib import AsyncExitStack
from statistics import median

from tests.bench.bench import Bench, Finding
from tests.bench.driver import LostError, connect, is_card, so_many
from tests.bench.figures.throughput import NAMES
from tests.bench.processes import BOT, Server

DELAY = 0.005  # seconds that VideoSDK takes


async def measure_latency(bench: Bench, *names: str) -> Finding:
    """Send commands one by one, and subtract VideoSDK's time from each answer's."""
    added: dict[str, list[list[float]]] = defaultdict(list)
    bench.provider.delay = lambda: DELAY
    async with AsyncExitStack() as stack:
        servers = await bench.servers(stack, *(names or NAMES))
        for _ in range(bench.size.rounds):
            for server in servers:
                added[server.name].append(sorted(await _added(bench, server)))
    bench.provider.delay = lambda: 0.0
    p50 = {name: median(_at(0.5, turn) for turn in turns) for name, turns in added.items()}
    p99 = {name: median(_at(0.99, turn) for turn in turns) for name, turns in added.items()}
    return Finding(
        title="Latency",
        measured={"p50": p50[BOT], "p99": p99[BOT]},
        table=[
            ("server", "added at p50", "added at p99"),
            *((NAMES[name], f"{p50[name]:.2f} ms", f"{p99[name]:.2f} ms") for name in added),
        ],
        note=f"One command at a time, {bench.size.singles} per turn. VideoSDK takes "
        f"{1000 * DELAY:g} ms; its actual time is subtracted from each answer's.",
    )


async def _added(bench: Bench, server: Server) -> list[float]:
    """Return the milliseconds of each answer beyond VideoSDK's own."""
    added = []
    connection = await connect(server.port)
    for command in so_many(bench.size.singles):
        began = time.perf_counter()
        answer = await connection.ask(command)
        added.append(1000 * (time.perf_counter() - began - bench.provider.took))
        if not is_card(answer):
            raise LostError(f"{server.name} answered without a card.")
    connection.transport.close()
    return added


def _at(share: float, ordered: list[float]) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

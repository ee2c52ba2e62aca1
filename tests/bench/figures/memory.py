"""Memory over many commands."""

from tests.bench.bench import Bench, Finding
from tests.bench.driver import send, so_many
from tests.bench.figures.throughput import IN_FLIGHT
from tests.bench.processes import BOT

LOOKS = 10  # measurements, from the first command to the last


async def measure_memory(bench: Bench) -> Finding:
    """Send one bot a day's worth of commands."""
    async with bench.server(BOT) as bot:
        rss = [bot.rss()]
        for _ in range(LOOKS):
            await send(bot.port, IN_FLIGHT, so_many(bench.size.many // LOOKS))
            rss.append(bot.rss())
    step = bench.size.many // LOOKS
    return Finding(
        title="Memory over time",
        measured={"growth": rss[-1] - rss[0]},
        table=[
            ("commands", *(f"{number * step:,}" for number in range(LOOKS + 1))),
            ("MiB", *(f"{mib:.1f}" for mib in rss)),
        ],
        note=f"One process, {IN_FLIGHT} commands in flight; one run, since runs hardly differ.",
    )

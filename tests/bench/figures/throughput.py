"""CPU per command, and commands per second, with 32 commands in flight."""

from contextlib import AsyncExitStack
from statistics import median

from tests.bench.bench import Bench, Finding
from tests.bench.processes import BARE, BOT, PLAIN_BOLT
from tests.bench.targets import ratio
from tests.bench.turns import take_turns

IN_FLIGHT = 32
NAMES = {BOT: "the bot", BARE: "bare aiohttp", PLAIN_BOLT: "minimal Bolt, plain httpx"}


async def measure_throughput(bench: Bench) -> Finding:
    """Load the three servers in turn, with an instant VideoSDK."""
    async with AsyncExitStack() as stack:
        servers = await bench.servers(stack, *NAMES)
        await take_turns(servers, IN_FLIGHT, bench.size.seconds / 4)  # to warm up
        turns = [
            await take_turns(servers, IN_FLIGHT, bench.size.seconds)
            for _ in range(bench.size.rounds)
        ]
    each = {name: [turn[name].each for turn in turns] for name in NAMES}
    rate = {name: [turn[name].rate for turn in turns] for name in NAMES}
    busy = {
        name: median(100 * turn[name].busy / turn[name].seconds for turn in turns) for name in NAMES
    }
    return Finding(
        title="CPU and throughput",
        measured={
            "cpu": ratio(each[BOT], each[BARE]),
            "rate": ratio(rate[BOT], rate[PLAIN_BOLT]),
            "driver": max(busy.values()),
        },
        table=[
            ("server", "CPU per command", "commands a second", "driver's core busy"),
            *(
                (
                    NAMES[name],
                    f"{median(each[name]):.2f} ms",
                    f"{median(rate[name]):,.0f}",
                    f"{busy[name]:.0f} %",
                )
                for name in NAMES
            ),
        ],
        note=f"{IN_FLIGHT} commands in flight, each with one call to VideoSDK, which answers at "
        "once. The third server follows Bolt's and httpx's own documentation.",
    )

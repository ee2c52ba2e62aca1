"""CPU per command as the load grows."""

from contextlib import AsyncExitStack
from statistics import median

from tests.bench.bench import Bench, Finding
from tests.bench.plot import Axis, Curve, plot
from tests.bench.processes import BARE, BOT
from tests.bench.turns import take_turns

NAMES = {BOT: "the bot", BARE: "bare aiohttp"}


async def measure_growth(bench: Bench) -> Finding:
    """Measure all loads, round by round, with an instant VideoSDK."""
    loads = bench.size.loads
    each: dict[str, list[list[float]]] = {name: [[] for _ in loads] for name in NAMES}
    async with AsyncExitStack() as stack:
        servers = await bench.servers(stack, *NAMES)
        for _ in range(bench.size.rounds):
            for place, in_flight in enumerate(loads):
                turns = await take_turns(servers, in_flight, bench.size.seconds / 2)
                for name, turn in turns.items():
                    each[name][place].append(turn.each)
    middle = {name: [median(rounds) for rounds in each[name]] for name in NAMES}
    return Finding(
        title="As the load grows",
        measured={"flat": max(middle[BOT]) / min(middle[BOT])},
        table=[
            ("in flight", *map(str, loads)),
            *((NAMES[name], *(f"{ms:.2f} ms" for ms in middle[name])) for name in NAMES),
        ],
        note="CPU per command; VideoSDK answers at once.",
        plots={
            "load": plot(
                "CPU per command, by commands in flight",
                [Curve(NAMES[name], list(enumerate(spent))) for name, spent in middle.items()],
                x=Axis("commands in flight", list(enumerate(map(str, loads)))),
                y=Axis("ms", [(ms, f"{ms:g}") for ms in _steps(max(middle[BOT]))]),
            )
        },
    )


def _steps(most: float) -> list[float]:
    """Return round numbers from 0 to just above the maximum."""
    step = next(step for step in (0.25, 0.5, 1, 2, 5, 10) if 4 * step >= most)
    return [step * number for number in range(5)]

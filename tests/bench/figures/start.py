"""Cold start and idle memory, compared with a Bolt app that does nothing."""

from collections import defaultdict
from statistics import median

from tests.bench.bench import Bench, Finding
from tests.bench.processes import BOT, ECHO_BOLT
from tests.bench.targets import ratio

NAMES = {BOT: "the bot", ECHO_BOLT: "minimal Bolt, echo"}


async def measure_start(bench: Bench) -> Finding:
    """Start both in turn, send each one command, and measure its memory."""
    seconds, rss = defaultdict[str, list[float]](list), defaultdict[str, list[float]](list)
    for name in NAMES:  # once without measuring, so that Python's bytecode is compiled
        async with bench.server(name):
            pass
    for _ in range(bench.size.rounds):
        for name in NAMES:
            async with bench.server(name) as server:
                seconds[name].append(server.seconds)
                rss[name].append(server.rss())
    return Finding(
        title="Cold start and memory",
        measured={
            "start": ratio(seconds[BOT], seconds[ECHO_BOLT]),
            "idle": ratio(rss[BOT], rss[ECHO_BOLT]),
        },
        table=[
            ("server", "start to first answer", "memory (RSS)"),
            *(
                (NAMES[name], f"{median(seconds[name]):.2f} s", f"{median(rss[name]):.1f} MiB")
                for name in NAMES
            ),
        ],
        note="From the start of the process to its answer to a signed command: the bot answers "
        "with a card, the other with an echo.",
    )

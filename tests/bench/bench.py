"""The inputs and results of every measurement."""

import json
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field

from tests.bench.processes import BOT, Server, running
from tests.bench.provider import Provider


@dataclass(frozen=True)
class Size:
    """The amount of each measurement.

    Attributes:
        rounds: turns of each server; the median counts.
        seconds: the length of a turn under load.
        singles: commands per turn that are sent one by one.
        many: commands after which memory is measured again.
        burst: commands within one second.
        loads: the numbers of commands in flight, as the load grows.
    """

    rounds: int = 5
    seconds: float = 2.0
    singles: int = 400
    many: int = 50_000
    burst: int = 1000
    loads: tuple[int, ...] = (1, 8, 32, 128, 512)


@dataclass(frozen=True)
class Finding:
    """The result of a measurement.

    Attributes:
        title: what was measured.
        measured: the values, by target.
        table: a table's head and rows.
        note: how it was measured.
        plots: SVG pictures, by file name.
    """

    title: str
    measured: dict[str, float]
    table: list[tuple[str, ...]]
    note: str
    plots: dict[str, str] = field(default_factory=dict)


class Bench:
    """The provider, the servers' settings, and the size of measurements."""

    def __init__(self, provider: Provider, settings: Mapping[str, str], size: Size) -> None:
        self.provider = provider
        self.size = size
        self._settings = dict(settings)

    def server(self, name: str) -> AbstractAsyncContextManager[Server]:
        """Start a server."""
        return running(name, self._settings)

    async def servers(self, stack: AsyncExitStack, *names: str) -> list[Server]:
        """Start servers that run side by side; only one is under load at a time."""
        return [await stack.enter_async_context(self.server(name)) for name in names]

    async def learn_card(self) -> None:
        """Record one answer of the bot, so that the others can send one of the same size."""
        async with self.server(BOT) as bot:
            _, _, body = bot.first_answer.partition(b"\r\n\r\n")
        self._settings["CARD"] = json.dumps(json.loads(body))

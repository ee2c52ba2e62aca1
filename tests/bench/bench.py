"""What every figure is measured with, and what it comes back with."""

import json
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field

from tests.bench.processes import BOT, Server, running
from tests.bench.provider import Provider


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        rounds: how often each server has its turn; the median of the rounds counts.
        seconds: how long a turn is under load.
        singles: commands of a turn that are sent one after the other.
        many: commands after which memory is looked at again.
        burst: commands within one second.
        loads: how many commands are in flight as the load grows.
    """

    rounds: int = 5
    seconds: float = 2.0
    singles: int = 400
    many: int = 50_000
    burst: int = 1000
    loads: tuple[int, ...] = (1, 8, 32, 128, 512)


@dataclass(frozen=True)
class Finding:
    """What a figure came to.

    Attributes:
        title: what was measured.
        seen: by the marks' names.
        table: a head and rows, for the reader.
        note: how it was measured.
        plots: SVG pictures by file name.
    """

    title: str
    seen: dict[str, float]
    table: list[tuple[str, ...]]
    note: str
    plots: dict[str, str] = field(default_factory=dict)


class Bench:
    """The provider, the servers' settings, and how much to measure."""

    def __init__(self, provider: Provider, settings: Mapping[str, str], size: Size) -> None:
        self.provider = provider
        self.size = size
        self._settings = dict(settings)

    def server(self, name: str) -> AbstractAsyncContextManager[Server]:
        """Start a server."""
        return running(name, self._settings)

    async def servers(self, stack: AsyncExitStack, *names: str) -> list[Server]:
        """Start servers that stay up side by side; only one of them is ever asked at a time."""
        return [await stack.enter_async_context(self.server(name)) for name in names]

    async def learn_card(self) -> None:
        """Let the bot answer once, so that the others can give an answer of the same size."""
        async with self.server(BOT) as bot:
            _, _, body = bot.first_answer.partition(b"\r\n\r\n")
        self._settings["CARD"] = json.dumps(json.loads(body))

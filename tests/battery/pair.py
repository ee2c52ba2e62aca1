"""Two processes of the bot behind one address, one of which is killed now and then."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from tests.battery.cores import pin
from tests.battery.lab import Lab, Stage, quiet_port
from tests.conftest import serving
from tests.process import BotProcess, bot_process
from tests.test_live_processes import Balancer

_COUNT = 2


@dataclass
class Pair:
    """Two processes behind one address; each keeps its port when it starts again."""

    stage: Stage
    ports: list[int] = field(default_factory=lambda: [quiet_port() for _ in range(_COUNT)])
    _running: dict[int, tuple[BotProcess, AsyncExitStack]] = field(default_factory=dict)

    async def start(self, number: int) -> None:
        """Start a process, and wait until it serves."""
        stack = AsyncExitStack()
        settings = self.stage.settings | {"PORT": str(self.ports[number])}
        bot = await stack.enter_async_context(bot_process(settings))
        self._running[number] = bot, stack
        if self.stage.lab.core is not None:
            pin(self.stage.lab.core, bot.process.pid)
        await bot.until("serving")

    async def kill(self, number: int) -> None:
        """Kill a process with SIGKILL."""
        bot, stack = self._running.pop(number)
        await stack.aclose()
        self.stage.lab.logs.append(bot)

    async def close(self) -> None:
        """Kill the processes that still run."""
        for number in list(self._running):
            await self.kill(number)


@asynccontextmanager
async def pair(lab: Lab, chance: random.Random, **changes: str) -> AsyncIterator[Pair]:
    """Serve stand-ins with two processes; each request goes to a random one."""
    balancer = Balancer(_turns(chance))
    async with (
        serving(balancer.app) as url,
        lab.stage(VIDEOSDK_API_VERSION="v2", PUBLIC_URL=url, **changes) as stage,
    ):
        two = Pair(stage)
        balancer.upstreams = [f"http://127.0.0.1:{port}" for port in two.ports]
        stage.slack.events_url = f"{url}/slack/events"
        try:
            await asyncio.gather(*(two.start(number) for number in range(_COUNT)))
            yield two
        finally:
            await two.close()


def _turns(chance: random.Random) -> Iterator[int]:
    while True:
        yield chance.randrange(_COUNT)

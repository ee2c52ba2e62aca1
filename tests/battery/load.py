"""Load: a steady stream of commands, a burst, and saturation."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.sandbox.faults import Fault
from bot.sandbox.slack.payloads import encode, sign, slash_command
from bot.sandbox.slack.workspace import CHANNELS, USERS
from tests.battery.lab import Lab, Stage, is_card
from tests.battery.table import Row, all_of, at_least, at_most, none_of
from tests.conftest import SIGNING_SECRET

SLACK_WAITS = 3.0  # seconds
WORKERS = 64
MIB = 1024 * 1024
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Answer:
    """The answer to a command.

    Attributes:
        status: the HTTP status; None without an answer in time.
        ms: how long it took, in milliseconds.
        message: the message in the acknowledgement.
    """

    status: int | None
    ms: float
    message: dict[str, Any] = field(default_factory=dict)


class Driver:
    """Posts signed commands over persistent connections."""

    def __init__(self, stage: Stage, session: aiohttp.ClientSession) -> None:
        self._stage = stage
        self._session = session

    async def send(self, line: str) -> Answer:
        """Send a line, and wait as long as Slack does."""
        slack = self._stage.slack
        url = f"{slack.url}/response/not-to-be-used-by-load"
        body = encode(slash_command(USERS[0], CHANNELS[0], line, url))
        headers = _FORM | sign(body, time.time(), SIGNING_SECRET)
        began = time.perf_counter()
        try:
            async with (
                asyncio.timeout(SLACK_WAITS),
                self._session.post(slack.events_url, data=body, headers=headers) as answer,
            ):
                content = await answer.read()
        except (aiohttp.ClientError, TimeoutError):
            return Answer(None, _since(began))
        took = _since(began)
        message = json.loads(content) if answer.status == 200 and content else {}
        self._stage.lab.sent.append(message)
        return Answer(answer.status, took, message)

    async def steadily(self, lines: Iterable[str], rate: float) -> list[Answer]:
        """Send lines at a fixed rate, without waiting for answers."""
        loop = asyncio.get_running_loop()
        began, sent = loop.time(), []
        for number, line in enumerate(lines):
            await asyncio.sleep(began + number / rate - loop.time())
            sent.append(asyncio.create_task(self.send(line)))
        return await asyncio.gather(*sent)


@asynccontextmanager
async def driver(stage: Stage) -> AsyncIterator[Driver]:
    """Yield a driver for a stage's bot."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Driver(stage, session)


def percentile(answers: Iterable[Answer], share: float) -> float:
    """Return the milliseconds within which this share of the answers arrived."""
    times = sorted(answer.ms for answer in answers)
    return times[min(len(times) - 1, int(share * len(times)))]


async def steady(lab: Lab) -> Row:
    """L1: a steady load, like a company's Monday morning."""
    size = lab.size
    count = int(size.rate * size.steady)
    async with lab.running() as stage, driver(stage) as load:
        await load.send("/meet warm up")
        before = stage.process.memory_info().rss / MIB
        delays = [Fault(delay=lab.chance.uniform(0.05, 0.15)) for _ in range(count)]
        stage.videosdk.faults.plan(*delays)
        answers = await load.steadily((f"/meet l1 {n}" for n in range(count)), size.rate)
        after = stage.process.memory_info().rss / MIB
        rooms = len(stage.videosdk.meetings) - 1
    return Row(
        "L1",
        f"{size.rate} `/meet` a second for {size.steady:g} s; VideoSDK takes 100 ± 50 ms",
        [
            all_of("every command gets its card", _cards(answers), count),
            at_most("p99", percentile(answers, 0.99), 400, "ms"),
            at_most("rooms created", rooms, count),
            at_most("memory", after, 120, "MiB"),
            at_most("memory growth", after - before, 10, "MiB"),
        ],
    )


async def burst(lab: Lab) -> Row:
    """L2: a burst at the top of the hour."""
    count = lab.size.burst
    async with lab.running() as stage, driver(stage) as load:
        answers = await asyncio.gather(*(load.send(f"/meet l2 {n}") for n in range(count)))
        rooms = len(stage.videosdk.meetings)
    return Row(
        "L2",
        f"{count} `/meet` at once",
        [
            all_of("every command gets its card", _cards(answers), count),
            at_most("p99", percentile(answers, 0.99), 1500, "ms"),
            at_most("slowest answer", percentile(answers, 1), 3000, "ms"),
            at_most("rooms created", rooms, count),
        ],
    )


async def saturation(lab: Lab) -> Row:
    """L3: as many commands as one core can handle, without an error."""
    answers: list[Answer] = []
    async with lab.running() as stage, driver(stage) as load:
        began = time.perf_counter()
        end = began + lab.size.saturation

        async def work(worker: int) -> None:
            while time.perf_counter() < end:
                answers.append(await load.send(f"/meet l3 {worker}"))

        await asyncio.gather(*(work(worker) for worker in range(WORKERS)))
        took = time.perf_counter() - began
    return Row(
        "L3",
        f"{WORKERS} connections send `/meet` without a pause for {lab.size.saturation:g} s; "
        "VideoSDK answers at once",
        [
            at_least("commands a second on one core", len(answers) / took, 250),
            none_of("error", [a.status for a in answers if not is_card(a.message)]),
        ],
    )


def _cards(answers: Iterable[Answer]) -> int:
    return sum(is_card(answer.message) for answer in answers)


def _since(began: float) -> float:
    return 1000 * (time.perf_counter() - began)

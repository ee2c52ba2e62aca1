"""Bulkheads: a provider that hangs, or a crowd, doesn't slow down everything else."""

import asyncio
import time

import aiohttp

from bot.links import Conversation, JoinLink, SignedLinks
from bot.sandbox.faults import PRESETS, Fault
from bot.sandbox.slack.delivered import Delivered
from bot.sandbox.slack.teams import HOME
from bot.sandbox.slack.workspace import ChannelMessage
from bot.settings.derived_keys import links_key
from bot.settings.settings import Settings
from bot.slack.wording.errors import CAUSES, STARTING
from bot.videosdk import VideoSDKBusyError
from bot.workspace import Workspace
from tests.battery.lab import Lab, Stage
from tests.battery.load import SLACK_WAITS, Answer, driver, percentile
from tests.battery.table import Row, all_of, at_least, at_most, none_of
from tests.conftest import until

RATE = 60  # commands a second
PROMISED = 30.0  # seconds
BUSY = CAUSES[VideoSDKBusyError][0]
_ARRIVING = 5.0  # seconds in which the visitors arrive
_LOOKING_UP = 5.0  # seconds that VideoSDK takes for each visitor
_ROOMS = 50


async def promises(lab: Lab) -> Row:
    """B1: VideoSDK hangs while many people send commands, and Slack takes long for follow-ups."""
    count = int(RATE * lab.size.hang)
    async with lab.running() as stage:
        stage.videosdk.faults.always(PRESETS["hang"][1])
        stage.slack.faults.always(Fault(delay=0.3), path="/response")
        deliveries = await _send_commands(stage, [f"/meet b1 {n}" for n in range(count)])
        promised = [one for one in deliveries if _said(one)[:1] and _is_promise(_said(one)[0])]
        await until(lambda: all(len(_said(one)) > 1 for one in promised), PROMISED + 5)
    busy = [one for one in deliveries if _said(one) and _said(one)[0].text.startswith(BUSY)]
    clear = len(promised) + len(busy)
    return Row(
        "B1",
        f"{RATE} `/meet` a second for {lab.size.hang:g} s while VideoSDK hangs and Slack "
        "takes 300 ms for a follow-up",
        [
            none_of("command fails in Slack", [one.error for one in deliveries if one.error]),
            all_of("every user is promised a card or told that the bot is busy", clear, count),
            at_least("promised cards", len(promised), RATE),
            all_of("every promise is kept", _kept(promised), len(promised)),
            at_most("slowest promised card", max(map(_waited, promised)), PROMISED, "s"),
        ],
    )


async def visitors(lab: Lab) -> Row:
    """B2: many people open join links at once, while VideoSDK looks rooms up slowly."""
    count = lab.size.visitors
    async with lab.running() as stage, driver(stage) as load:
        stage.videosdk.faults.always(Fault(delay=_LOOKING_UP), path="/v1/meetings/")
        await load.send("/meet warm up")
        visiting = asyncio.create_task(_visit(stage, count))
        lines = (f"/meet b2 {n}" for n in range(int(20 * _ARRIVING)))
        answers = await load.steadily(lines, 20)
        statuses = await visiting
    odd = [status for status in statuses if status not in (410, 503)]  # no such room, or busy
    return Row(
        "B2",
        f"{count:,} people open join pages within {_ARRIVING:g} s, VideoSDK takes {_LOOKING_UP:g} "
        "s for each, and others send 20 `/meet` a second",
        [
            all_of("every command gets its card", _cards(answers), len(answers)),
            at_most("p99 of `/meet`", percentile(answers, 0.99), 500, "ms"),
            none_of("visitor is left without a page", odd),
        ],
    )


async def _send_commands(stage: Stage, lines: list[str]) -> list[Delivered]:
    typed, began = [], time.monotonic()
    for number, line in enumerate(lines):
        await asyncio.sleep(began + number / RATE - time.monotonic())
        typed.append(asyncio.create_task(stage.slack.command(line)))
    return await asyncio.gather(*typed)


async def _visit(stage: Stage, count: int) -> list[int]:
    """Open join links of many rooms that VideoSDK doesn't know."""
    settings = Settings.from_env(stage.settings)
    links = SignedLinks(stage.settings["PUBLIC_URL"], links_key(settings))
    place = Conversation(Workspace(HOME.id), "C1")
    urls = [links.url(JoinLink(f"b2-{n}", place=place)) for n in range(_ROOMS)]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as browser:

        async def visit(number: int) -> int:
            await asyncio.sleep(_ARRIVING * number / count)
            async with browser.get(urls[number % _ROOMS]) as answer:
                await answer.read()
                return answer.status

        return await asyncio.gather(*map(visit, range(count)))


def _said(delivery: Delivered) -> list[ChannelMessage]:
    return [message for message in delivery.messages if message.kind == "app"]


def _is_promise(message: ChannelMessage) -> bool:
    return message.text.startswith(STARTING.slow)


def _kept(promised: list[Delivered]) -> int:
    return sum(len(_said(delivery)) == 2 for delivery in promised)


def _waited(delivery: Delivered) -> float:
    promise, *_, result = _said(delivery)
    return result.at - promise.at


def _cards(answers: list[Answer]) -> int:
    in_time = [answer for answer in answers if answer.ms < 1000 * SLACK_WAITS]
    return sum("started a meeting" in answer.message.get("text", "") for answer in in_time)

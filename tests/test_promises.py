"""What people are promised comes, beside a provider that hangs and a crowd at the join page."""

import asyncio
import re
from collections import Counter

import aiohttp

from bot.app import open_bot
from bot.links import Conversation, JoinLink, SignedLinks
from bot.parts import links_key
from bot.sandbox.faults import Fault
from bot.sandbox.slack import Delivery, SlackStandIn
from bot.sandbox.videosdk import VideoSDKStandIn
from bot.settings import Settings
from bot.slack.words import STARTING
from bot.transport.pools import LIMITS, VIDEOSDK
from tests.conftest import environment, until
from tests.process import bot_process

COMMANDS = LIMITS[VIDEOSDK, "commands"]
VISITORS = LIMITS[VIDEOSDK, "join page"]
MANY = 40  # more than fit into a workspace's half


def kind(delivery: Delivery) -> str:
    """Return what came of a command: a promise and its result, or a word that the bot is busy."""
    said = [message.text for message in delivery.messages if message.kind == "app"]
    if said[0].startswith(STARTING.slow):
        return "promised and told" if "Something went wrong at VideoSDK" in said[-1] else "promised"
    return "busy" if said[0].startswith("I'm very busy right now, so no meeting was") else said[0]


async def test_every_promised_answer_arrives_beside_a_provider_that_hangs(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.always(Fault(500, delay=2.8), path="/v1/meetings")
    slack.faults.always(Fault(delay=0.3), path="/response")
    half = COMMANDS.size // 2

    lines = [f"/meet promise {n}" for n in range(half + MANY)]
    deliveries = await asyncio.gather(*map(slack.command, lines))

    await until(lambda: "promised" not in map(kind, deliveries), 10)
    assert Counter(map(kind, deliveries)) == {"promised and told": half, "busy": MANY}
    assert max(delivery.ms for delivery in deliveries) < 3000


async def test_a_crowd_at_the_join_page_does_not_slow_commands(
    slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> None:
    videosdk_standin.faults.always(Fault(delay=VISITORS.patience + 0.4), path="/meetings/room-")
    settings = Settings.from_env(
        environment(
            SLACK_API_URL=f"{slack_standin.url}/api",
            VIDEOSDK_API_ENDPOINT=videosdk_url,
            PUBLIC_URL="https://bot.example.com",
        )
    )
    links = SignedLinks("", links_key(settings))
    place = Conversation("T1", None, "C1")
    half = VISITORS.size // 2
    async with (
        open_bot(settings) as bot,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as browser,
    ):
        url = f"http://127.0.0.1:{bot.port}"
        slack_standin.events_url = f"{url}/slack/events"

        async def visit(number: int) -> int:
            link = JoinLink(f"room-{number}", place=place)
            async with browser.get(url + links.url(link)) as answer:
                assert answer.status != 503 or "Many people are joining" in await answer.text()
                return answer.status

        visits = [asyncio.create_task(visit(n)) for n in range(half + MANY)]
        await until(lambda: sum("/room-" in r.path for r in videosdk_standin.requests) >= half)
        lines = [f"/meet another {n}" for n in range(20)]
        deliveries = await asyncio.gather(*map(slack_standin.command, lines))
        statuses = Counter(await asyncio.gather(*visits))

    assert all("started a meeting" in one.messages[-1].text for one in deliveries)
    assert max(one.ms for one in deliveries) < 1500
    assert statuses == {410: half, 503: MANY}  # there are no such rooms


async def test_after_a_kill_nothing_comes_and_typing_it_again_opens_the_same_room(
    slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> None:
    settings = environment(
        SLACK_API_URL=f"{slack_standin.url}/api", VIDEOSDK_API_ENDPOINT=videosdk_url
    )
    async with bot_process(settings, covered=False) as bot:
        await bot.until("serving")
        slack_standin.events_url = f"{bot.url}/slack/events"
        videosdk_standin.faults.plan(Fault(delay=3.0), path="/v1/meetings")
        first = await slack_standin.command("/meet standup")
        bot.process.kill()
        await bot.process.wait()
    async with bot_process(settings, covered=False) as bot:
        await bot.until("serving")
        slack_standin.events_url = f"{bot.url}/slack/events"
        again = await slack_standin.command("/meet standup")

    [promise] = [one.text for one in first.messages if one.kind == "app"]
    assert re.search(r"If nothing comes, type it again: a name keeps its room", promise)
    assert "started a meeting" in again.messages[-1].text
    assert len(videosdk_standin.meetings) == 1

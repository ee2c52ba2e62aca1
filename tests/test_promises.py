"""Promised answers arrive, even if VideoSDK hangs or a crowd opens join pages."""

import asyncio
import re
import resource
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from bot.app import open_bot
from bot.links import Conversation, JoinLink, SignedLinks
from bot.sandbox.faults import Fault
from bot.sandbox.slack.delivered import Delivered
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.derived_keys import links_key
from bot.settings.settings import Settings
from bot.slack.wording.errors import STARTING
from bot.transport import descriptor_share
from bot.transport.calls import VIDEOSDK
from bot.transport.pools import LIMITS
from bot.workspace import Workspace
from tests.conftest import environment, until
from tests.process import bot_process

DESCRIPTORS = 160  # few enough to fill the pools quickly
MANY = 20  # more than a workspace's half of the pool


def half(purpose: str) -> int:
    """Return how many concurrent calls to VideoSDK one workspace can have."""
    return int(LIMITS[VIDEOSDK, purpose].size * descriptor_share(DESCRIPTORS)) // 2


@asynccontextmanager
async def crowded(slack: SlackStandIn, videosdk_url: str) -> AsyncIterator[Settings]:
    """Run a bot with few file descriptors."""
    settings = Settings.from_env(
        environment(
            SLACK_API_URL=f"{slack.url}/api",
            VIDEOSDK_API_ENDPOINT=videosdk_url,
            PUBLIC_URL="https://bot.example.com",
        )
    )
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with AsyncExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, hard))
        try:
            bot = await stack.enter_async_context(open_bot(settings))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        slack.events_url = f"http://127.0.0.1:{bot.port}/slack/events"
        yield settings


def kind(delivery: Delivered) -> str:
    """Return a command's outcome: a promise with its result, or a notice that the bot is busy."""
    said = [message.text for message in delivery.messages if message.kind == "app"]
    if said[0].startswith(STARTING.slow):
        return "promised and told" if "Something went wrong at VideoSDK" in said[-1] else "promised"
    return "busy" if said[0].startswith("I'm very busy right now, so no meeting was") else said[0]


async def test_every_promised_answer_arrives_while_the_provider_hangs(
    slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> None:
    videosdk_standin.faults.always(Fault(500, delay=2.8), path="/v1/meetings")
    slack_standin.faults.always(Fault(delay=0.1), path="/response")
    served = half("commands")

    async with crowded(slack_standin, videosdk_url):
        lines = [f"/meet promise {n}" for n in range(served + MANY)]
        deliveries = await asyncio.gather(*map(slack_standin.command, lines))
        await until(lambda: "promised" not in map(kind, deliveries), 10)

    counted = Counter(map(kind, deliveries))
    assert counted.keys() == {"promised and told", "busy"}
    assert counted["promised and told"] >= served
    assert max(delivery.ms for delivery in deliveries) < 3000


async def test_a_crowd_at_the_join_page_does_not_slow_commands(
    slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> None:
    late = LIMITS[VIDEOSDK, "join page"].max_wait + 0.4
    videosdk_standin.faults.always(Fault(delay=late), path="/meetings/room-")
    served, place = half("join page"), Conversation(Workspace("T1"), "C1")
    async with (
        crowded(slack_standin, videosdk_url) as settings,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as browser,
    ):
        url = slack_standin.events_url.removesuffix("/slack/events")
        links = SignedLinks(url, links_key(settings))

        async def visit(number: int) -> int:
            link = links.url(JoinLink(f"room-{number}", place=place))
            async with browser.get(link) as answer:
                assert answer.status != 503 or "Many people are joining" in await answer.text()
                return answer.status

        visits = [asyncio.create_task(visit(n)) for n in range(served + MANY)]
        await until(lambda: sum("/room-" in r.path for r in videosdk_standin.requests) >= served)
        lines = [f"/meet another {n}" for n in range(20)]
        deliveries = await asyncio.gather(*map(slack_standin.command, lines))
        statuses = Counter(await asyncio.gather(*visits))

    assert all("started a meeting" in one.messages[-1].text for one in deliveries)
    assert max(one.ms for one in deliveries) < 1500
    assert statuses.keys() == {410, 503}  # there are no such rooms
    assert statuses[410] >= served


async def test_after_a_kill_a_retyped_command_opens_the_same_room(
    slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> None:
    settings = environment(
        SLACK_API_URL=f"{slack_standin.url}/api", VIDEOSDK_API_ENDPOINT=videosdk_url
    )
    async with bot_process(settings) as bot:
        await bot.until("serving")
        slack_standin.events_url = f"{bot.url}/slack/events"
        videosdk_standin.faults.plan(Fault(delay=3.0), path="/v1/meetings")
        first = await slack_standin.command("/meet standup")
        bot.process.kill()
        await bot.process.wait()
    async with bot_process(settings) as bot:
        await bot.until("serving")
        slack_standin.events_url = f"{bot.url}/slack/events"
        again = await slack_standin.command("/meet standup")

    [promise] = [one.text for one in first.messages if one.kind == "app"]
    assert re.search(r"If nothing comes, type the command again: a named meeting always", promise)
    assert "started a meeting" in again.messages[-1].text
    assert len(videosdk_standin.meetings) == 1

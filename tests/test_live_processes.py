"""Live cards with two real processes behind one address, also after one is killed."""

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox.faults import Fault
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import LiveSettings, free_port, serving, until
from tests.process import BotProcess, bot_process
from tests.test_live import call_of, has_ended, inside, participant_id

KILLS = [None, 0.0, 0.03]  # seconds after the last webhooks were sent; None is before that
HOP_BY_HOP = {"Host", "Content-Length", "Transfer-Encoding", "Connection"}


class Balancer:
    """A load balancer: each request goes to the next server that is up.

    Args:
        turns: the order of the servers; None is one after another.
    """

    def __init__(self, turns: Iterator[int] | None = None) -> None:
        self.upstreams: list[str] = []
        self.asked: list[str] = []
        self.answered: list[str] = []
        self.app = web.Application()
        self.app.add_routes([web.route("*", "/{path:.*}", self._forward)])
        self._turns = turns or itertools.count()

    async def _forward(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {key: value for key, value in request.headers.items() if key not in HOP_BY_HOP}
        for _ in self.upstreams:
            upstream = self.upstreams[next(self._turns) % len(self.upstreams)]
            self.asked.append(upstream)
            try:
                async with (
                    aiohttp.ClientSession() as session,
                    session.request(
                        request.method, upstream + request.raw_path, data=body, headers=headers
                    ) as answer,
                ):
                    self.answered.append(upstream)
                    content = await answer.read()
                    return web.Response(
                        status=answer.status,
                        body=content,
                        headers={"Content-Type": answer.headers["Content-Type"]},
                    )
            except aiohttp.ClientConnectorError:
                continue
        raise web.HTTPBadGateway


@dataclass
class Deployment:
    """Two processes of the bot behind one address."""

    balancer: Balancer
    bots: list[BotProcess] = field(default_factory=list)


@pytest.fixture
async def deployment(live_settings: LiveSettings) -> AsyncIterator[Deployment]:
    """Two processes of the bot with live cards, behind one address."""
    deployment = Deployment(Balancer())
    async with serving(deployment.balancer.app) as url, AsyncExitStack() as stack:
        environment = live_settings.environment(0, PUBLIC_URL=url)
        starting = [stack.enter_async_context(bot_process(environment)) for _ in range(2)]
        deployment.bots = [await bot for bot in starting]
        await asyncio.gather(*(bot.until("serving") for bot in deployment.bots))
        deployment.balancer.upstreams = [bot.url for bot in deployment.bots]
        live_settings.slack.events_url = f"{url}/slack/events"
        yield deployment


async def test_two_processes_together_behave_like_one(
    deployment: Deployment, slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    first = call_of(slack_standin, await slack_standin.command("/meet standup"))
    again = call_of(slack_standin, await slack_standin.command("/meet standup"))
    [meeting_id] = videosdk_standin.meetings
    people = [await participant_id(first.join_url) for _ in range(3)]
    for person, name in zip(people, ("Ann", "Ben", "Cleo"), strict=True):
        videosdk_standin.join(meeting_id, name, person)
    for call in (first, again):
        await until(lambda call=call: inside(slack_standin, call) == ["Ann", "Ben", "Cleo"])  # type: ignore[misc] # mypy knows no such defaults

    videosdk_standin.webhooks.duplicate = True
    for person in people:
        videosdk_standin.leave(meeting_id, person)
    await until(lambda: has_ended(slack_standin, first) and has_ended(slack_standin, again))

    assert again.id != first.id
    assert set(deployment.balancer.answered) == {bot.url for bot in deployment.bots}


async def test_the_next_webhook_repairs_what_a_killed_process_left(
    deployment: Deployment, slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    call = call_of(slack_standin, await slack_standin.command("/meet standup"))
    [meeting_id] = videosdk_standin.meetings
    ann, ben = [await participant_id(call.join_url) for _ in range(2)]
    videosdk_standin.webhooks.lose(1)  # session-started, so that one process alone hears of Ann
    videosdk_standin.faults.always(Fault(delay=5), path="/v2/sessions")
    answered = len(deployment.balancer.asked)
    videosdk_standin.join(meeting_id, "Ann", ann)
    await until(lambda: len(deployment.balancer.asked) > answered)
    [last_asked] = [bot for bot in deployment.bots if bot.url == deployment.balancer.asked[-1]]
    await last_asked.stop(signal.SIGKILL)
    videosdk_standin.faults.forget()
    assert inside(slack_standin, call) == []

    assert (await slack_standin.command("/meet retro")).error == ""
    videosdk_standin.join(meeting_id, "Ben", ben)

    await until(lambda: inside(slack_standin, call) == ["Ann", "Ben"])


async def test_no_card_stays_live_past_the_start_after_a_kill_around_the_last_webhook(
    live_settings: LiveSettings, slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    port = free_port()
    environment = live_settings.environment(port)
    slack_standin.events_url = f"http://127.0.0.1:{port}/slack/events"
    calls = []
    for number, moment in enumerate(KILLS):
        async with bot_process(environment) as bot:  # it is killed in the end
            await bot.until("serving")
            calls.append(call_of(slack_standin, await slack_standin.command(f"/meet {number}")))
            meeting_id = list(videosdk_standin.meetings)[-1]
            for name in ("Ann", "Ben"):
                person = await participant_id(calls[-1].join_url)
                videosdk_standin.join(meeting_id, name, person)
            await until(lambda: inside(slack_standin, calls[-1]) == ["Ann", "Ben"])
            if moment is not None:
                videosdk_standin.end(meeting_id)
                await asyncio.sleep(moment)
        videosdk_standin.end(meeting_id)
    async with bot_process(environment):
        await until(lambda: all(has_ended(slack_standin, call) for call in calls))

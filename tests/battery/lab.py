"""Real bots between the stand-ins, and everything that they wrote, sent and showed."""

import asyncio
import json
import os
import random
import re
import resource
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil  # type: ignore[import-untyped] # it has no types
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.slack.delivery import Ack, Retry, json_object
from bot.sandbox.slack.payloads import Payload
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.battery.cores import pin
from tests.battery.size import FULL, Size
from tests.conftest import (
    API_KEY,
    APP_TOKEN,
    BOT_TOKEN,
    ROOT,
    SECRET_KEY,
    SIGNING_SECRET,
    environment,
    serving,
)
from tests.outside import LOGIN
from tests.process import BotProcess, bot_process

INSIDE = Path(__file__).parent / "inside"
BROKEN = Path(__file__).parent / "broken"
PLANTED = {
    "signing secret": SIGNING_SECRET,
    "bot token": BOT_TOKEN,
    "app token": APP_TOKEN,
    "VideoSDK key": API_KEY,
    "VideoSDK secret": SECRET_KEY,
    "metrics token": "made-up-metrics-token-4711",
    "proxy password": LOGIN.partition(":")[2],
}

Content = dict[str, Any]


class Slack(SlackStandIn):
    """A Slack stand-in that keeps what the bot says in its acknowledgements."""

    def __init__(
        self, settings: dict[str, str], clock: Callable[[], float], sent: list[Content]
    ) -> None:
        super().__init__(
            SIGNING_SECRET,
            settings.get("SLACK_BOT_TOKEN", ""),
            APP_TOKEN,
            client_id=settings.get("SLACK_CLIENT_ID", ""),
            client_secret=settings.get("SLACK_CLIENT_SECRET", ""),
            redirect_urls=[f"{settings['PUBLIC_URL']}/slack/oauth_redirect"],
            clock=clock,
        )
        self._sent = sent

    async def deliver(self, payload: Payload, retry: Retry | None = None) -> Ack:
        """Hand the bot a payload, and keep its answer."""
        ack = await super().deliver(payload, retry)
        if ack.answer:
            self._sent.append(ack.answer)
        return ack


@dataclass
class Stage:
    """The two stand-ins, with or without a bot between them.

    Attributes:
        slack: the one.
        videosdk: the other.
        settings: the bot's environment.
        bot: the process that runs now, or ran last.
        descriptors: that it may have; None leaves that to the system.
    """

    lab: "Lab"
    slack: Slack
    videosdk: VideoSDKStandIn
    settings: dict[str, str]
    bot: BotProcess = field(init=False)
    descriptors: int | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[BotProcess]:
        """Start the bot as a host would, and tell Slack where it is."""
        async with bot_process(self.settings, fresh=True) as self.bot:
            if self.descriptors:
                limits = (self.descriptors, self.descriptors)
                resource.prlimit(self.bot.process.pid, resource.RLIMIT_NOFILE, limits)
            if self.lab.core is not None:
                pin(self.lab.core, self.bot.process.pid)
            try:
                await self._until_serving()
                self.slack.events_url = f"{self.bot.url}/slack/events"
                yield self.bot
            finally:
                await self._close()

    async def _until_serving(self) -> None:
        serving = asyncio.ensure_future(self.bot.until("serving", seconds=30))
        ended = asyncio.ensure_future(self.bot.process.wait())
        await asyncio.wait({serving, ended}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not serving.done():
            serving.cancel()
            raise RuntimeError(f"the bot did not start: {self.bot.log[-1:]}")
        await serving

    async def _close(self) -> None:
        if self.bot.process.returncode is None:
            self.bot.process.kill()
        await self.bot.process.wait()
        self.lab.logs.append(self.bot)

    @property
    def process(self) -> psutil.Process:
        """The running bot, as the system sees it."""
        return psutil.Process(self.bot.process.pid)

    async def open(self, url: str) -> tuple[int, Any, str]:
        """Open a page as a browser would, and return status, headers and text."""
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            text = await answer.text()
            self.lab.pages.append(text)
            return answer.status, answer.headers, text


@dataclass
class Lab:
    """Where every test of the battery takes place.

    Attributes:
        size: how much of everything.
        core: that the bots run on; None leaves that to the system.
        secrets: that were planted, by what they are.
        inside: the folder whose sitecustomize every bot starts with.
        logs: the processes that have ended, with what they wrote.
        sent: every message that the bots sent.
        pages: every page that they showed.
        links: where links in messages may lead.
        chance: has the same numbers each time.
    """

    size: Size = FULL
    core: int | None = None
    secrets: dict[str, str] = field(default_factory=lambda: dict(PLANTED))
    inside: Path = INSIDE
    logs: list[BotProcess] = field(default_factory=list)
    sent: list[Content] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    chance: random.Random = field(default_factory=lambda: random.Random(4711))  # noqa: S311 - has to come the same again

    @asynccontextmanager
    async def stage(
        self, clock: Callable[[], float] = time.time, /, **changes: str | None
    ) -> AsyncIterator[Stage]:
        """Serve stand-ins, and write the settings of a bot between them, with changes."""
        port = quiet_port()
        common = {
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "PORT": str(port),
            "LOG_FORMAT": "json",
            "METRICS_TOKEN": self.secrets["metrics token"],
            "PYTHONPATH": f"{ROOT}{os.pathsep}{self.inside}",
        }
        settings = environment(**(common | changes))
        slack = Slack(settings, clock, self.sent)
        slack.app.middlewares.append(self._note)
        videosdk = VideoSDKStandIn(API_KEY, SECRET_KEY, clock=clock)
        async with serving(slack.app) as slack.url, serving(videosdk.app) as url:
            self.links.add(f"{settings['PUBLIC_URL']}/")
            addresses = {
                "SLACK_API_URL": f"{slack.url}/api",
                "VIDEOSDK_API_ENDPOINT": url,
                "VIDEOSDK_EMBED_URL": f"{url}/embed/",
            }
            changed = {name: value for name, value in changes.items() if value is not None}
            yield Stage(self, slack, videosdk, settings | addresses | changed)

    @asynccontextmanager
    async def running(self, **changes: str | None) -> AsyncIterator[Stage]:
        """Serve stand-ins with a running bot between them."""
        async with self.stage(**changes) as stage, stage.running():
            yield stage

    @web.middleware
    async def _note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Keep what the bot posts: follow-ups and forms."""
        if request.path.startswith("/response/") or request.path.endswith("/views.open"):
            content = json_object(await request.read())
            self.sent.append(content or dict(await request.post()))
        return await handler(request)


def quiet_port() -> int:
    """Return a free port that the system gives no connection of its own, as it does from 32768."""
    while True:
        port = secrets.randbelow(12_000) + 20_000
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def slug(own_id: str | None) -> str:
    """Return the readable part of the id that the bot gave a room."""
    return re.sub(r"-[0-9a-f]{16}-[0-9a-f]{8}(-[0-9a-f]{4})?$", "", own_id or "")


def is_card(message: Content) -> bool:
    """Tell whether an acknowledgement is a meeting's card."""
    public = message.get("response_type") == "in_channel"
    return public and "started a meeting" in message.get("text", "")


def written(bot: BotProcess) -> str:
    """Return what a process has written, as it stood there."""
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in bot.log)

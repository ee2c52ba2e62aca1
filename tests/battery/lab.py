"""Run real bots with the stand-ins, and collect everything that they write, send and show."""

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
    """A Slack stand-in that records the messages in acknowledgements."""

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
        """Send the bot a payload, and record its answer."""
        ack = await super().deliver(payload, retry)
        if ack.answer:
            self._sent.append(ack.answer)
        return ack


@dataclass
class Stage:
    """Both stand-ins, with or without a running bot.

    Attributes:
        slack: Slack's stand-in.
        videosdk: VideoSDK's stand-in.
        settings: the bot's environment.
        bot: the current or last process.
        descriptors: the limit of file descriptors; None for the system's.
    """

    lab: "Lab"
    slack: Slack
    videosdk: VideoSDKStandIn
    settings: dict[str, str]
    bot: BotProcess = field(init=False)
    descriptors: int | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[BotProcess]:
        """Start the bot like a host, and set its address in Slack."""
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
        """The running bot's process, for measurements."""
        return psutil.Process(self.bot.process.pid)

    async def open(self, url: str) -> tuple[int, Any, str]:
        """Open a page, and return its status, headers and text."""
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            text = await answer.text()
            self.lab.pages.append(text)
            return answer.status, answer.headers, text


@dataclass
class Lab:
    """The state that all tests of the battery share.

    Attributes:
        size: how much of everything to run.
        core: the core that bots run on; None for any.
        secrets: the planted secrets, by description.
        inside: the folder with the sitecustomize that every bot loads.
        logs: the processes that have ended, with their output.
        sent: every message that the bots sent.
        pages: every page that they showed.
        links: the allowed targets of links in messages.
        chance: a random generator with a fixed seed.
    """

    size: Size = FULL
    core: int | None = None
    secrets: dict[str, str] = field(default_factory=lambda: dict(PLANTED))
    inside: Path = INSIDE
    logs: list[BotProcess] = field(default_factory=list)
    sent: list[Content] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    chance: random.Random = field(default_factory=lambda: random.Random(4711))  # noqa: S311 - reproducible, and no secret

    @asynccontextmanager
    async def stage(
        self, clock: Callable[[], float] = time.time, /, **changes: str | None
    ) -> AsyncIterator[Stage]:
        """Serve stand-ins, and yield them with the settings of a bot, with changes."""
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
        """Serve stand-ins with a running bot."""
        async with self.stage(**changes) as stage, stage.running():
            yield stage

    @web.middleware
    async def _note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Record what the bot posts: follow-ups and forms."""
        if request.path.startswith("/response/") or request.path.endswith("/views.open"):
            content = json_object(await request.read())
            self.sent.append(content or dict(await request.post()))
        return await handler(request)


def quiet_port() -> int:
    """Return a free port below the range of ephemeral ports, which starts at 32768."""
    while True:
        port = secrets.randbelow(12_000) + 20_000
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def slug(own_id: str | None) -> str:
    """Return the slug in a room's ID from the bot."""
    return re.sub(r"-[0-9a-f]{16}-[0-9a-f]{8}(-[0-9a-f]{4})?$", "", own_id or "")


def is_card(message: Content) -> bool:
    """Return whether an acknowledgement is a meeting's card."""
    public = message.get("response_type") == "in_channel"
    return public and "started a meeting" in message.get("text", "")


def written(bot: BotProcess) -> str:
    """Return a process's raw output."""
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in bot.log)

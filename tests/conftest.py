"""Fixtures for all tests: the stand-ins, and a block on outside connections."""

import asyncio
import gc
import importlib
import logging
import os
import secrets
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from bot.app import open_bot
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.public_address import HOST_VARIABLES
from bot.settings.settings import NAMES, Settings

pytest_plugins = ["tests.meetings", "tests.postgres"]

ROOT = Path(__file__).parent.parent
API_KEY = "0a1b2c3d-key"
SECRET_KEY = "5ec2e7" * 8
SIGNING_SECRET = "8f742231b10e8888abcd99baac75a5f1"
BOT_TOKEN = "xoxb-2345-6789-made-up"
APP_TOKEN = "xapp-1-A123-made-up"
NOBODY = "http://127.0.0.1:1"  # every connection is refused there
PORTS = range(20_000, 32_000)  # below those of outgoing connections, on Linux and macOS


def environment(**changes: str | None) -> dict[str, str]:
    """Return valid settings, with changes; None removes a setting."""
    settings = {
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_API_URL": f"{NOBODY}/api/",
        "VIDEOSDK_API_KEY": API_KEY,
        "VIDEOSDK_SECRET_KEY": SECRET_KEY,
        "VIDEOSDK_API_ENDPOINT": NOBODY,
        "PORT": "0",
    } | changes
    return {name: value for name, value in settings.items() if value is not None}


def pytest_configure() -> None:
    """Collect garbage rarely."""
    gc.set_threshold(100_000, 20, 20)


def pytest_collection_finish() -> None:
    """Leave what has been imported and collected by now to the end of the process."""
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Collect what the tests left once, before pytest does so three times."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _only_loopback() -> None:
    """Fail every attempt to connect to another machine."""
    sys.path.insert(0, str(ROOT / "tests" / "only_loopback"))
    sys.modules.pop("sitecustomize", None)
    importlib.import_module("sitecustomize")


@pytest.fixture(scope="session", autouse=True)
def _untraced() -> None:
    """Start processes without coverage, which is slow; `bot_process` can turn it on."""
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the settings in the environment of whoever runs the tests."""
    for name in list(os.environ):
        if name.upper() in {*NAMES, *HOST_VARIABLES} or name.startswith(("SLACK_", "VIDEOSDK_")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _fresh_log() -> Iterator[None]:
    """Reset logging after each test."""
    yield
    logging.disable(logging.NOTSET)
    logging.getLogger("bot").setLevel(logging.NOTSET)
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if type(handler) is logging.StreamHandler:
            root.removeHandler(handler)


@pytest.fixture
def videosdk_standin() -> VideoSDKStandIn:
    """A VideoSDK that knows API_KEY and SECRET_KEY; start it with `serve`."""
    return VideoSDKStandIn(API_KEY, SECRET_KEY)


@pytest.fixture
async def videosdk_url(videosdk_standin: VideoSDKStandIn) -> AsyncIterator[str]:
    """The address of the running VideoSDK stand-in."""
    async with serving(videosdk_standin.app) as url:
        yield url


@pytest.fixture
async def slack_standin() -> AsyncIterator[SlackStandIn]:
    """A running Slack with the app installed; the test sets the bot's address."""
    slack = SlackStandIn(SIGNING_SECRET, BOT_TOKEN, APP_TOKEN)
    async with serving(slack.app) as slack.url:
        yield slack


@pytest.fixture
async def slack(slack_standin: SlackStandIn, videosdk_url: str) -> AsyncIterator[SlackStandIn]:
    """A running Slack with a complete bot in this process, and a running VideoSDK."""
    settings = Settings.from_env(
        environment(
            SLACK_API_URL=f"{slack_standin.url}/api",
            VIDEOSDK_API_ENDPOINT=videosdk_url,
            JOIN_URL_TEMPLATE="https://meet.example.com/{meeting_id}",
        )
    )
    async with open_bot(settings) as bot:
        slack_standin.events_url = f"http://127.0.0.1:{bot.port}/slack/events"
        yield slack_standin


@dataclass(frozen=True)
class LiveSettings:
    """Settings for live cards: version 2 of VideoSDK's API, and an address for webhooks."""

    slack: SlackStandIn
    videosdk_url: str

    def environment(self, port: int, **changes: str | None) -> dict[str, str]:
        """Return the environment of a bot that listens on a port."""
        return environment(
            **{
                "SLACK_API_URL": f"{self.slack.url}/api",
                "VIDEOSDK_API_ENDPOINT": self.videosdk_url,
                "VIDEOSDK_API_VERSION": "v2",
                "VIDEOSDK_EMBED_URL": f"{self.videosdk_url}/embed/",
                "PUBLIC_URL": f"http://127.0.0.1:{port}",
                "PORT": str(port),
            }
            | changes
        )


@pytest.fixture
def live_settings(slack_standin: SlackStandIn, videosdk_url: str) -> LiveSettings:
    """The settings of bots with live cards."""
    return LiveSettings(slack_standin, videosdk_url)


@pytest.fixture
async def live_slack(
    live_settings: LiveSettings, videosdk_standin: VideoSDKStandIn
) -> AsyncIterator[SlackStandIn]:
    """A running Slack with a bot that has live cards."""
    port = free_port()
    async with open_bot(Settings.from_env(live_settings.environment(port))):
        live_settings.slack.events_url = f"http://127.0.0.1:{port}/slack/events"
        yield live_settings.slack
        await videosdk_standin.webhooks.disconnect()  # a stopping bot waits for idle connections


def free_port() -> int:
    """Return a free port that no outgoing connection can take in the meantime."""
    while True:
        port = secrets.choice(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
def bot_url(slack: SlackStandIn) -> str:
    """The address of the bot behind `slack`."""
    return slack.events_url.removesuffix("/slack/events")


@asynccontextmanager
async def serving(app: web.Application, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve an application on a free port of this machine, and yield its address."""
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        yield f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()

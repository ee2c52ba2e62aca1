"""What every test may use: the stand-ins, and a wall around this machine."""

import importlib
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.app import open_bot
from bot.sandbox.videosdk import VideoSDKStandIn
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
API_KEY = "0a1b2c3d-key"
SECRET_KEY = "5ec2e7" * 8
SIGNING_SECRET = "8f742231b10e8888abcd99baac75a5f1"
BOT_TOKEN = "xoxb-2345-6789-made-up"
APP_TOKEN = "xapp-1-A123-made-up"
NOBODY = "http://127.0.0.1:1"  # where every connection is refused


def environment(**changes: str | None) -> dict[str, str]:
    """Return the settings of a bot that can start, with changes; None takes one away."""
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


@pytest.fixture(scope="session", autouse=True)
def _only_loopback() -> None:
    """Fail whatever tries to leave this machine."""
    sys.path.insert(0, str(ROOT / "tests" / "only_loopback"))
    sys.modules.pop("sitecustomize", None)
    importlib.import_module("sitecustomize")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hide the settings of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith(("SLACK_", "VIDEOSDK_", "LOG_")) or name in {"PORT", "JOIN_URL_TEMPLATE"}:
            monkeypatch.delenv(name)
    yield


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
async def bot_url(videosdk_url: str) -> AsyncIterator[str]:
    """The address of a whole bot in this process, beside the VideoSDK stand-in."""
    settings = Settings.from_env(environment(VIDEOSDK_API_ENDPOINT=videosdk_url))
    async with open_bot(settings) as bot:
        yield f"http://127.0.0.1:{bot.port}"


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve an application on a free port of this machine and yield its address."""
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()

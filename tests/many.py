"""Run bots that any workspace can install, and install them like a browser."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape

import aiohttp

from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import HOME, Place
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import (
    API_KEY,
    SECRET_KEY,
    environment,
    free_port,
    serving,
)
from tests.sandbox.installing import CLIENT_ID, CLIENT_SECRET, installable

TOKEN_KEYS = "5a" * 32


@dataclass(frozen=True)
class Many:
    """Slack with its workspaces, and the settings of the bots that they can install.

    Attributes:
        slack: Slack's stand-in; its `events_url` selects the bot that gets payloads.
        videosdk: VideoSDK's stand-in, for all bots.
        settings: the settings of one bot, including `PORT` and `PUBLIC_URL`.
    """

    slack: SlackStandIn
    videosdk: VideoSDKStandIn
    settings: dict[str, str]

    @property
    def url(self) -> str:
        """The bot's address."""
        return self.settings["PUBLIC_URL"]

    @property
    def install_url(self) -> str:
        """The bot's install page."""
        return f"{self.url}/slack/install"

    def beside(self) -> dict[str, str]:
        """Return the settings of another process of the deployment, on another port."""
        return self.settings | {"PORT": str(free_port())}

    async def install(self, place: Place = HOME, url: str = "") -> str:
        """Install the app at a process, by default the settings' own, and return the last page."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            async with asyncio.timeout(10):
                while (page := await http.get(f"{url or self.url}/slack/install")).status == 503:
                    await asyncio.sleep(0.05)  # the database is being prepared
            cookie = page.headers["Set-Cookie"].partition(";")[0]
            found = re.search(r'href="([^"]*/oauth/v2/authorize[^"]*)"', await page.text())
            assert found
            form = {"place": place.id, "answer": "allow"}
            consent = http.post(unescape(found[1]), data=form, allow_redirects=False)
            async with consent as answer:
                back = answer.headers["Location"].replace(self.url, url or self.url)
            async with http.get(back, headers={"Cookie": cookie}) as page:
                return await page.text()

    async def say(self, line: str, place: Place = HOME) -> str:
        """Send a command, and return the texts of the answers."""
        return (await self.slack.command(line, team=place.id)).messages[-1].text


@asynccontextmanager
async def many(database_url: str, **changes: str | None) -> AsyncIterator[Many]:
    """Serve the stand-ins, and yield the settings for bots, with changes."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    slack = installable(f"{url}/slack/oauth_redirect")
    slack.events_url = f"{url}/slack/events"
    videosdk = VideoSDKStandIn(API_KEY, SECRET_KEY)
    async with serving(slack.app) as slack.url, serving(videosdk.app) as videosdk_url:
        settings = environment(
            **{
                "SLACK_BOT_TOKEN": None,
                "SLACK_CLIENT_ID": CLIENT_ID,
                "SLACK_CLIENT_SECRET": CLIENT_SECRET,
                "SLACK_API_URL": f"{slack.url}/api",
                "TOKEN_KEYS": TOKEN_KEYS,
                "DATABASE_URL": database_url,
                "PUBLIC_URL": url,
                "PORT": str(port),
                "VIDEOSDK_API_ENDPOINT": videosdk_url,
            }
            | changes
        )
        yield Many(slack, videosdk, settings)

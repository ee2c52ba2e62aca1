"""Browsers that sign in with Slack, at a bot with a public address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import HOME, Team
from bot.sandbox.slack.workspace import USERS, User
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, LiveSettings, serving
from tests.sandbox.installing import CLIENT_ID, CLIENT_SECRET, decide
from tests.web.joining import PUBLIC, JoinBot, Page, join_bot

BACK = f"{PUBLIC}/slack/sign_in"
MEMBER, FLOW = "__Host-meet-member", "__Host-meet-sign-in"
MAYA, JONAS = USERS[:2]
SIGN_IN = {
    "SIGN_IN": "optional",
    "SLACK_CLIENT_ID": CLIENT_ID,
    "SLACK_CLIENT_SECRET": CLIENT_SECRET,
}


@dataclass
class Browser:
    """A person's browser: it keeps the bot's cookies, and sends them back."""

    bot: JoinBot
    cookies: dict[str, str] = field(default_factory=dict)
    set: dict[str, str] = field(default_factory=dict)

    async def open(self, path: str, method: str = "GET", **more: str) -> Page:
        """Open an address of the bot."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = ({"Cookie": cookie} if cookie else {}) | more
        page = await self.bot.open(path.removeprefix(PUBLIC), method, headers=headers)
        self.set = {}
        for line in page.headers.getall("Set-Cookie", []):  # type: ignore[attr-defined]
            [(name, morsel)] = SimpleCookie(line).items()
            self.set[name] = line
            self.cookies[name] = morsel.value
            if not morsel.value:
                del self.cookies[name]
        return page

    async def to_slack(self, path: str) -> str:
        """Press "Join as you are in Slack" on a join page, and return Slack's address."""
        page = await self.open(f"{path}/sign-in")
        assert page.status == 302
        return page.headers["Location"]

    async def at_slack(
        self, address: str, who: User = MAYA, team: Team = HOME, answer: str = "allow"
    ) -> str:
        """Choose on Slack's page, and return the path that leads back."""
        back, query = await decide(address, user=who.id, team=team.id, answer=answer)
        assert back == BACK
        return f"{urlsplit(back).path}?{urlencode(query)}"

    async def sign_in(self, path: str, who: User = MAYA, team: Team = HOME) -> Page:
        """Sign in from a join page, and return the page that Slack redirects to."""
        page = await self.open(await self.at_slack(await self.to_slack(path), who, team))
        assert page.goes_to == path
        return await self.open(path)


@asynccontextmanager
async def sign_in_bot(
    videosdk_url: str, videosdk: VideoSDKStandIn, **changes: str | None
) -> AsyncIterator[JoinBot]:
    """Run a bot with Sign in with Slack, and a Slack stand-in with its app."""
    slack = SlackStandIn(
        SIGNING_SECRET,
        BOT_TOKEN,
        APP_TOKEN,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_urls=[BACK],
    )
    async with (
        serving(slack.app) as slack.url,
        join_bot(LiveSettings(slack, videosdk_url), videosdk, **(SIGN_IN | changes)) as bot,
    ):
        yield bot

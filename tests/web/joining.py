"""Browsers that open join links, at a bot with a public address."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import aiohttp
import jwt

from bot.app import open_bot
from bot.caching import shared
from bot.sandbox.slack.calls import SlackCall
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import ChannelMessage
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.derived_keys import links_key
from bot.settings.settings import Settings
from tests.conftest import LiveSettings

PUBLIC = "https://bot.example.com"
OURS = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Page:
    """A page as the browser got it."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def frame(self) -> str:
        """The URL in the frame; "" if there is none."""
        found = re.search(r'<iframe src="([^"]+)"', self.text)
        return unescape(found[1]) if found else ""

    @property
    def frame_query(self) -> dict[str, str]:
        """The query of the URL in the frame."""
        query = parse_qs(urlsplit(self.frame).query, strict_parsing=True)
        return {name: value for name, [value] in query.items()}

    @property
    def participant(self) -> str:
        """The participant ID of whoever joins from this page."""
        return self.frame_query["participantId"]

    @property
    def visitor(self) -> str:
        """The value of the cookie that the page sets; "" if none."""
        found = re.match("meet-visitor=([^;]*)", self.headers.get("Set-Cookie", ""))
        return found[1] if found else ""

    @property
    def title(self) -> str:
        """The page's heading."""
        return unescape(re.findall(r"<h1[^>]*>([^<]*)</h1>", self.text)[0])

    @property
    def paragraph(self) -> str:
        """The text of the page's paragraph."""
        return unescape(re.findall(r"<p>([^<]*)</p>", self.text)[0])

    @property
    def choices(self) -> dict[str, str]:
        """The values that the buttons send, by label."""
        found = re.findall(r'<button name="how" value="(\w+)">([^<]+)</button>', self.text)
        return {label: value for value, label in found}

    @property
    def goes_to(self) -> str:
        """The path that the browser is redirected to."""
        return self.headers["Location"].removeprefix(PUBLIC)


@dataclass
class JoinBot:
    """A running bot with a public address, and its stand-ins."""

    slack: SlackStandIn
    videosdk: VideoSDKStandIn
    settings: Settings
    url: str
    _since: set[str] = field(default_factory=set)

    async def start(self, line: str = "/meet standup", **where: str) -> ChannelMessage:
        """Start a meeting and return its card."""
        return (await self.slack.command(line, **where)).messages[-1]

    def link(self, card: ChannelMessage) -> str:
        """Return the path of a card's join link."""
        public = re.escape(str(self.settings.public_url))
        [path] = re.findall(rf"<{public}(/join/[^|>]+)\|join link>", card.text)
        return str(path)

    async def card_link(self, line: str = "/meet standup", **where: str) -> str:
        """Start a meeting and return the path of its join link."""
        return self.link(await self.start(line, **where))

    async def held(self, line: str = "/meet standup", **where: str) -> str:
        """Start and end a meeting with one person; return the path of its card's link."""
        path = await self.card_link(line, **where)
        await self.enter(path, "Ann", ago=600)
        self.leave_all()
        self.reset_counts()
        return path

    async def enter(self, path: str, name: str, ago: float = 0) -> str:
        """Join a meeting with a link, and return the participant's ID."""
        page = await self.open(path)
        return self.videosdk.join(page.frame_query["meetingId"], name, page.participant, ago=ago)

    def leave_all(self) -> None:
        """Make everybody leave every meeting."""
        for meeting_id in self.videosdk.meetings:
            for person in self.videosdk._sessions.present(meeting_id):
                self.videosdk.leave(meeting_id, person["participantId"])

    def reset_counts(self) -> None:
        """Count messages and requests from now on."""
        self._since = set(self.slack.workspace.messages)
        self.videosdk.requests.clear()

    @property
    def posted(self) -> list[ChannelMessage]:
        """The messages posted since `reset_counts`."""
        messages = self.slack.workspace.messages
        return [message for key, message in messages.items() if key not in self._since]

    @property
    def looked_up(self) -> int:
        """How many rooms were looked up since `reset_counts`."""
        paths = [request.path for request in self.videosdk.requests]
        return sum("/validate/" in path or "/v1/meetings/" in path for path in paths)

    def call(self, card: ChannelMessage) -> SlackCall:
        """Return a live card's call."""
        [block] = [block for block in card.blocks or [] if block["type"] == "call"]
        return self.slack.workspace.calls.get(block["call_id"])

    def calls(self) -> list[SlackCall]:
        """Return all calls, oldest first."""
        return list(self.slack.workspace.calls.by_id.values())

    def old_link(self, **claims: Any) -> str:
        """Return the path of a link in the form of version 1.0.0."""
        claims = {"exp": 2**32, "aud": "join"} | claims
        return f"/join/{jwt.encode(claims, links_key(self.settings), algorithm='HS256')}"

    async def open(
        self,
        path: str,
        method: str = "GET",
        *,
        visitor: str = "",
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | bytes | None = None,
    ) -> Page:
        """Request a page, or send its form."""
        cookie = {"Cookie": f"meet-visitor={visitor}"} if visitor else {}
        sent = {"User-Agent": "Mozilla/5.0"} | cookie | dict(headers or {})
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.request(
                method, self.url + path, headers=sent, data=form, allow_redirects=False
            ) as answer,
        ):
            return Page(answer.status, answer.headers, await answer.text())

    async def press(self, path: str, how: str = "again", **more: Any) -> Page:
        """Press a button on a page like a browser."""
        return await self.open(path, "POST", form={"how": how}, **({"headers": OURS} | more))


@asynccontextmanager
async def join_bot(
    live_settings: LiveSettings, videosdk: VideoSDKStandIn, **changes: str | None
) -> AsyncIterator[JoinBot]:
    """Run a bot that gets no webhooks, and so looks at its rooms each time.

    People don't join, leave and look at a page again within two seconds; tests do.
    """
    videosdk.listing_lag = 0
    videosdk.webhooks.paused = True
    embed = {"VIDEOSDK_EMBED_URL": "https://embed.example.com/ui/", "PUBLIC_URL": PUBLIC}
    settings = Settings.from_env(live_settings.environment(0, **(embed | changes)))
    slack = live_settings.slack
    with patch.object(shared, "SECONDS", 0):
        async with open_bot(settings) as running:
            url = f"http://127.0.0.1:{running.port}"
            slack.events_url = f"{url}/slack/events"
            yield JoinBot(slack, videosdk, settings, url)

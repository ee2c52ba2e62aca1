"""The page behind Join: one meeting, one person, one hour; and nothing for a bad link."""

import base64
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import jwt
import pytest

from bot.app import open_bot
from bot.parts import links_key
from bot.sandbox.faults import PRESETS
from bot.sandbox.slack import SlackStandIn
from bot.sandbox.videosdk import VideoSDKStandIn
from bot.settings import Settings
from tests.conftest import API_KEY, SECRET_KEY, environment

PUBLIC = "https://bot.example.com"


@dataclass
class Page:
    """What the browser got."""

    status: int
    headers: Any
    text: str

    @property
    def frame(self) -> str:
        """The address in the frame, "" if there is none."""
        found = re.search(r'<iframe src="([^"]+)"', self.text)
        return unescape(found[1]) if found else ""


@dataclass
class Bot:
    """A bot with a public address, which the tests reach behind it."""

    slack: SlackStandIn
    url: str

    async def card_link(self, line: str = "/meet standup") -> str:
        """Start a meeting and return the path of its join link."""
        card = (await self.slack.command(line)).messages[-1]
        [path] = re.findall(rf"<{PUBLIC}(/join/[^|>]+)\|join link>", card.text)
        return str(path)

    async def open(self, path: str) -> Page:
        """Open a page."""
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as answer:
            return Page(answer.status, answer.headers, await answer.text())


@pytest.fixture(params=["v1", "v2"])
async def bot(
    request: pytest.FixtureRequest, slack_standin: SlackStandIn, videosdk_url: str
) -> AsyncIterator[Bot]:
    settings = environment(
        SLACK_API_URL=f"{slack_standin.url}/api",
        VIDEOSDK_API_ENDPOINT=videosdk_url,
        VIDEOSDK_API_VERSION=request.param,
        VIDEOSDK_EMBED_URL="https://embed.example.com/ui/",
        PUBLIC_URL=PUBLIC,
    )
    async with open_bot(Settings.from_env(settings)) as running:
        url = f"http://127.0.0.1:{running.port}"
        slack_standin.events_url = f"{url}/slack/events"
        yield Bot(slack_standin, url)


async def test_join_opens_the_meeting_with_a_token_for_one_person(
    bot: Bot, videosdk_standin: VideoSDKStandIn
) -> None:
    page = await bot.open(await bot.card_link("/meet Weekly <b>sync</b>"))

    [meeting_id] = videosdk_standin.meetings
    asked = {name: value for name, [value] in parse_qs(urlsplit(page.frame).query).items()}
    claims = jwt.decode(asked["token"], SECRET_KEY, algorithms=["HS256"])
    assert page.status == 200
    assert "Weekly &lt;b&gt;sync&lt;/b&gt;" in page.text
    assert page.frame.startswith("https://embed.example.com/ui/?")
    assert (asked["meetingId"], asked["joinScreenEnabled"]) == (meeting_id, "true")
    assert claims["permissions"] == ["allow_join"]
    assert claims["roles"] == ["rtc"]
    assert (claims["roomId"], claims["participantId"]) == (meeting_id, asked["participantId"])
    assert claims["exp"] - claims["iat"] == 3600
    assert API_KEY not in page.text


async def test_the_pages_headers_let_nothing_else_in_and_nothing_out(bot: Bot) -> None:
    page = await bot.open(await bot.card_link())

    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'nonce-")
    assert "frame-src https://embed.example.com;" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert 'camera=(self "https://embed.example.com")' in page.headers["Permissions-Policy"]


@pytest.mark.parametrize("spoil", [lambda path: path[:-3] + "xyz", lambda _: "/join/a.b.c"])
async def test_a_bad_link_is_told_kindly_and_nothing_is_asked_or_minted(
    spoil: Any, bot: Bot, videosdk_standin: VideoSDKStandIn
) -> None:
    path = await bot.card_link()
    videosdk_standin.requests.clear()

    page = await bot.open(spoil(path))

    assert page.status == 404
    assert "This is not a join link" in page.text
    assert page.frame == ""
    assert videosdk_standin.requests == []


async def test_a_meeting_that_was_switched_off_says_so(
    bot: Bot, videosdk_standin: VideoSDKStandIn
) -> None:
    path = await bot.card_link()
    [meeting] = videosdk_standin.meetings.values()
    meeting["disabled"] = True

    page = await bot.open(path)

    assert (page.status, page.frame) == (410, "")
    assert "This meeting is no more" in page.text


async def test_a_videosdk_that_is_down_is_told_as_such(
    bot: Bot, videosdk_standin: VideoSDKStandIn
) -> None:
    path = await bot.card_link()
    videosdk_standin.faults.always(PRESETS["500"][1])

    page = await bot.open(path)

    assert (page.status, page.frame) == (503, "")
    assert "reload this page" in page.text


async def test_a_pasted_join_link_is_checked_like_an_id(bot: Bot) -> None:
    path = await bot.card_link("/meet standup eu001")

    told = (await bot.slack.command(f"/meet-check <{PUBLIC}{path}|join>")).messages[-1]

    assert "This meeting ID is valid" in told.text


async def test_an_old_link_says_how_to_get_a_new_one(
    bot: Bot, videosdk_standin: VideoSDKStandIn
) -> None:
    path = await bot.card_link()
    [_, claims, _] = path.rpartition("/")[2].split(".")
    carried = json.loads(base64.urlsafe_b64decode(claims + "=="))
    key = links_key(Settings.from_env(environment()))
    old = jwt.encode(carried | {"exp": 1795428000 - 10**8}, key, algorithm="HS256")
    videosdk_standin.requests.clear()

    page = await bot.open(f"/join/{old}")

    assert (page.status, page.frame) == (410, "")
    assert "too old" in page.text
    assert videosdk_standin.requests == []

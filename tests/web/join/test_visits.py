"""Many visitors share lookups, and every visit is logged and counted once."""

import asyncio
import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.caching import shared
from bot.links import Conversation, JoinLink
from bot.sandbox.faults import PRESETS
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.web.join import visits
from bot.web.join.visits import MAX_TOKENS, JoinVisits
from bot.workspace import Workspace
from tests.conftest import LiveSettings
from tests.web.joining import OURS, JoinBot, join_bot

TOKEN = "prometheus-0123456789abcdef"


@pytest.fixture
async def bot(
    live_settings: LiveSettings, videosdk_standin: VideoSDKStandIn, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[JoinBot]:
    async with join_bot(live_settings, videosdk_standin, METRICS_TOKEN=TOKEN) as bot:
        monkeypatch.setattr(shared, "SECONDS", 2.0)
        yield bot


async def counted(bot: JoinBot) -> dict[str, float]:
    """Return the counts of pages, by what they showed."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{bot.url}/metrics", headers=headers) as page,
    ):
        lines = (await page.text()).splitlines()
    series = [line for line in lines if line.startswith("join_pages_total{")]
    return {line.split('"')[1]: float(line.rpartition(" ")[2]) for line in series}


def sessions_asked(bot: JoinBot) -> int:
    """Return how often the sessions of a room were listed since the last reset_counts()."""
    return sum(request.path == "/v2/sessions/" for request in bot.videosdk.requests)


async def test_a_crowd_at_one_link_costs_as_much_as_one_visitor(bot: JoinBot) -> None:
    path = await bot.card_link()
    await bot.open(path)
    bot.reset_counts()
    await asyncio.sleep(0.5)  # the room's follower has its looks
    looks = sessions_asked(bot)

    pages = await asyncio.gather(*(bot.open(path) for _ in range(40)))

    assert len({page.participant for page in pages}) == 40
    assert bot.looked_up == 0
    assert sessions_asked(bot) - looks <= 2


async def test_a_result_is_reused_for_two_seconds(
    bot: JoinBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "SECONDS", 0.1)
    path = await bot.card_link()
    await bot.open(path)
    [meeting] = bot.videosdk.meetings.values()
    meeting["disabled"] = True

    await asyncio.sleep(0.15)

    assert (await bot.open(path)).status == 410


async def test_during_an_outage_a_crowd_shares_one_request(bot: JoinBot) -> None:
    path = await bot.card_link()
    bot.videosdk.faults.always(PRESETS["500"][1])
    bot.reset_counts()

    pages = await asyncio.gather(*(bot.open(path) for _ in range(20)))

    assert {page.status for page in pages} == {503}
    assert bot.looked_up <= 2  # tries of one call


async def test_a_room_whose_sessions_cannot_be_read_still_opens(bot: JoinBot) -> None:
    path = await bot.card_link()
    bot.videosdk.faults.always(PRESETS["500"][1], path="/v2/sessions")

    assert (await bot.open(path)).frame


async def test_a_link_mints_only_so_many_tokens_a_minute(
    bot: JoinBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "MAX_TOKENS", 3)
    path, other = await bot.card_link(), await bot.card_link("/meet retro")
    ahead = await bot.open(path, headers={"Sec-Purpose": "prefetch"})

    pages = [await bot.open(path) for _ in range(4)]

    assert [page.status for page in (ahead, *pages)] == [200] * 4 + [429]
    assert (pages[-1].title, pages[-1].frame) == ("Too many people at once", "")
    assert pages[-1].headers["Retry-After"] == "60"
    assert "reload this page in a minute" in pages[-1].paragraph
    assert (await bot.open(other)).status == 200


def test_after_a_minute_a_link_mints_again() -> None:
    now = 1000.0
    visits = JoinVisits(clock=lambda: now)
    link = JoinLink("87i6-bvw8-dtn1", "standup", None, Conversation(Workspace("T1"), "C1"), "U1")

    assert [visits.may_mint(link) for _ in range(MAX_TOKENS + 1)] == [True] * MAX_TOKENS + [False]
    now += 60

    assert visits.may_mint(link)


async def test_every_opened_page_is_one_line_of_the_log_and_one_count(
    bot: JoinBot, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "SECONDS", 0)
    caplog.set_level(logging.INFO)
    path = await bot.card_link()
    await bot.open(path)
    await bot.open(path, "HEAD")
    await bot.open(f"{path}x")
    await bot.press(path, headers={"Sec-Fetch-Site": "cross-site"})
    await bot.open(path, "POST", headers=OURS, form=b"x" * 300_000)
    held = await bot.held("/meet retro")
    await bot.open(held)
    await bot.press(held)
    bot.videosdk.faults.always(PRESETS["500"][1])
    await bot.open(path)

    seen = [vars(record) for record in caplog.records if record.message == "join page"]
    outcomes = [
        *("meeting", "preview", "not a link", "from another site", "too large"),
        *("meeting", "over", "started again", "unreachable"),
    ]
    assert [line["outcome"] for line in seen] == outcomes
    assert seen[0]["team"] == "T04LIGHTHS"
    assert "team" not in seen[2]
    assert (seen[-1]["levelname"], seen[-1]["cause"]) == ("WARNING", "VideoSDKBrokenError")
    assert await counted(bot) == {name: outcomes.count(name) for name in outcomes}

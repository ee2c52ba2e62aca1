"""The join page tells everyone who enters that a call is being transcribed."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.sandbox.faults import PRESETS
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import LiveSettings
from tests.slack.notes.taking import NotesBot
from tests.web.joining import JoinBot, join_bot

ON, UNKNOWN = "This call is being transcribed.", "This call may be transcribed."


@pytest.fixture
async def bot(
    live_settings: LiveSettings, videosdk_standin: VideoSDKStandIn
) -> AsyncIterator[JoinBot]:
    async with join_bot(live_settings, videosdk_standin, NOTES="transcript") as bot:
        yield bot


async def test_visitors_are_told_while_the_call_is_transcribed(
    bot: JoinBot,
) -> None:
    card = await bot.start()
    await bot.enter(bot.link(card), "Ann")
    assert ON not in (await bot.open(bot.link(card))).text

    bot.videosdk.listing_lag = 0.3
    notes = NotesBot(bot.slack, bot.videosdk, 0)
    await asyncio.sleep(0.3)
    await notes.take(card)
    assert (await bot.open(bot.link(card))).paragraph == ON
    bot.videosdk.listing_lag = 0

    await notes.shows("Taking notes")
    await notes.stop()
    assert ON not in (await bot.open(bot.link(card))).text


async def test_visitors_are_told_even_if_another_process_turned_it_on(bot: JoinBot) -> None:
    path = await bot.card_link()
    await bot.enter(path, "Ann")
    [room] = bot.videosdk.meetings
    bot.videosdk.transcriptions.start(room, None, has_summary=False)

    assert (await bot.open(path)).paragraph == ON


async def test_a_crowd_shares_one_lookup_and_is_told_if_it_fails(bot: JoinBot) -> None:
    path = await bot.card_link()
    bot.videosdk.faults.always(PRESETS["500"][1], path="/ai/")
    bot.reset_counts()

    pages = await asyncio.gather(*(bot.open(path) for _ in range(9)))

    assert {page.paragraph for page in pages} == {UNKNOWN}
    assert sum(one.path.startswith("/ai/") for one in bot.videosdk.requests) <= 4

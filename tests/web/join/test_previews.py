"""A link that is only looked at mints nothing and posts nothing; a browser's does."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import LiveSettings
from tests.web.joining import JoinBot, join_bot

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
AGENTS = [
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "WhatsApp/2.23.20.0 A",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    f"Mozilla/5.0 (Macintosh) {_WEBKIT} Safari/601.2.4 facebookexternalhit/1.1 Facebot",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Mastodon/4.3.0 (http.rb/5.2.0; +https://mastodon.example/)",
]
BROWSERS = [
    f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} Chrome/142.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} HeadlessChrome/142.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 13; CUBOT P80) {_WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 14) {_WEBKIT} Chrome/142.0.0.0 Telegram-Android/11.3.3 (Samsung)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148 [Pinterest/iOS]",
    f"Mozilla/5.0 (Macintosh) {_WEBKIT} Slack/4.41.105 Chrome/130.0.0.0 Electron/33.0.1",
]


@pytest.fixture
async def bot(
    live_settings: LiveSettings, videosdk_standin: VideoSDKStandIn
) -> AsyncIterator[JoinBot]:
    async with join_bot(live_settings, videosdk_standin) as bot:
        yield bot


async def test_a_preview_gets_the_name_and_nothing_else(bot: JoinBot) -> None:
    named, unnamed = await bot.card_link(), await bot.card_link("/meet")
    bot.reset_counts()

    for agent in AGENTS:
        page = await bot.open(named, headers={"User-Agent": agent})
        assert (page.status, page.title) == (200, "standup"), agent
        assert (page.frame, page.visitor, page.choices) == ("", "", {}), agent
        assert page.paragraph == "A video meeting. Open this link in a browser to join."
    assert (await bot.open(unnamed, headers={"User-Agent": AGENTS[0]})).title == "This meeting"
    assert (bot.looked_up, bot.posted) == (0, [])


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Purpose": "preview"},
        {"X-Moz": "prefetch"},
    ],
)
async def test_a_prefetch_mints_nothing(headers: dict[str, str], bot: JoinBot) -> None:
    for path in (await bot.card_link(), await bot.held()):
        bot.reset_counts()
        page = await bot.open(path, headers=headers)
        assert (page.status, page.frame, page.visitor, page.choices) == (200, "", "", {})
        assert (bot.looked_up, bot.posted) == (0, [])


async def test_a_head_request_mints_nothing(bot: JoinBot) -> None:
    path = await bot.card_link()
    bot.reset_counts()

    page = await bot.open(path, "HEAD")

    assert (page.status, page.text, page.visitor) == (200, "", "")
    assert (bot.looked_up, bot.posted) == (0, [])
    assert (await bot.open(path[:-3] + "xyz", "HEAD")).status == 404


async def test_a_persons_browser_gets_in_whatever_app_it_is_in(bot: JoinBot) -> None:
    path = await bot.card_link()

    for agent in BROWSERS:
        assert (await bot.open(path, headers={"User-Agent": agent})).frame, agent
    assert (await bot.open(path, headers={"User-Agent": ""})).frame

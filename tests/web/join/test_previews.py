"""Link previews mint no token and post nothing; a person's browser gets a token."""

import re
from collections.abc import AsyncIterator
from html import unescape

import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import LiveSettings
from tests.web.joining import JoinBot, Page, join_bot
from tests.web.sign_in.signing_in import sign_in_bot

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
        assert page.paragraph == "Nobody's in it right now. Open this link in a browser to join."
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


async def test_a_persons_browser_gets_in_inside_any_app(bot: JoinBot) -> None:
    path = await bot.card_link()

    for agent in BROWSERS:
        assert (await bot.open(path, headers={"User-Agent": agent})).frame, agent
    assert (await bot.open(path, headers={"User-Agent": ""})).frame


def tags(page: Page) -> dict[str, str]:
    """Return a page's Open Graph and Twitter tags."""
    found = re.findall(
        r'<meta (?:property|name)="((?:og|twitter):\w+)" content="([^"]*)">', page.text
    )
    return {name: unescape(text) for name, text in found}


async def test_other_programs_show_the_name_and_the_meetings_state(bot: JoinBot) -> None:
    card = await bot.start('/meet "R&D <b>"')
    path, crawler = bot.link(card), {"User-Agent": AGENTS[0]}
    meeting_id = (await bot.open(path)).frame_query["meetingId"]

    async def seen() -> dict[str, str]:
        return tags(await bot.open(path, headers=crawler))

    at_first = await seen()
    people = [await bot.enter(path, name, ago=600) for name in ("Ann", "Ben")]
    live, opened = await seen(), await bot.open(path)
    bot.videosdk.leave(meeting_id, people[0])
    bot.videosdk.leave(meeting_id, people[1])

    joins = "Open this link in a browser to join."
    assert at_first == {
        "og:type": "website",
        "og:site_name": "Meet",
        "og:title": "R&D <b>",
        "og:description": f"Nobody's in it right now. {joins}",
        "twitter:card": "summary",
        "twitter:title": "R&D <b>",
        "twitter:description": f"Nobody's in it right now. {joins}",
    }
    assert live["og:description"] == f"Live now · 2 people. {joins}"
    assert tags(opened)["twitter:description"] == "Live now · 2 people."
    assert opened.frame_query["token"] not in str(tags(opened))
    over = "This meeting has ended. Open this link to start it again."
    assert (await seen())["og:description"] == over
    assert tags(await bot.open(path))["og:title"] == "R&D <b> has ended"


async def test_while_videosdk_is_down_a_preview_has_the_name(bot: JoinBot) -> None:
    path = await bot.card_link()
    bot.videosdk.faults.always(Fault(500))

    page = await bot.open(path, headers={"User-Agent": AGENTS[0]})

    assert (page.status, page.title) == (200, "standup")
    assert page.paragraph == "A video meeting. Open this link in a browser to join."


async def test_where_signing_in_is_required_a_preview_mints_nothing_either(
    videosdk_url: str, videosdk_standin: VideoSDKStandIn
) -> None:
    async with sign_in_bot(videosdk_url, videosdk_standin, SIGN_IN="required") as bot:
        page = await bot.open(await bot.card_link(), headers={"User-Agent": AGENTS[0]})

        assert (page.title, page.frame, page.visitor) == ("standup", "", "")


async def test_plain_cards_have_a_preview_with_the_name(
    live_settings: LiveSettings, videosdk_standin: VideoSDKStandIn
) -> None:
    async with join_bot(live_settings, videosdk_standin, LIVE_CARDS="off") as bot:
        page = await bot.open(await bot.card_link(), headers={"User-Agent": AGENTS[0]})

        assert tags(page)["og:title"] == "standup"
        assert page.paragraph == "A video meeting. Open this link in a browser to join."

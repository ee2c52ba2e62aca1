"""Pasted join links show the live call; other links stay as they are."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.links import SignedLinks
from bot.sandbox.faults import Fault
from bot.sandbox.slack.teams import BAKERY
from bot.sandbox.slack.workspace import CHANNELS, USERS
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.derived_keys import links_key
from tests.conftest import LiveSettings, until
from tests.web.joining import PUBLIC, JoinBot, join_bot

STANDUP, PRIVATE = (channel.id for channel in CHANNELS[:2])
MAYA = USERS[0].id
DOMAIN = "bot.example.com"


@pytest.fixture
async def bot(
    live_settings: LiveSettings, videosdk_standin: VideoSDKStandIn
) -> AsyncIterator[JoinBot]:
    """A bot with live cards, with its domain in the app's manifest."""
    async with join_bot(live_settings, videosdk_standin) as bot:
        bot.slack.unfurl_domains = [DOMAIN]
        yield bot


async def paste(
    bot: JoinBot, text: str, channel: str = PRIVATE, **where: Any
) -> tuple[dict[str, Any], ...]:
    """Send a message, and return the blocks that unfurl below it."""
    message = await bot.slack.say(channel, text, user=MAYA, **where)
    return (
        bot.slack.tenants.of(where.get("team", "T04LIGHTHS")).workspace.messages[message.id].unfurls
    )


def called(bot: JoinBot) -> int:
    return [method for method, _ in bot.slack.api_calls].count("chat.unfurl")


async def test_a_pasted_link_shows_the_live_call_from_its_start_to_its_end(bot: JoinBot) -> None:
    card = await bot.start()
    link = PUBLIC + bot.link(card)

    below = [await paste(bot, f"Join us: {link} now", channel) for channel in (PRIVATE, STANDUP)]

    call = bot.call(card)
    assert [[block["call_id"] for block in blocks] for blocks in below] == [[call.id]] * 2
    await bot.enter(bot.link(card), "Ann")
    await bot.slack.command("/meet standup")
    await until(lambda: [one.name for one in bot.call(card).participants] == ["Ann"])


async def test_a_link_of_an_older_card_shows_the_current_call(bot: JoinBot) -> None:
    old = await bot.held()
    new = await bot.start()
    await bot.enter(bot.link(new), "Ann")

    [block] = await paste(bot, PUBLIC + old)

    assert block["call_id"] == bot.call(new).id


async def test_several_links_in_a_message_each_show_their_call(bot: JoinBot) -> None:
    cards = [await bot.start(line) for line in ("/meet standup", "/meet retro")]
    links = [PUBLIC + bot.link(card) for card in cards]

    blocks = await paste(bot, " or ".join([*links, links[0]]))

    assert {block["call_id"] for block in blocks} == {bot.call(card).id for card in cards}
    assert len(blocks) == 2
    assert called(bot) == 1


async def test_a_link_whose_meeting_is_over_shows_that(bot: JoinBot) -> None:
    old = await bot.held()
    await bot.open(old)  # which makes the bot look
    await until(lambda: bot.calls()[0].ended_at)

    [block] = await paste(bot, PUBLIC + old)

    assert block["call_id"] == bot.calls()[0].id


async def test_while_videosdk_is_down_a_link_shows_its_own_call(bot: JoinBot) -> None:
    card = await bot.start()
    bot.videosdk.faults.always(Fault(500), path="/v2/sessions")

    [block] = await paste(bot, PUBLIC + bot.link(card))

    assert block["call_id"] == bot.call(card).id


async def test_the_composer_shows_a_preview(bot: JoinBot) -> None:
    card = await bot.start()
    link = PUBLIC + bot.link(card)

    [block] = await bot.slack.compose(f"{link} and https://example.org", user=MAYA)

    assert block["call_id"] == bot.call(card).id


async def test_an_event_as_slack_sent_it_before_2021_is_answered_too(bot: JoinBot) -> None:
    card = await bot.start()
    link = PUBLIC + bot.link(card)
    bot.slack.unfurl_domains = []
    message = await bot.slack.say(STANDUP, link, user=MAYA)
    bot.slack.tenants.home.unfurls.sent(message, [DOMAIN])

    await bot.slack.event(
        {
            "type": "link_shared",
            "channel": STANDUP,
            "message_ts": message.id,
            "links": [{"domain": DOMAIN, "url": link}],
        }
    )

    assert bot.slack.workspace.messages[message.id].unfurls


async def test_foreign_altered_and_expired_links_stay_links(bot: JoinBot) -> None:
    card = await bot.start()
    good = PUBLIC + bot.link(card)
    link = SignedLinks(PUBLIC, links_key(bot.settings)).find(good)
    assert link is not None
    old = SignedLinks(PUBLIC, links_key(bot.settings), clock=lambda: 0.0).url(link)
    foreign = SignedLinks(PUBLIC, b"another" * 5).url(link)

    for url in (
        old,
        foreign,
        f"{good}x",
        f"{good}/sign-in",
        good.replace("/join/", "/joined/"),
        good.replace("https://", "https://www."),
        f"{PUBLIC}/healthz",
        PUBLIC + bot.old_link(m="87i6-bvw8-dtn1", c="R0OLD"),
    ):
        bot.slack.unfurl_domains = [DOMAIN, f"www.{DOMAIN}"]
        assert await paste(bot, url) == ()
    assert called(bot) == 0


async def test_a_link_that_is_pasted_in_another_workspace_stays_a_link(bot: JoinBot) -> None:
    card = await bot.start()
    bot.slack.installs.add(BAKERY, MAYA, ["links:read", "links:write"], "xoxb-bakery")

    assert await paste(bot, PUBLIC + bot.link(card), team=BAKERY) == ()

    assert called(bot) == 0


async def test_without_the_scopes_links_stay_links_and_the_log_says_once_what_to_do(
    bot: JoinBot, caplog: pytest.LogCaptureFixture
) -> None:
    card = await bot.start()
    link = PUBLIC + bot.link(card)

    bot.slack.scopes = {"commands", "calls:write", "links:read"}
    for _ in range(2):
        assert await paste(bot, link) == ()
    bot.slack.scopes = {"commands", "calls:write"}
    assert await paste(bot, link) == ()

    [record] = [one for one in caplog.records if one.getMessage() == "link not unfurled"]
    assert "add links:write" in record.__dict__["advice"]


@pytest.mark.parametrize(
    "fault", [Fault(500), Fault(200, json.dumps({"ok": False, "error": "cannot_x"}).encode())]
)
async def test_a_failing_slack_is_not_asked_again(
    bot: JoinBot, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    card = await bot.start()
    bot.slack.faults.always(fault, path="chat.unfurl")

    assert await paste(bot, PUBLIC + bot.link(card)) == ()

    assert called(bot) == 1
    assert "link not unfurled" in caplog.messages


async def test_plain_cards_links_are_left_to_the_pages_own_preview(
    live_settings: LiveSettings, videosdk_standin: VideoSDKStandIn
) -> None:
    async with join_bot(live_settings, videosdk_standin, LIVE_CARDS="off") as bot:
        bot.slack.unfurl_domains = [DOMAIN]
        assert await paste(bot, PUBLIC + await bot.card_link()) == ()
        assert called(bot) == 0

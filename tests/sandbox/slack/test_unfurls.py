"""Slack tells the app about links to its domain, and shows its unfurls or says why not."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import CHANNELS, USERS, ChannelMessage
from tests.conftest import BOT_TOKEN, serving
from tests.sandbox.bots import TinyBot, call

STANDUP = CHANNELS[0].id
MAYA = USERS[0].id
URL = "https://meet.example.com/join/x"
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "standup"}}


@pytest.fixture
async def bot(slack_standin: SlackStandIn) -> AsyncIterator[TinyBot]:
    """A bot that acknowledges, and whose app has a domain."""
    bot = TinyBot()
    slack_standin.unfurl_domains = ["meet.example.com"]
    async with serving(bot.app) as url:
        slack_standin.events_url = f"{url}/slack/events"
        yield bot


def asked(bot: TinyBot) -> dict[str, Any]:
    """Return the last event that the bot got."""
    event: dict[str, Any] = json.loads(bot.received[-1].body)["event"]
    return event


async def unfurl(slack: SlackStandIn, **fields: Any) -> str:
    """Call chat.unfurl, and return its error."""
    form = {name: one if isinstance(one, str) else json.dumps(one) for name, one in fields.items()}
    answer, _ = await call(slack, "chat.unfurl", BOT_TOKEN, form)
    return str(answer.get("error", ""))


async def sent(slack: SlackStandIn) -> ChannelMessage:
    return await slack.say(STANDUP, f"{URL} and https://example.org/", user=MAYA)


async def test_links_in_a_sent_message_can_be_unfurled_in_two_ways(
    slack_standin: SlackStandIn, bot: TinyBot
) -> None:
    message = await sent(slack_standin)

    event = asked(bot)
    unfurl_id = event.pop("unfurl_id")
    assert event == {
        "type": "link_shared",
        "channel": STANDUP,
        "is_bot_user_member": False,
        "user": MAYA,
        "message_ts": message.id,
        "source": "conversations_history",
        "links": [{"url": URL, "domain": "meet.example.com"}],
    }
    unfurls = {URL: {"blocks": [SECTION]}}
    shown = slack_standin.workspace.messages
    assert await unfurl(slack_standin, channel=STANDUP, ts=message.id, unfurls=unfurls) == ""
    assert [block["type"] for block in shown[message.id].unfurls] == ["section"]
    named = {"unfurl_id": unfurl_id, "source": "conversations_history"}
    assert await unfurl(slack_standin, **named, unfurls=unfurls) == ""
    assert len(shown[message.id].unfurls) == 1


async def test_the_composer_is_in_no_channel(slack_standin: SlackStandIn, bot: TinyBot) -> None:
    assert await slack_standin.compose("look", user=MAYA) == []
    assert await slack_standin.compose(f"look: {URL}", user=MAYA) == []

    event = asked(bot)
    assert (event["channel"], event["source"]) == ("COMPOSER", "composer")
    assert event["message_ts"] == event["unfurl_id"]
    assert event["unfurl_id"].startswith(f"{MAYA}-")
    named = {"unfurl_id": event["unfurl_id"], "source": "composer"}
    assert await unfurl(slack_standin, **named, unfurls={URL: {"blocks": [SECTION]}}) == ""
    [block] = slack_standin.tenants.home.unfurls.preview(event["unfurl_id"])
    assert block["type"] == "section"


async def test_the_app_gets_links_to_its_domain_only_with_the_scope(
    slack_standin: SlackStandIn, bot: TinyBot
) -> None:
    await slack_standin.say(STANDUP, "https://example.org/", user=MAYA)
    slack_standin.scopes = {"links:write"}
    await sent(slack_standin)
    slack_standin.installs.by_place.clear()
    await sent(slack_standin)

    assert bot.received == []


async def test_invalid_unfurls_are_rejected(slack_standin: SlackStandIn, bot: TinyBot) -> None:
    message = await sent(slack_standin)
    good: dict[str, Any] = {
        "unfurl_id": asked(bot)["unfurl_id"],
        "source": "conversations_history",
        "unfurls": {URL: {"blocks": [SECTION]}},
    }
    for changes, error in (
        ({"unfurl_id": ""}, "missing_unfurl_id"),
        ({"source": ""}, "missing_source"),
        ({"unfurl_id": "U0-x"}, "invalid_unfurl_id"),
        ({"source": "composer"}, "invalid_source"),
        ({"unfurl_id": "", "source": ""}, "missing_argument"),
        ({"unfurl_id": "", "source": "", "channel": "C0", "ts": "1"}, "cannot_find_message"),
        ({"unfurls": {}}, "missing_unfurls"),
        ({"unfurls": "{"}, "invalid_unfurls_format"),
        ({"unfurls": {"https://example.org/": {"blocks": [SECTION]}}}, "cannot_unfurl_url"),
        ({"unfurls": {URL: {"text": "standup"}}}, "cannot_parse_attachment"),
        ({"unfurls": {URL: "standup"}}, "cannot_parse_attachment"),
        ({"unfurls": {URL: {"blocks": [{"type": "no"}]}}}, "cannot_parse_attachment"),
    ):
        assert await unfurl(slack_standin, **good | changes) == error
    slack_standin.scopes = {"links:read"}
    assert await unfurl(slack_standin, **good) == "missing_scope"
    assert slack_standin.workspace.messages[message.id].unfurls == ()

"""Mentioned people are invited by the card and, if that's on, by direct message."""

import json
import logging
from collections.abc import AsyncIterator

import pytest

from bot.app import open_bot
from bot.sandbox.faults import Fault
from bot.sandbox.slack.delivered import Delivered
from bot.sandbox.slack.payloads import slash_command
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import HOME
from bot.sandbox.slack.workspace import CHANNELS, USERS, ChannelMessage
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.settings import Settings
from bot.slack.direct_messages import MAX_MESSAGES
from bot.slack.listeners.shortcuts import ANYWHERE
from tests.conftest import LiveSettings, environment, free_port, until

ANN, BEN, ZOE = (user.id for user in USERS)
BEN_NAME, ZOE_NAME = (user.handle for user in USERS[1:])
PRIVATE = CHANNELS[1].id
POSTED = "chat.postMessage"
UPDATE = (
    "Please ask whoever set me up to update my Slack app with my manifest: I need `chat:write` and "
    "the Messages tab."
)
NOT_ALLOWED = "I can't send direct messages here, so only the card invites {both}."


@pytest.fixture
async def messaging(slack_standin: SlackStandIn, videosdk_url: str) -> AsyncIterator[SlackStandIn]:
    """A Slack stand-in with a bot that sends direct messages to invited people."""
    settings = environment(
        SLACK_API_URL=f"{slack_standin.url}/api",
        VIDEOSDK_API_ENDPOINT=videosdk_url,
        JOIN_URL_TEMPLATE="https://meet.example.com/{meeting_id}",
        INVITES="message",
    )
    async with open_bot(Settings.from_env(settings)) as bot:
        slack_standin.events_url = f"http://127.0.0.1:{bot.port}/slack/events"
        yield slack_standin


def card(delivery: Delivered) -> ChannelMessage:
    """Return the card that a command started."""
    assert delivery.error == ""
    return next(one for one in delivery.messages if one.kind == "app")


def title(message: ChannelMessage) -> str:
    return str((message.blocks or [])[0]["text"]["text"])


def facts(message: ChannelMessage) -> str:
    """Return a card's text below the title."""
    return next(str(b["text"]["text"]) for b in message.blocks or [] if b["type"] == "section")


def private_lines(slack: SlackStandIn) -> list[ChannelMessage]:
    """Return the bot's private messages."""
    messages = slack.workspace.messages.values()
    return [one for one in messages if one.kind == "app" and one.visible_to]


def direct_messages(slack: SlackStandIn) -> dict[str, list[ChannelMessage]]:
    """Return the bot's direct messages by person."""
    found: dict[str, list[ChannelMessage]] = {}
    for message in slack.workspace.messages.values():
        channel = slack.workspace.channels[message.channel]
        if channel.kind == "app":
            found.setdefault(channel.members[0], []).append(message)
    return found


def posts(slack: SlackStandIn) -> int:
    return [name for name, _ in slack.api_calls].count(POSTED)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("/meet standup @{b} @{z}", "standup"),
        ("/meet @{b}, @{z}", "Meeting"),
        ("/meet Review with @{b} and @{z} us001", "Review"),
        ("/meet @{b} @{b} Review @{z} @maya", "Review"),
    ],
)
async def test_the_card_mentions_the_invited_people(
    line: str, name: str, slack: SlackStandIn
) -> None:
    shown = card(await slack.command(line.format(b=BEN_NAME, z=ZOE_NAME)))

    invited = f"<@{BEN}>, <@{ZOE}>"
    assert title(shown) == name
    assert facts(shown) == f"<@{ANN}> started a meeting.\nInvited: {invited}"
    assert f"<@{ANN}> started a meeting. Invited: {invited}. Meeting ID" in shown.text
    assert (posts(slack), private_lines(slack)) == (0, [])


async def test_the_room_is_the_same_with_and_without_people(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    for line in ("/meet standup", "/meet standup with @jonas", "/meet @priya: standup"):
        await slack.command(line)

    assert len(videosdk_standin.meetings) == 1


async def test_a_mention_in_a_name_is_text_and_so_is_a_mention_of_everyone(
    slack: SlackStandIn,
) -> None:
    about = card(await slack.command("/meet lunch @jonas cooks"))
    everybody = card(await slack.command("/meet @here @channel #team-standup <!channel>"))

    assert title(about) == "lunch @jonas cooks"
    assert facts(about) == f"<@{ANN}> started a meeting."
    assert title(everybody) == "@here @channel #team-standup <!channel>"
    assert everybody.text.startswith("@here @channel #team-standup &lt;!channel&gt;: <@U")
    assert facts(everybody) == f"<@{ANN}> started a meeting."


async def test_inviting_yourself_invites_nobody(slack: SlackStandIn) -> None:
    shown = card(await slack.command("/meet standup @maya"))

    assert (title(shown), facts(shown)) == ("standup", f"<@{ANN}> started a meeting.")


async def test_too_many_people_are_an_error_before_anything_happens(
    slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    people = " ".join(f"<@U{number:05}|p{number}>" for number in range(21))
    payload = slash_command(USERS[0], CHANNELS[0], f"/meet {people}", f"{slack.url}/response/x")

    answer = (await slack.deliver(payload)).answer

    assert answer["response_type"] == "ephemeral"
    assert answer["text"] == (
        "I can invite at most 20 people at once, and that's 21. So I haven't done anything. "
        "Please mention fewer."
    )
    assert videosdk_standin.meetings == {}


async def test_a_mistake_suggests_a_command_with_the_people(slack: SlackStandIn) -> None:
    region = card(await slack.command("/meet us001 standup with @jonas"))
    option = card(await slack.command("/meet --now @jonas"))

    assert "it goes last: `/meet @jonas standup us001`." in region.text
    assert "in quotes: `/meet @jonas &quot;--now&quot;`".replace("&quot;", '"') in option.text
    assert "type `/meet help`" in option.text


async def test_an_older_manifest_gets_a_private_hint_after_the_card(slack: SlackStandIn) -> None:
    slack.escaped = set()

    delivery = await slack.command("/meet standup @jonas us001")

    assert title(card(delivery)) == "standup @jonas"
    await until(lambda: private_lines(slack))
    [hint] = private_lines(slack)
    assert hint.visible_to == ANN
    assert hint.text == (
        "Slack didn't tell me who `@jonas` is, so I didn't invite them and kept it in the name. "
        "To invite somebody, pick them from the list that Slack shows after an @. If you did, "
        "please ask whoever set me up to update my Slack app with my new manifest."
    )


async def test_a_name_with_an_at_gets_no_hint(slack: SlackStandIn) -> None:
    for line in ("/meet lunch @ noon", '/meet "lunch @joes"', "/meet @here", "/meet a@b.example"):
        await slack.command(line)

    assert private_lines(slack) == []


async def test_the_form_invites_people(slack: SlackStandIn) -> None:
    await slack.shortcut(ANYWHERE)
    view = slack.views.of(ANN)
    assert view

    values = {"name": "Review", "people": [BEN, ANN, ZOE], "conversation": PRIVATE}
    shown = card(await slack.submit(view["id"], values))

    assert facts(shown) == f"<@{ANN}> started a meeting.\nInvited: <@{BEN}>, <@{ZOE}>"


async def test_people_get_the_card_by_direct_message(messaging: SlackStandIn) -> None:
    shown = card(await messaging.command("/meet standup with @jonas @priya", channel=PRIVATE))

    await until(lambda: len(direct_messages(messaging)) == 2)
    sent = direct_messages(messaging)
    assert sent.keys() == {BEN, ZOE}
    [message] = sent[BEN]
    assert title(message) == title(shown)
    assert facts(message) == f"<@{ANN}> invites you to this meeting."
    assert message.text.startswith(f"standup: <@{ANN}> invites you to this meeting. Meeting ID")
    said = json.dumps(message.blocks)
    assert "https://meet.example.com/" in said
    assert "End for everyone" not in said
    assert private_lines(messaging) == []


async def test_a_live_cards_call_is_in_the_direct_message(live_settings: LiveSettings) -> None:
    port = free_port()
    settings = live_settings.environment(port, INVITES="message")
    async with open_bot(Settings.from_env(settings)):
        slack = live_settings.slack
        slack.events_url = f"http://127.0.0.1:{port}/slack/events"
        await slack.command("/meet standup @jonas")
        await until(lambda: direct_messages(slack))

    [call] = slack.workspace.calls.by_id
    [message] = direct_messages(slack)[BEN]
    assert (message.blocks or [])[0]["call_id"] == call


async def test_a_command_that_is_delivered_again_sends_no_second_messages(
    messaging: SlackStandIn,
) -> None:
    line = f"/meet standup <@{BEN}|jonas>"
    payload = slash_command(USERS[0], CHANNELS[0], line, f"{messaging.url}/response/x")

    for _ in range(3):
        await messaging.deliver(payload)
    await until(lambda: direct_messages(messaging))

    assert posts(messaging) == 1


async def test_an_answer_does_not_wait_for_direct_messages(messaging: SlackStandIn) -> None:
    messaging.faults.always(Fault(delay=0.3), path=POSTED)

    delivery = await messaging.command("/meet standup @jonas @priya")

    assert delivery.ms < 300
    assert posts(messaging) <= 1


async def test_a_bot_that_stops_sends_its_messages_first(
    slack_standin: SlackStandIn, videosdk_url: str
) -> None:
    settings = environment(
        SLACK_API_URL=f"{slack_standin.url}/api",
        VIDEOSDK_API_ENDPOINT=videosdk_url,
        INVITES="message",
    )
    async with open_bot(Settings.from_env(settings)) as bot:
        slack_standin.events_url = f"http://127.0.0.1:{bot.port}/slack/events"
        await slack_standin.command("/meet standup @jonas @priya")

    assert direct_messages(slack_standin).keys() == {BEN, ZOE}


@pytest.mark.parametrize(
    ("prepare", "tries", "told"),
    [
        (
            lambda slack: slack.scopes.remove("chat:write"),
            1,
            f"{NOT_ALLOWED} {UPDATE}",
        ),
        (
            lambda slack: setattr(slack.workspace, "messages_tab", False),
            1,
            NOT_ALLOWED,
        ),
        (
            lambda slack: slack.faults.always(Fault(reset=True), path=POSTED),
            2,
            "My direct message to {both} may not have arrived. Please tell them yourself.",
        ),
    ],
)
async def test_the_inviter_is_told_about_messages_that_were_not_sent(
    prepare: object,
    tries: int,
    told: str,
    messaging: SlackStandIn,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    assert callable(prepare)
    prepare(messaging)

    await messaging.command("/meet standup @jonas @priya")
    await until(lambda: private_lines(messaging))

    [line] = private_lines(messaging)
    assert line.visible_to == ANN
    assert line.text.startswith(told.format(both=f"<@{BEN}>, <@{ZOE}>"))
    assert posts(messaging) == tries
    [record] = [one for one in caplog.records if one.message == "invitations not sent"]
    assert getattr(record, "people", 0) == 2


async def test_bots_and_strangers_cannot_be_messaged_but_others_are(
    messaging: SlackStandIn,
) -> None:
    await messaging.shortcut(ANYWHERE)
    view = messaging.views.of(ANN)
    assert view
    people = [HOME.bot_user_id, "U04ELSEWHERE", BEN]
    await messaging.submit(view["id"], {"people": people, "conversation": PRIVATE})
    await until(lambda: private_lines(messaging))

    [told] = private_lines(messaging)
    assert f"<@{HOME.bot_user_id}>, <@U04ELSEWHERE> may not have arrived" in told.text
    assert direct_messages(messaging).keys() == {BEN}


async def test_a_person_sends_at_most_forty_messages_an_hour(messaging: SlackStandIn) -> None:
    for _ in range(MAX_MESSAGES // 2):
        await messaging.command("/meet @jonas @priya")
    await messaging.command("/meet standup @jonas")
    await until(lambda: private_lines(messaging))

    [told] = private_lines(messaging)
    assert told.text == (
        "You've invited 40 people by direct message in the last hour, the most I allow. The "
        "others are only mentioned on the card."
    )
    await until(lambda: posts(messaging) == MAX_MESSAGES)
    await messaging.command("/meet standup @maya", user=BEN)
    await until(lambda: ANN in direct_messages(messaging))


@pytest.mark.parametrize("escaped", [set(), {"/meet", "/meet-check"}])
async def test_links_and_names_are_read_in_both_of_slacks_forms(
    escaped: set[str], slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    slack.escaped = escaped

    shown = card(await slack.command("/meet R&D about example.com in #team-standup"))
    [meeting_id] = videosdk_standin.meetings
    link = f"https://meet.example.com/{meeting_id}?a=1&b=2"
    checked = card(await slack.command(f"/meet-check see {link}."))

    assert title(shown) == "R&D about example.com in #team-standup"
    assert f"Meeting ID {meeting_id}" in checked.text

"""Commands and clicks reach the bot, and its answers appear, like in Slack."""

import asyncio

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.faults import Fault
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import HOME
from bot.sandbox.slack.workspace import CHANNELS, USERS, Block, ChannelMessage
from tests.conftest import APP_TOKEN, BOT_TOKEN, NOBODY, SIGNING_SECRET
from tests.sandbox.bots import TinyBot
from tests.sandbox.modals import MODAL, option

ANN, BEN = (user.id for user in USERS[:2])
PUBLIC, PRIVATE, DIRECT = (channel.id for channel in CHANNELS)
CARD = {"response_type": "in_channel", "text": "card"}


def buttons(block_id: str, *labels: str) -> Block:
    elements = [
        {"type": "button", "action_id": label, "text": {"type": "plain_text", "text": label}}
        for label in labels
    ]
    return {"type": "actions", "block_id": block_id, "elements": elements}


@pytest.fixture
def message(slack_standin: SlackStandIn) -> ChannelMessage:
    """An ephemeral message to Ann with three buttons."""
    blocks = [{"type": "divider"}, buttons("b1", "join", "share"), buttons("b2", "share")]
    return slack_standin.workspace.post(PUBLIC, "app", "hi", blocks=blocks, visible_to=ANN)


async def test_a_public_answer_shows_the_command_and_the_answer(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    tiny_bot.ack = CARD
    delivery = await slack_standin.command("/meet standup us001", user=BEN, channel=PRIVATE)

    echo, card = slack_standin.workspace.messages.values()
    assert (echo.kind, echo.user, echo.text) == ("command", BEN, "/meet standup us001")
    assert (card.kind, card.visible_to, card.text) == ("app", None, "card")
    assert {echo.channel, card.channel} == {PRIVATE}
    assert (delivery.status, delivery.error) == (200, "")
    assert delivery.messages == [echo, card]


async def test_the_payload_has_the_user_the_text_and_the_channel(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    await slack_standin.command("/meet-check abc", user=BEN, channel=DIRECT)

    [received] = tiny_bot.received
    payload = received.payload
    assert (payload["command"], payload["text"]) == ("/meet-check", "abc")
    assert (payload["user_id"], payload["channel_name"]) == (BEN, "directmessage")
    assert payload["response_url"].startswith(f"{slack_standin.url}/response/")


async def test_a_follow_up_can_come_before_the_acknowledgement_and_after(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    tiny_bot.first, tiny_bot.ack = {"text": "first"}, "second"
    delivery = await slack_standin.command("/meet")
    assert await tiny_bot.respond({"text": "third"}) == (200, "ok")

    assert [message.text for message in delivery.messages] == ["first", "second", "third"]


async def test_a_sixth_follow_up_is_rejected(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    delivery = await slack_standin.command("/meet")
    status, _ = await tiny_bot.respond(CARD, times=6)

    assert status == 404
    assert len(delivery.messages) == 5


async def test_a_late_acknowledgement_shows_as_a_timeout(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    tiny_bot.release.clear()
    delivery = await slack_standin.command("/meet standup")

    assert (delivery.status, delivery.error) == (None, "operation_timeout")
    assert 3000 <= delivery.ms < 4000
    [message] = delivery.messages
    assert (message.kind, message.visible_to) == ("error", ANN)
    assert message.text == '/meet failed with the error "operation_timeout"'


@pytest.mark.parametrize("url", ["", f"{NOBODY}/slack/events"])
async def test_an_unreachable_bot_shows_as_a_failure(slack_standin: SlackStandIn, url: str) -> None:
    slack_standin.events_url = url
    delivery = await slack_standin.command("/meet-check x")

    assert delivery.error == "dispatch_failed"
    assert delivery.messages[0].text == '/meet-check failed with the error "dispatch_failed"'


async def test_invalid_blocks_show_as_an_error(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    tiny_bot.ack = {**CARD, "blocks": [{"type": "divider"}] * 51}
    delivery = await slack_standin.command("/meet")

    assert (delivery.status, delivery.error) == (200, "invalid_blocks")
    assert [message.kind for message in delivery.messages] == ["error"]


async def test_slack_may_reject_a_call_in_public_answers(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    call = slack_standin.workspace.calls.add("room:0", "https://meet.example.com", ANN)
    tiny_bot.ack = {**CARD, "blocks": [{"type": "call", "call_id": call.id}]}
    shown = await slack_standin.command("/meet")
    slack_standin.oddities.refuses_call_block = True
    refused = await slack_standin.command("/meet")
    status, text = await tiny_bot.respond(tiny_bot.ack)
    plain, _ = await tiny_bot.respond(CARD)

    assert [message.kind for message in shown.messages] == ["command", "app"]
    assert (refused.status, refused.error) == (200, "invalid_blocks")
    assert [message.kind for message in refused.messages] == ["error", "app"]
    assert (status, plain) == (400, 200)
    assert "call: not in answers" in text
    tiny_bot.ack = {**tiny_bot.ack, "response_type": "ephemeral"}
    assert (await slack_standin.command("/meet")).error == ""


async def test_an_unknown_command_is_not_sent(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    delivery = await slack_standin.command("/meat loaf")

    assert delivery.error == "unknown_command"
    assert delivery.messages[0].text.startswith("/meat is not a valid command.")
    assert delivery.messages[0].visible_to == ANN
    assert not tiny_bot.received


async def test_commands_can_have_another_name() -> None:
    slack = SlackStandIn(SIGNING_SECRET, BOT_TOKEN, APP_TOKEN, command="/vmeet")

    assert (await slack.command("/meet")).error == "unknown_command"
    assert (await slack.command("/vmeet-check")).error == "dispatch_failed"


async def test_a_click_sends_the_button_and_ignores_text_in_the_acknowledgement(
    slack_standin: SlackStandIn, tiny_bot: TinyBot, message: ChannelMessage
) -> None:
    tiny_bot.ack = CARD
    delivery = await slack_standin.click(message, "join")

    [received] = tiny_bot.received
    [action] = received.payload["actions"]
    assert (action["block_id"], action["action_id"]) == ("b1", "join")
    assert received.payload["container"]["message_ts"] == message.id
    assert received.payload["channel"]["id"] == message.channel
    assert (delivery.status, delivery.error, delivery.messages) == (200, "", [])


async def test_a_click_can_be_answered_by_response_url(
    slack_standin: SlackStandIn, tiny_bot: TinyBot, message: ChannelMessage
) -> None:
    tiny_bot.first = {"replace_original": True, "text": "after"}
    delivery = await slack_standin.click(message, "share", block_id="b2")

    assert tiny_bot.received[0].payload["actions"][0]["block_id"] == "b2"
    assert [one.text for one in delivery.messages] == ["after"]
    assert slack_standin.workspace.messages[message.id].text == "after"


async def test_a_failed_click_posts_no_message(
    slack_standin: SlackStandIn, tiny_bot: TinyBot, message: ChannelMessage
) -> None:
    tiny_bot.status = 500
    delivery = await slack_standin.click(message, "join")

    assert (delivery.status, delivery.error) == (500, "dispatch_failed")
    assert list(slack_standin.workspace.messages) == [message.id]


@pytest.mark.parametrize(
    ("action_id", "user", "block_id"),
    [("leave", ANN, ""), ("join", ANN, "b2"), ("join", BEN, "")],
)
async def test_an_invisible_button_cannot_be_pressed(
    slack_standin: SlackStandIn, message: ChannelMessage, action_id: str, user: str, block_id: str
) -> None:
    with pytest.raises(LookupError):
        await slack_standin.click(message, action_id, user=user, block_id=block_id)


async def test_an_option_of_a_menu_can_be_chosen(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    menu = {"type": "overflow", "action_id": "more", "options": [option("end"), option("mute")]}
    blocks = [{"type": "actions", "block_id": "b1", "elements": [menu]}]
    message = slack_standin.workspace.post(PUBLIC, "app", "card", blocks=blocks)
    await slack_standin.click(message, "more", value="mute")

    [action] = tiny_bot.received[0].payload["actions"]
    assert (action["type"], action["selected_option"]) == ("overflow", option("mute"))
    with pytest.raises(LookupError):
        await slack_standin.click(message, "more", value="leave")


async def test_a_messages_shortcut_is_answered_in_its_thread(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    message = slack_standin.tenants.home.say(PRIVATE, "lunch & more?", user=ANN)
    tiny_bot.first = {**CARD, "thread_ts": message.id}
    delivery = await slack_standin.shortcut("start_here", message, user=BEN)

    payload = tiny_bot.received[0].payload
    assert (payload["type"], payload["callback_id"]) == ("message_action", "start_here")
    assert (payload["user"]["id"], payload["channel"]["id"]) == (BEN, PRIVATE)
    assert (payload["message_ts"], payload["message"]["user"]) == (message.id, ANN)
    assert payload["message"]["text"] == "lunch &amp; more?"
    [reply] = delivery.messages
    assert (reply.channel, reply.thread, reply.text) == (PRIVATE, message.id, "card")


async def test_a_private_message_has_no_shortcuts(
    slack_standin: SlackStandIn, message: ChannelMessage
) -> None:
    with pytest.raises(LookupError):
        await slack_standin.shortcut("start_here", message)


@pytest.fixture
async def view_id(slack_standin: SlackStandIn, tiny_bot: TinyBot) -> str:
    """The ID of a modal that is open for Ben after a global shortcut in the private channel."""
    await slack_standin.shortcut("new_meeting", user=BEN, channel=PRIVATE)
    payload = tiny_bot.received.pop().payload
    assert (payload["type"], payload["callback_id"]) == ("shortcut", "new_meeting")
    client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack_standin.url}/api/")
    answer = await client.views_open(trigger_id=payload["trigger_id"], view=MODAL)
    return str(answer["view"]["id"])


async def test_a_submitted_modal_closes_and_can_be_answered_in_the_chosen_channel(
    slack_standin: SlackStandIn, tiny_bot: TinyBot, view_id: str
) -> None:
    delivery = await slack_standin.submit(view_id, {"name": "x", "region": "us"}, user=BEN)

    payload = tiny_bot.received[0].payload
    values = payload["view"]["state"]["values"]
    assert (payload["type"], payload["user"]["id"]) == ("view_submission", BEN)
    assert values["name"]["name-input"]["value"] == "x"
    assert payload["view"]["app_installed_team_id"] == HOME.id
    [place] = payload["response_urls"]
    assert (place["block_id"], place["action_id"]) == ("channel", "channel-input")
    assert place["channel_id"] == PRIVATE
    assert slack_standin.views.of(BEN) is None
    async with aiohttp.ClientSession() as session:
        await session.post(place["response_url"], json=CARD)
    assert [(one.channel, one.text) for one in delivery.messages] == [(PRIVATE, "card")]
    with pytest.raises(LookupError):
        await slack_standin.submit(view_id, {}, user=BEN)


async def test_a_modal_with_errors_stays_open(
    slack_standin: SlackStandIn, tiny_bot: TinyBot, view_id: str
) -> None:
    assert (await slack_standin.submit(view_id, {}, user=BEN)).errors.keys() == {"region"}
    assert not tiny_bot.received
    tiny_bot.ack = {"response_action": "errors", "errors": {"name": "Too odd."}}
    delivery = await slack_standin.submit(view_id, {"region": "eu"}, user=BEN)

    assert (delivery.error, delivery.errors) == ("", {"name": "Too odd."})
    tiny_bot.ack = {"response_action": "dance"}
    delivery = await slack_standin.submit(view_id, {"region": "eu"}, user=BEN)
    assert (delivery.status, delivery.error) == (200, "dispatch_failed")
    tiny_bot.status = 500
    delivery = await slack_standin.submit(view_id, {"region": "eu"}, user=BEN)
    assert (delivery.status, delivery.error) == (500, "dispatch_failed")
    assert slack_standin.views.of(BEN)


@pytest.mark.parametrize("ack", ["", {"response_action": "errors", "errors": {"name": "Odd."}}])
async def test_an_answer_to_an_earlier_modal_leaves_a_newer_one_open(
    slack_standin: SlackStandIn, tiny_bot: TinyBot, view_id: str, ack: str | dict[str, object]
) -> None:
    tiny_bot.ack = ack
    tiny_bot.release.clear()
    sent = asyncio.create_task(slack_standin.submit(view_id, {"region": "eu"}, user=BEN))
    async with asyncio.timeout(5):
        while not tiny_bot.received:
            await asyncio.sleep(0.01)
    client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack_standin.url}/api/")
    trigger_id = tiny_bot.received[0].payload["trigger_id"]
    newer = await client.views_open(trigger_id=trigger_id, view=MODAL)
    tiny_bot.release.set()
    await sent

    assert slack_standin.views.of(BEN) == newer["view"]


async def test_a_message_without_blocks_has_no_buttons(slack_standin: SlackStandIn) -> None:
    message = slack_standin.workspace.post(PUBLIC, "app", "hi")

    with pytest.raises(LookupError):
        await slack_standin.click(message, "join")


async def test_a_test_can_wait_for_a_message(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    await slack_standin.command("/meet")
    follow_ups = asyncio.create_task(tiny_bot.respond({"text": "hello"}, times=2))
    messages = await slack_standin.messages_until(lambda messages: len(messages) == 2)
    await follow_ups

    assert [message.text for message in messages] == ["hello", "hello"]


async def test_a_test_can_wait_for_a_call(slack_standin: SlackStandIn) -> None:
    calls = slack_standin.workspace.calls
    call = calls.add("room:0", "https://meet.example.com", ANN)
    asyncio.get_running_loop().call_later(0.01, calls.end, call.id, 60)

    [ended] = await slack_standin.calls_until(lambda calls: calls[0].ended_at is not None)
    assert ended.duration == 60


async def test_waiting_times_out(slack_standin: SlackStandIn) -> None:
    with pytest.raises(TimeoutError):
        await slack_standin.messages_until(bool, seconds=0.01)
    with pytest.raises(TimeoutError):
        await slack_standin.calls_until(bool, seconds=0.01)


async def test_the_bots_calls_can_have_faults_and_are_in_the_journal(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    await slack_standin.command("/meet")
    slack_standin.faults.plan(Fault(status=503, body=b"busy"), path="/response")

    assert await tiny_bot.respond({"text": "hello"}) == (503, "busy")
    exchange = slack_standin.journal.exchanges[-1]
    assert (exchange.source, exchange.target, exchange.status) == ("bot", "Slack", 503)
    assert exchange.path == "/response/…"


async def test_the_mode_is_described_in_words(slack_standin: SlackStandIn) -> None:
    assert slack_standin.mode == "Socket Mode"
    slack_standin.events_url = NOBODY
    assert (slack_standin.events_url, slack_standin.mode) == (NOBODY, "HTTP")

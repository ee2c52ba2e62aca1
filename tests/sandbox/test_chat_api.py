"""A bot posts where it is a member, and into threads that there can be."""

import json
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackStandIn
from bot.sandbox.workspace import CHANNELS, USERS, Message
from tests.conftest import BOT_TOKEN
from tests.sandbox.bots import call

ANN = USERS[0].id
PUBLIC, PRIVATE, DIRECT = (channel.id for channel in CHANNELS)


@pytest.fixture
def client(slack_standin: SlackStandIn) -> AsyncWebClient:
    slack_standin.scopes.add("chat:write")
    slack_standin.workspace.joined.add(PUBLIC)
    return AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack_standin.url}/api/")


@pytest.fixture
def parent(slack_standin: SlackStandIn) -> Message:
    return slack_standin.workspace.post(PUBLIC, "user", "shall we talk?", user=ANN)


async def test_a_message_can_be_a_reply(
    slack_standin: SlackStandIn, client: AsyncWebClient, parent: Message
) -> None:
    blocks = [{"type": "divider"}]
    answer = await client.chat_postMessage(
        channel=PUBLIC, text="yes", blocks=blocks, thread_ts=parent.id
    )

    reply = slack_standin.workspace.messages[answer["ts"]]
    assert (reply.kind, reply.thread, reply.visible_to) == ("app", parent.id, None)
    assert (reply.text, (reply.blocks or [])[0]["type"]) == ("yes", "divider")
    assert answer["channel"] == PUBLIC


async def test_a_message_can_be_for_one_person(
    slack_standin: SlackStandIn, client: AsyncWebClient
) -> None:
    answer = await client.chat_postEphemeral(channel=PUBLIC, user=ANN, text="psst")

    message = slack_standin.workspace.messages[answer["message_ts"]]
    assert (message.visible_to, message.thread) == (ANN, None)


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"text": "x"}, "missing_argument"),
        ({"channel": "C0", "text": "x"}, "channel_not_found"),
        ({"channel": PRIVATE, "text": "x"}, "channel_not_found"),
        ({"channel": DIRECT, "text": "x"}, "channel_not_found"),
        ({"channel": PUBLIC}, "no_text"),
        ({"channel": PUBLIC, "blocks": "["}, "invalid_blocks_format"),
        ({"channel": PUBLIC, "blocks": json.dumps([{"type": "x"}])}, "invalid_blocks"),
        ({"channel": PUBLIC, "text": "x", "thread_ts": "17.5"}, "cannot_reply_to_message"),
    ],
)
@pytest.mark.usefixtures("client")
async def test_a_refusal_has_slacks_name(
    slack_standin: SlackStandIn, form: dict[str, Any], error: str
) -> None:
    answer, _ = await call(slack_standin, "chat.postMessage", BOT_TOKEN, form)

    assert answer["error"] == error
    if error == "invalid_blocks":
        assert answer["response_metadata"]["messages"][0].startswith("blocks[0]: x")


async def test_a_bot_must_be_invited_and_its_reader_exist(
    slack_standin: SlackStandIn, client: AsyncWebClient
) -> None:
    form = {"channel": PUBLIC, "text": "x", "user": "U0"}
    answer, _ = await call(slack_standin, "chat.postEphemeral", BOT_TOKEN, form)
    assert answer["error"] == "user_not_in_channel"

    slack_standin.workspace.joined = {DIRECT}
    answer, _ = await call(slack_standin, "chat.postMessage", client.token, form)
    assert answer["error"] == "not_in_channel"
    answer, _ = await call(
        slack_standin, "chat.postMessage", client.token, {**form, "channel": DIRECT}
    )
    assert answer["ok"]

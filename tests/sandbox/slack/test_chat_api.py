"""A bot can post where it is allowed to, reply in threads, and change its own messages."""

import json
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import BAKERY, HOME
from bot.sandbox.slack.workspace import CHANNELS, USERS, ChannelMessage
from tests.conftest import BOT_TOKEN
from tests.sandbox.bots import TinyBot, call

ANN = USERS[0].id
PUBLIC, PRIVATE, DIRECT = (channel.id for channel in CHANNELS)
DIVIDER = {"type": "divider", "block_id": "line"}


@pytest.fixture
def client(slack_standin: SlackStandIn) -> AsyncWebClient:
    slack_standin.workspace.joined.add(PUBLIC)
    return AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack_standin.url}/api/")


@pytest.fixture
def parent(slack_standin: SlackStandIn) -> ChannelMessage:
    return slack_standin.workspace.post(PUBLIC, "user", "shall we talk?", user=ANN)


async def test_a_message_can_be_a_reply(
    slack_standin: SlackStandIn, client: AsyncWebClient, parent: ChannelMessage
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


async def test_a_users_id_leads_to_the_messages_between_them_and_the_app(
    slack_standin: SlackStandIn, client: AsyncWebClient
) -> None:
    answer = await client.chat_postMessage(channel=ANN, text="psst")

    channel = slack_standin.workspace.channels[answer["channel"]]
    assert (channel.kind, channel.members, channel.payload_name) == (
        "app",
        (ANN,),
        "directmessage",
    )
    slack_standin.workspace.messages_tab = False
    with pytest.raises(SlackApiError, match="messages_tab_disabled"):
        await client.chat_postMessage(channel=ANN, text="psst")
    with pytest.raises(SlackApiError, match="cannot_dm_bot"):
        await client.chat_postMessage(channel=HOME.bot_user_id, text="psst")
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await client.chat_postMessage(channel="U04ELSEWHERE", text="psst")


async def test_a_registered_call_can_be_posted_to_several_channels(
    slack_standin: SlackStandIn, client: AsyncWebClient
) -> None:
    known = slack_standin.workspace.calls.add("room:0", "https://meet.example.com", ANN)
    slack_standin.workspace.joined.add(PRIVATE)
    slack_standin.scopes.add("calls:read")
    for channel in (PUBLIC, PRIVATE):
        await client.chat_postMessage(
            channel=channel, text="card", blocks=[{"type": "call", "call_id": known.id}]
        )

    info = await client.calls_info(id=known.id)
    assert info["call"]["channels"] == sorted([PUBLIC, PRIVATE])
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        await client.chat_postMessage(
            channel=PUBLIC, text="card", blocks=[{"type": "call", "call_id": "R0"}]
        )


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
async def test_errors_have_slacks_names(
    slack_standin: SlackStandIn, form: dict[str, Any], error: str
) -> None:
    answer, _ = await call(slack_standin, "chat.postMessage", BOT_TOKEN, form)

    assert answer["error"] == error
    if error == "invalid_blocks":
        assert answer["response_metadata"]["messages"][0].startswith("blocks[0]: x")


@pytest.mark.parametrize(
    ("scopes", "channel", "joined", "error"),
    [
        ({"chat:write", "chat:write.public"}, PUBLIC, False, None),
        ({"chat:write", "chat:write.public"}, PRIVATE, False, "channel_not_found"),
        ({"chat:write", "chat:write.public"}, DIRECT, False, "channel_not_found"),
        ({"chat:write"}, PUBLIC, False, "not_in_channel"),
        ({"chat:write"}, PRIVATE, False, "channel_not_found"),
        ({"chat:write"}, PUBLIC, True, None),
        ({"chat:write"}, DIRECT, True, None),
        ({"chat:write.public"}, PUBLIC, True, "missing_scope"),
    ],
)
async def test_a_bot_can_post_where_it_is_a_member_and_with_a_scope_in_public_channels(
    slack_standin: SlackStandIn,
    scopes: set[str],
    channel: str,
    *,
    joined: bool,
    error: str | None,
) -> None:
    slack_standin.scopes = scopes
    slack_standin.workspace.joined = {channel} if joined else set()
    form = {"channel": channel, "text": "x"}
    answer, _ = await call(slack_standin, "chat.postMessage", BOT_TOKEN, form)

    assert (answer["ok"], answer.get("error")) == (error is None, error)


async def test_an_ephemeral_message_needs_a_member_and_an_existing_reader(
    slack_standin: SlackStandIn,
) -> None:
    form = {"channel": PUBLIC, "text": "x", "user": "U0"}
    answer, _ = await call(slack_standin, "chat.postEphemeral", BOT_TOKEN, form)
    assert answer["error"] == "user_not_in_channel"

    form["user"] = ANN
    answer, _ = await call(slack_standin, "chat.postEphemeral", BOT_TOKEN, form)
    assert answer["error"] == "not_in_channel"


async def test_scopes_in_one_workspace_do_not_apply_in_another(
    slack_standin: SlackStandIn,
) -> None:
    bakery = slack_standin.installs.add(BAKERY, "U1", {"chat:write"})
    token = slack_standin.installs.issue(bakery, None).access
    form = {"channel": PUBLIC, "text": "x"}

    assert (await call(slack_standin, "chat.postMessage", BOT_TOKEN, form))[0]["ok"]
    answer, _ = await call(slack_standin, "chat.postMessage", token, form)
    assert answer["error"] == "not_in_channel"


async def test_a_message_can_be_updated_and_deleted(
    slack_standin: SlackStandIn, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel=PUBLIC, text="one", blocks=[DIVIDER])
    ts, messages = posted["ts"], slack_standin.workspace.messages
    answer = await client.chat_update(channel=PUBLIC, ts=ts, text="two")
    assert (answer["ts"], answer["channel"], answer["text"]) == (ts, PUBLIC, "two")
    assert (messages[ts].text, messages[ts].blocks) == ("two", [DIVIDER])

    other = {**DIVIDER, "block_id": "other"}
    await client.chat_update(channel=PUBLIC, ts=ts, text="three", blocks=[other])
    assert messages[ts].blocks == [other]
    await client.chat_update(channel=PUBLIC, ts=ts, text="four", blocks=[])
    assert (messages[ts].text, messages[ts].blocks) == ("four", None)

    answer = await client.chat_delete(channel=PUBLIC, ts=ts)
    assert (answer["channel"], answer["ts"]) == (PUBLIC, ts)
    assert not messages
    with pytest.raises(SlackApiError, match="message_not_found"):
        await client.chat_delete(channel=PUBLIC, ts=ts)


@pytest.mark.usefixtures("client")
async def test_a_bot_can_change_only_its_own_public_messages(
    slack_standin: SlackStandIn, parent: ChannelMessage
) -> None:
    form = {"channel": PUBLIC, "user": ANN, "text": "x"}
    posted, _ = await call(slack_standin, "chat.postMessage", BOT_TOKEN, form)
    private, _ = await call(slack_standin, "chat.postEphemeral", BOT_TOKEN, form)
    refusals = [
        ({"ts": posted["ts"]}, "missing_argument"),
        ({"channel": PUBLIC}, "missing_argument"),
        ({"channel": PRIVATE, "ts": posted["ts"]}, "channel_not_found"),
        ({"channel": PUBLIC, "ts": "17.5"}, "message_not_found"),
        ({"channel": PUBLIC, "ts": private["message_ts"]}, "message_not_found"),
    ]
    for method in ("update", "delete"):
        theirs = ({"channel": PUBLIC, "ts": parent.id}, f"cant_{method}_message")
        for fields, error in (*refusals, theirs):
            arguments = {**fields, "text": "y"}
            answer, _ = await call(slack_standin, f"chat.{method}", BOT_TOKEN, arguments)
            assert answer["error"] == error

    slack_standin.workspace.joined = {PUBLIC, PRIVATE}
    arguments = {"channel": PRIVATE, "ts": posted["ts"], "text": "y"}
    answer, _ = await call(slack_standin, "chat.update", BOT_TOKEN, arguments)
    assert answer["error"] == "message_not_found"
    arguments = {"channel": PUBLIC, "ts": posted["ts"]}
    answer, _ = await call(slack_standin, "chat.update", BOT_TOKEN, arguments)
    assert answer["error"] == "no_text"


async def test_slack_may_allow_changing_answers_too(
    slack_standin: SlackStandIn, tiny_bot: TinyBot, client: AsyncWebClient
) -> None:
    tiny_bot.ack = {"response_type": "in_channel", "text": "card"}
    echo, card = (await slack_standin.command("/meet")).messages
    with pytest.raises(SlackApiError, match="cant_update_message"):
        await client.chat_update(channel=PUBLIC, ts=card.id, text="after")
    slack_standin.oddities.updates_answers = True
    await client.chat_update(channel=PUBLIC, ts=card.id, text="after")
    with pytest.raises(SlackApiError, match="cant_delete_message"):
        await client.chat_delete(channel=PUBLIC, ts=echo.id)

    assert slack_standin.workspace.messages[card.id].text == "after"


async def test_an_update_takes_4000_characters_of_text(
    slack_standin: SlackStandIn, client: AsyncWebClient, parent: ChannelMessage
) -> None:
    posted = await client.chat_postMessage(channel=PUBLIC, text="x" * 50_000, thread_ts=parent.id)
    await client.chat_update(channel=PUBLIC, ts=posted["ts"], text="y" * 4000)

    with pytest.raises(SlackApiError, match="msg_too_long"):
        await client.chat_update(channel=PUBLIC, ts=posted["ts"], text="y" * 4001)

    assert len(slack_standin.workspace.messages[posted["ts"]].text) == 4000


async def test_whoever_invites_the_bot_lets_it_into_a_private_channel(
    slack_standin: SlackStandIn, client: AsyncWebClient
) -> None:
    await slack_standin.command("/invite @Meet", channel=PRIVATE)

    await client.chat_postMessage(channel=PRIVATE, text="hello")

"""Payloads reach the bot by Socket Mode, through its sockets in turn."""

import asyncio
import logging
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.faults import Fault
from bot.sandbox.slack.standin import SlackStandIn
from tests.conftest import APP_TOKEN, BOT_TOKEN
from tests.sandbox.bots import call, socket_to


async def acknowledge(socket: ClientWebSocketResponse, **answer: Any) -> dict[str, Any]:
    """Receive an envelope, acknowledge it, and return it."""
    envelope: dict[str, Any] = await socket.receive_json()
    await socket.send_json({"envelope_id": envelope["envelope_id"], **answer})
    return envelope


async def test_a_command_is_sent_in_an_envelope_and_answered_in_the_ack(
    slack_standin: SlackStandIn,
) -> None:
    async with socket_to(slack_standin) as socket:
        command = asyncio.create_task(slack_standin.command("/meet standup"))
        envelope = await acknowledge(socket, payload={"text": "hello"})
        delivery = await command

    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert (envelope["payload"]["command"], envelope["payload"]["text"]) == ("/meet", "standup")
    assert (delivery.status, delivery.error) == (200, "")
    assert [message.text for message in delivery.messages] == ["hello"]


async def test_a_click_is_sent_in_an_envelope_that_accepts_no_answer(
    slack_standin: SlackStandIn,
) -> None:
    button = {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "A"}}
    block = {"type": "actions", "block_id": "b", "elements": [button]}
    channel = next(iter(slack_standin.workspace.channels))
    message = slack_standin.workspace.post(channel, "app", "hi", blocks=[block])
    async with socket_to(slack_standin) as socket:
        click = asyncio.create_task(slack_standin.click(message, "a"))
        envelope = await acknowledge(socket, payload={"text": "ignored"})
        delivery = await click

    assert (envelope["type"], envelope["accepts_response_payload"]) == ("interactive", False)
    assert envelope["payload"]["type"] == "block_actions"
    assert (delivery.error, delivery.messages) == ("", [])


async def test_a_submitted_modal_accepts_an_answer(slack_standin: SlackStandIn) -> None:
    async with socket_to(slack_standin) as socket:
        sent = asyncio.create_task(slack_standin.deliver({"type": "view_submission"}))
        envelope = await acknowledge(socket, payload={"response_action": "clear"})
        ack = await sent

    assert (envelope["type"], envelope["accepts_response_payload"]) == ("interactive", True)
    assert ack.answer == {"response_action": "clear"}


async def test_sockets_take_turns(slack_standin: SlackStandIn) -> None:
    async with socket_to(slack_standin) as one, socket_to(slack_standin) as other:
        assert slack_standin.sockets.connected == 2
        for socket in (one, other, one):
            command = asyncio.create_task(slack_standin.command("/meet"))
            await acknowledge(socket)
            assert (await command).error == ""


async def test_a_socket_to_be_refreshed_gets_no_more_payloads(slack_standin: SlackStandIn) -> None:
    async with socket_to(slack_standin) as old:
        await slack_standin.sockets.refresh()
        assert await old.receive_json() == {"type": "disconnect", "reason": "refresh_requested"}
        assert slack_standin.sockets.connected == 0
        async with socket_to(slack_standin) as new:
            command = asyncio.create_task(slack_standin.command("/meet"))
            await acknowledge(new)
            assert (await command).error == ""


async def test_no_socket_is_a_failure(slack_standin: SlackStandIn) -> None:
    async with socket_to(slack_standin):
        assert slack_standin.mode == "Socket Mode"
    async with asyncio.timeout(5):
        while slack_standin.sockets.connected:
            await asyncio.sleep(0)
    delivery = await slack_standin.command("/meet")

    assert (delivery.status, delivery.error) == (None, "dispatch_failed")


async def test_a_socket_that_breaks_during_a_delivery_is_a_failure(
    slack_standin: SlackStandIn,
) -> None:
    async with socket_to(slack_standin):
        [server_side] = slack_standin.sockets._open
        transport = server_side._req and server_side._req.transport
        assert transport
        transport.abort()
        delivery = await slack_standin.command("/meet")

    assert (delivery.status, delivery.error) == (None, "dispatch_failed")


async def test_without_a_matching_acknowledgement_it_times_out(
    slack_standin: SlackStandIn,
) -> None:
    slack_standin.ack_seconds = 0.2
    async with socket_to(slack_standin) as socket:
        command = asyncio.create_task(slack_standin.command("/meet"))
        await socket.send_str("no JSON")
        await socket.send_json({"envelope_id": "another", "payload": {"text": "hello"}})
        delivery = await command

    assert (delivery.status, delivery.error) == (None, "operation_timeout")
    assert delivery.messages[0].text == '/meet failed with the error "operation_timeout"'


async def test_only_the_first_acknowledgement_counts(slack_standin: SlackStandIn) -> None:
    async with socket_to(slack_standin) as socket:
        command = asyncio.create_task(slack_standin.command("/meet"))
        envelope_id = (await socket.receive_json())["envelope_id"]
        for payload in ("no object", {"text": "too late"}):
            await socket.send_json({"envelope_id": envelope_id, "payload": payload})
        delivery = await command

    assert (delivery.error, delivery.messages) == ("", [])


async def test_the_journal_has_envelopes_and_acknowledgements(slack_standin: SlackStandIn) -> None:
    async with socket_to(slack_standin) as socket:
        command = asyncio.create_task(slack_standin.command("/meet standup"))
        await acknowledge(socket, payload={"text": "hello"})
        await command

    exchange = slack_standin.journal.exchanges[-1]
    assert (exchange.source, exchange.target) == ("Slack", "bot")
    assert (exchange.method, exchange.path) == ("SOCKET", "slash_commands")
    assert '"text": "standup"' in exchange.request
    assert exchange.response == '{\n  "text": "hello"\n}'


async def test_a_ticket_opens_one_socket(slack_standin: SlackStandIn) -> None:
    opened, _ = await call(slack_standin, "apps.connections.open", APP_TOKEN)
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(opened["url"]):
            pass
        for url in (opened["url"], f"{slack_standin.url}/socket"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(url)
            assert refused.value.status == 403


async def test_a_socket_can_be_made_to_fail(slack_standin: SlackStandIn) -> None:
    slack_standin.faults.plan(Fault(status=500), path="/socket")
    opened, _ = await call(slack_standin, "apps.connections.open", APP_TOKEN)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(opened["url"])


async def test_sockets_are_closed_at_the_end(slack_standin: SlackStandIn) -> None:
    async with socket_to(slack_standin) as socket:
        closing = asyncio.create_task(slack_standin.sockets.close())
        message = await socket.receive()
        await closing

    assert (message.type, message.data) == (WSMsgType.CLOSE, 1001)


async def test_bolt_connects_answers_and_connects_again(
    slack_standin: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    base_url = f"{slack_standin.url}/api/"
    app = AsyncApp(client=AsyncWebClient(token=BOT_TOKEN, base_url=base_url))

    @app.command("/meet")
    async def meet(ack: Any) -> None:
        await ack(text="hello", response_type="in_channel")

    client = AsyncWebClient(token=APP_TOKEN, base_url=base_url)
    handler = AsyncSocketModeHandler(app, APP_TOKEN, web_client=client)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt left it so
    try:
        async with asyncio.timeout(5):
            for _ in range(2):
                while not slack_standin.sockets.connected:
                    await asyncio.sleep(0.01)
                delivery = await slack_standin.command("/meet")
                assert [one.text for one in delivery.messages] == ["/meet", "hello"]
                await slack_standin.sockets.refresh()
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt left it so

"""Payloads are posted to the bot, and its acknowledgement is interpreted like in Slack."""

import time
from typing import Any

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.journal import Journal
from bot.sandbox.slack.delivery import Ack, RequestUrl, json_object
from tests.conftest import NOBODY, SIGNING_SECRET, serving
from tests.peer import Peer, at_once, http_answer
from tests.sandbox.bots import TinyBot

COMMAND = {"command": "/meet", "text": "standup", "response_url": "http://x/response/" + "s" * 32}


async def deliver(url: str, seconds: float = 3.0, journal: Journal | None = None) -> Ack:
    request_url = RequestUrl(SIGNING_SECRET, journal=journal or Journal(), clock=time.time)
    request_url.url = url
    return await request_url.deliver(COMMAND, seconds)


async def deliver_to(bot: TinyBot, seconds: float = 3.0, journal: Journal | None = None) -> Ack:
    async with serving(bot.app) as url:
        try:
            return await deliver(f"{url}/slack/events", seconds, journal)
        finally:
            bot.release.set()


async def test_a_payload_is_a_form_that_slack_has_signed() -> None:
    bot = TinyBot()
    await deliver_to(bot)

    [received] = bot.received
    assert received.payload == COMMAND
    assert received.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert received.headers["User-Agent"].startswith("Slackbot 1.0")
    headers = dict(received.headers)
    assert SignatureVerifier(SIGNING_SECRET).is_valid_request(received.body, headers)


@pytest.mark.parametrize(
    ("ack", "content_type", "answer"),
    [
        ("", "text/plain", {}),
        (" \n", "text/plain", {}),
        ("hello", "text/plain", {"text": "hello"}),
        ('{"text":', "text/html", {"text": '{"text":'}),
        ({"text": "hello"}, "", {"text": "hello"}),
        ({}, "", {}),
    ],
)
async def test_any_text_is_a_message(ack: Any, content_type: str, answer: dict[str, Any]) -> None:
    bot = TinyBot()
    bot.ack, bot.content_type = ack, content_type
    result = await deliver_to(bot)

    assert (result.status, result.error, result.answer) == (200, "", answer)


@pytest.mark.parametrize("status", [201, 302, 401, 500])
async def test_another_status_than_200_is_a_failure(status: int) -> None:
    bot = TinyBot()
    bot.status, bot.ack = status, {"text": "hello"}
    result = await deliver_to(bot)

    assert (result.status, result.error, result.answer) == (status, "dispatch_failed", {})


@pytest.mark.parametrize("ack", ['{"text":', "[]"])
async def test_json_other_than_an_object_is_a_failure(ack: str) -> None:
    bot = TinyBot()
    bot.ack, bot.content_type = ack, "application/json"
    result = await deliver_to(bot)

    assert (result.status, result.error) == (200, "dispatch_failed")


async def test_a_late_acknowledgement_is_a_timeout() -> None:
    bot = TinyBot()
    bot.release.clear()
    result = await deliver_to(bot, seconds=0.1)

    assert (result.status, result.error) == (None, "operation_timeout")
    assert 100 <= result.ms < 3000


@pytest.mark.parametrize("url", [f"{NOBODY}/slack/events", "no address"])
async def test_an_unreachable_bot_is_a_failure(url: str) -> None:
    result = await deliver(url)

    assert (result.status, result.error) == (None, "dispatch_failed")


async def test_a_connection_that_breaks_is_a_failure() -> None:
    half = http_answer(b"hello")[:-1]
    async with Peer(half, cut=at_once()).listening() as peer:
        result = await deliver(peer.url)

    assert (result.status, result.error) == (None, "dispatch_failed")


async def test_the_journal_has_the_payload_without_its_secrets() -> None:
    journal, bot = Journal(), TinyBot()
    bot.ack = {"text": "hello"}
    await deliver_to(bot, journal=journal)

    [exchange] = journal.exchanges
    assert (exchange.source, exchange.target) == ("Slack", "bot")
    assert (exchange.method, exchange.path, exchange.status) == ("POST", "/slack/events", 200)
    assert exchange.request.startswith("command: /meet\ntext: standup\n")
    assert "ssss" not in exchange.request
    assert exchange.response == '{\n  "text": "hello"\n}'


@pytest.mark.parametrize("text", ["", "[]", "7", "{", "[" * 100_000, b"\xff"])
def test_other_text_is_not_a_json_object(text: str | bytes) -> None:
    assert json_object(text) is None


def test_a_json_object_is_read() -> None:
    assert json_object(b'{"a": 1}') == {"a": 1}

"""Requests from Slack are answered; all others get a bare 4xx."""

import asyncio
import gzip
import json
import logging
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import pytest

from bot.sandbox.slack.payloads import sign
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import SIGNING_SECRET

FORM = "application/x-www-form-urlencoded"
COMMAND = urlencode({"command": "/meet", "text": "help", "team_id": "T1"}).encode()


def signed(body: bytes, *, age: int = 0, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """Return Slack's headers for a body."""
    headers = sign(body, int(time.time()) - age, secret)
    return {name.lower(): value for name, value in headers.items()} | {"content-type": FORM}


async def post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """Post to the bot's endpoint, and return the status and body."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/slack/events", data=body, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


async def test_a_signed_command_is_answered(bot_url: str) -> None:
    status, text = await post(bot_url, COMMAND, signed(COMMAND))

    assert status == 200
    assert json.loads(text)["response_type"] == "ephemeral"


async def test_the_word_payload_in_a_name_does_not_lose_the_command(
    bot_url: str, videosdk_standin: VideoSDKStandIn
) -> None:
    body = urlencode({"command": "/meet", "text": "payload={} review", "user_id": "U1"}).encode()

    status, text = await post(bot_url, body, signed(body))

    assert status == 200
    assert json.loads(text)["blocks"][0]["text"]["text"] == "payload={} review"
    assert len(videosdk_standin.meetings) == 1


@pytest.mark.parametrize(
    "body", [b"ssl_check=1&token=abc", b"token=abc&ssl_check=1", b"ssl_check=1"]
)
async def test_slack_may_check_the_certificate_without_a_signature(
    bot_url: str, body: bytes
) -> None:
    assert await post(bot_url, body, {"content-type": FORM}) == (200, "")


# The right status, the body, and changes of its signed headers.
NOT_FROM_SLACK: list[tuple[int, bytes, dict[str, str | None]]] = [
    (401, COMMAND, {"x-slack-signature": None}),
    (401, COMMAND, {"x-slack-signature": "v0=é" + "0" * 63}),
    (401, COMMAND, {"x-slack-request-timestamp": "9" * 5000}),
    (401, b"\xff\xfe", {"x-slack-signature": None}),
    (413, b"x" * 300_000, {"x-slack-signature": None}),
    (415, COMMAND, {"content-type": "text/plain"}),
    (400, gzip.compress(COMMAND, mtime=0), {"content-encoding": "gzip"}),
    (400, b"not gzip", {"content-encoding": "gzip"}),
    (400, b"\xff\xfe", {}),
    (400, b"payload=%5B" + b"[" * 60_000, {}),
    (400, b"", {}),
]


async def test_requests_not_from_slack_get_a_quiet_4xx(
    bot_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    for status, body, changes in NOT_FROM_SLACK:
        headers = {name: value for name, value in (signed(body) | changes).items() if value}
        assert (await post(bot_url, body, headers))[0] == status

    assert not any(record.exc_info for record in caplog.records)
    assert "team_id" not in caplog.text


@pytest.mark.parametrize(
    "headers",
    [
        {"secret": "another secret"},
        {"age": 330},
        {"age": -330},
    ],
)
async def test_a_wrong_or_stale_signature_is_rejected(
    headers: dict[str, Any], bot_url: str
) -> None:
    assert (await post(bot_url, COMMAND, signed(COMMAND, **headers)))[0] == 401


async def test_an_altered_body_is_rejected(bot_url: str) -> None:
    assert (await post(bot_url, COMMAND + b"x", signed(COMMAND)))[0] == 401


async def test_a_charset_that_nobody_knows_does_not_matter(bot_url: str) -> None:
    headers = signed(COMMAND) | {"content-type": f"{FORM}; charset=klingon"}

    assert (await post(bot_url, COMMAND, headers))[0] == 200


@pytest.mark.parametrize(
    "payload",
    [
        '{"user": 5}',
        '{"type": "block_actions", "actions": 7}',
        '{"type": "block_actions", "actions": [{"action_id": 5}]}',
        '{"type": "a shortcut that the manifest does not have"}',
    ],
)
async def test_a_signed_payload_of_an_odd_shape_is_no_server_error(
    payload: str, bot_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    body = urlencode({"payload": payload}).encode()

    status, _ = await post(bot_url, body, signed(body))

    assert 400 <= status < 500
    assert not any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
async def test_other_methods_are_not_for_slack(bot_url: str, method: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, f"{bot_url}/slack/events") as answer,
    ):
        assert answer.status == 405


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"POST /slack/events HTTP/9.9\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: minus\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nhost: x\r\na: " + b"x" * 300_000 + b"\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\ncontent-length: 3\r\ncontent-length: 9\r\n\r\nabc",
    ],
)
async def test_malformed_http_gets_a_4xx_and_no_traceback(
    raw: bytes, bot_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(bot_url).port)
    writer.write(raw)

    status_line = await asyncio.wait_for(reader.readline(), 5)

    assert b" 4" in status_line
    assert not any(record.exc_info for record in caplog.records)
    writer.close()
    await writer.wait_closed()


async def test_a_body_that_never_arrives_times_out(bot_url: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(bot_url).port)
    writer.write(b"POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc")

    status_line = await asyncio.wait_for(reader.readline(), 5)

    assert b"408" in status_line
    writer.close()
    await writer.wait_closed()

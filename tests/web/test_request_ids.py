"""Every request has an ID, in its log lines and in its answer."""

import re

import aiohttp
import pytest

from tests.logged import request_lines
from tests.web.test_slack import COMMAND, signed

GIVEN = "9d2b7c1e-0a1b-4c2d-8e3f-112233445566"  # as Heroku's router writes it


async def ask(url: str, path: str, body: bytes | None, **headers: str) -> tuple[int, str]:
    """Return the status and the ID of an answer; with a body, use POST."""
    method = "POST" if body else "GET"
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url + path, data=body, headers=headers) as answer,
    ):
        return answer.status, answer.headers["X-Request-ID"]


async def test_a_routers_id_is_in_the_log_and_in_the_answer(bot_url: str) -> None:
    headers = signed(COMMAND) | {"X-Request-ID": GIVEN, "X-Slack-Retry-Num": "1"}

    with request_lines() as lines:
        assert await ask(bot_url, "/slack/events", COMMAND, **headers) == (200, GIVEN)

    assert ("answered", {"request_id": GIVEN, "slack_retry": "1"}) in lines


@pytest.mark.parametrize("given", [None, "short", "x" * 65, "a b c d e f g", "grün-und-blau"])
async def test_without_a_valid_id_the_bot_creates_one(given: str | None, bot_url: str) -> None:
    headers = {"X-Request-ID": given} if given else {}

    with request_lines() as lines:
        status, made = await ask(bot_url, "/slack/events", b"nothing", **headers)

    assert (status, bool(re.fullmatch("[0-9a-f]{32}", made))) == (415, True)
    assert ("request rejected", {"request_id": made}) in lines


async def test_a_request_to_an_unknown_address_has_an_id_too(bot_url: str) -> None:
    assert await ask(bot_url, "/nowhere", None, **{"X-Request-ID": GIVEN}) == (404, GIVEN)

"""A response_url works 5 times within 30 minutes."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox.slack.interactions import Interaction
from bot.sandbox.slack.response_urls import IssuedUrls
from bot.sandbox.slack.workspace import CHANNELS, USERS, SlackWorkspace
from tests.conftest import serving


class Running:
    """A server with one response_url, its workspace, and a clock that tests can set."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.workspace = SlackWorkspace()
        urls = IssuedUrls(lambda: self.now)
        self.app = web.Application()
        self.app.router.add_post("/response/{secret}", urls.take)
        self.secret = urls.issue(Interaction(self.workspace, USERS[0], CHANNELS[0], typed="/meet"))
        self.url = ""

    async def post(self, body: str, secret: str | None = None) -> tuple[int, str]:
        url = f"{self.url}/response/{secret or self.secret}"
        async with aiohttp.ClientSession() as session, session.post(url, data=body) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    running = Running()
    async with serving(running.app) as running.url:
        yield running


async def test_it_works_five_times(running: Running) -> None:
    for _ in range(5):
        assert await running.post('{"text": "hi"}') == (200, "ok")
    status, text = await running.post('{"text": "hi"}')

    assert (status, json.loads(text)) == (404, {"ok": False, "error": "used_url"})
    assert len(running.workspace.messages) == 5


async def test_it_works_for_half_an_hour(running: Running) -> None:
    running.now += 30 * 60
    assert await running.post('{"text": "hi"}') == (200, "ok")

    running.now += 1
    status, text = await running.post('{"text": "hi"}')
    assert (status, json.loads(text)) == (404, {"ok": False, "error": "expired_url"})


async def test_an_unknown_one_is_not_found(running: Running) -> None:
    status, _ = await running.post('{"text": "hi"}', secret="made-up")

    assert status == 404


@pytest.mark.parametrize(
    ("body", "error"),
    [("", "invalid_payload"), ("[]", "invalid_payload"), ("{}", "no_text")],
)
async def test_an_invalid_message_is_rejected(running: Running, body: str, error: str) -> None:
    status, text = await running.post(body)

    assert (status, json.loads(text)) == (400, {"ok": False, "error": error})


async def test_invalid_blocks_are_rejected_with_the_reasons(running: Running) -> None:
    status, text = await running.post('{"blocks": [{"type": "banner"}]}')
    answer = json.loads(text)

    assert (status, answer["error"]) == (400, "invalid_blocks")
    assert answer["errors"][0].startswith("blocks[0]: banner")

"""A request to an unknown address is one log line."""

import logging

import aiohttp
import pytest
from yarl import URL

from tests.conftest import environment
from tests.process import bot_process

LONG = "x" * 30
EVENT = "no such address"


async def ask(url: str, method: str = "GET") -> int:
    address = URL(url, encoded=True)
    async with aiohttp.ClientSession() as http, http.request(method, address) as answer:
        return answer.status


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        ("POST /slack/event?token=hunter2", 404, "/slack/event"),
        ("GET /slack/events", 405, "/slack/events"),
        ("GET /a%0Ab%1B%5B31m%E2%80%AEc%C3%A9", 404, "/a?b?[31m?cé"),
        ("GET //evil.example/x", 404, "//evil.example/x"),
        (f"GET /join/{'t' * 33}/x", 404, "/join/…/x"),
        (f"GET /{LONG}/{LONG}/{LONG}/{LONG}", 404, f"/{LONG}/{LONG}/{LONG}/{LONG}"[:100]),
    ],
)
async def test_the_line_has_the_method_and_the_path_cleaned_and_cut(
    asked: str, status: int, told: str, bot_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    method, path = asked.split()

    assert await ask(bot_url + path, method) == status

    [line] = [vars(record) for record in caplog.records if record.message == EVENT]
    assert (line["levelname"], line["method"], line["path"]) == ("INFO", method, told)
    assert line["status"] == status


async def test_known_addresses_are_not_logged(
    bot_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    assert [await ask(f"{bot_url}{path}") for path in ("/", "/healthz")] == [200, 200]
    assert await ask(f"{bot_url}/slack/events", "POST") == 415
    assert EVENT not in caplog.messages


async def test_the_line_has_the_requests_id() -> None:
    async with bot_process(environment()) as bot:
        await bot.until("serving")
        assert await ask(f"{bot.url}/slack/eventz?secret=hunter2", "POST") == 404
        await bot.until(EVENT)

    line = bot.event(EVENT)
    assert (line["level"], line["method"], line["path"]) == ("INFO", "POST", "/slack/eventz")
    assert line["request_id"]
    assert "hunter2" not in bot.printed

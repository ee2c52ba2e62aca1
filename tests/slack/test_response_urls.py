"""Follow-ups go to Slack's addresses, once, and nowhere else."""

import asyncio
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.faults import Fault, Faults
from bot.settings.settings import SLACK_API
from bot.slack.blocks import public
from bot.slack.response_urls import ResponseUrls
from bot.transport import open_http
from tests.conftest import NOBODY, serving

CARD = public("A card", [])


class Slack:
    """Accepts posts, subject to its faults."""

    def __init__(self) -> None:
        self.url = ""
        self.taken: list[object] = []
        self.faults = Faults()

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self.note, self.faults.middleware])
        app.router.add_post("/response/{secret}", self.take)
        return app

    @web.middleware
    async def note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.taken.append(await request.json())
        return await handler(request)

    async def take(self, _: web.Request) -> web.Response:
        return web.Response(text="ok")


class Outside(httpx.AsyncBaseTransport):
    """Transport that records requests instead of sending them."""

    def __init__(self) -> None:
        self.tried: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.tried.append(str(request.url))
        return httpx.Response(200)


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    slack = Slack()
    async with serving(slack.app()) as slack.url:
        yield slack


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with open_http() as client:
        yield client


@pytest.fixture
def urls(slack: Slack, http: httpx.AsyncClient) -> ResponseUrls:
    return ResponseUrls(http, f"{slack.url}/api/")


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.slack.response_urls._DEADLINE", 0.1)


async def test_a_follow_up_is_posted_as_json(slack: Slack, urls: ResponseUrls) -> None:
    assert await urls.post(f"{slack.url}/response/s3cret", CARD)
    assert slack.taken == [dict(CARD)]


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/commands/T1/2/s3cret",
        "https://hooks.slack.com:443/actions/T1/2/s3cret",
        "https://hooks.slack-gov.com/commands/T1/2/s3cret",
    ],
)
async def test_slacks_own_addresses_are_trusted(url: str) -> None:
    outside = Outside()
    async with httpx.AsyncClient(transport=outside) as http:
        assert await ResponseUrls(http).post(url, CARD)

    assert outside.tried == [url.replace(":443", "")]


async def test_any_other_address_gets_no_byte(caplog: pytest.LogCaptureFixture) -> None:
    others = [
        "http://hooks.slack.com/commands/T1/2/s3cret",
        "https://hooks.slack.com.evil.example/commands",
        "https://evil.example#@hooks.slack.com/",
        "https://ann:pw@hooks.slack.com/commands",
        "https://hooks.slack.com:8443/commands",
        "https://xn--.com/",
        "//hooks.slack.com/commands",
        "http://127.0.0.1:2/response/s3cret",
    ]
    outside = Outside()
    async with httpx.AsyncClient(transport=outside) as http:
        for own_api in (SLACK_API, f"{NOBODY}/api/", "https://[::1"):
            urls = ResponseUrls(http, own_api)
            assert [url for url in others if await urls.post(url, CARD)] == []

    assert outside.tried == []
    told = "follow-up not sent: its address is not Slack's"
    assert caplog.messages == [told] * 3 * len(others)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault(404, b'{"ok":false,"error":"used_url"}'), 404),
        (Fault(500), 500),
        (Fault(302, headers={"Location": "/response/elsewhere"}), 302),
        (Fault(reset=True), 0),
        (Fault(delay=30), 0),
    ],
)
@pytest.mark.usefixtures("_impatient")
async def test_a_post_that_may_have_arrived_is_not_repeated(
    slack: Slack, urls: ResponseUrls, caplog: pytest.LogCaptureFixture, fault: Fault, status: int
) -> None:
    caplog.set_level(logging.ERROR)
    slack.faults.always(fault)

    assert not await urls.post(f"{slack.url}/response/s3cret", CARD)
    assert slack.taken == [dict(CARD)]
    told = [record for record in caplog.records if record.name.startswith("bot.")]
    assert [getattr(record, "status", "") for record in told] == [status]


async def test_a_post_without_a_connection_is_made_once_more(
    slack: Slack, http: httpx.AsyncClient
) -> None:
    tried: list[str] = []

    class Unplugged(httpx.AsyncBaseTransport):
        """Transport whose first connection fails."""

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            tried.append(str(request.url))
            if len(tried) == 1:
                raise httpx.ConnectError("refused", request=request)
            return await http.post(request.url, content=await request.aread())

    url = f"{slack.url}/response/s3cret"
    async with httpx.AsyncClient(transport=Unplugged()) as flaky:
        assert await ResponseUrls(flaky, slack.url).post(url, CARD)

    assert tried == [url, url]
    assert slack.taken == [dict(CARD)]


async def test_two_tries_without_a_connection_are_enough(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    async with asyncio.timeout(5):
        assert not await ResponseUrls(http, NOBODY).post(f"{NOBODY}/response/s3cret", CARD)

    assert caplog.messages == ["follow-up rejected by Slack"]
    assert "s3cret" not in caplog.text

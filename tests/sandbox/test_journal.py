"""The journal records requests and answers, readable and without secrets."""

import json

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox.faults import Fault, Faults
from bot.sandbox.journal import MAX_EXCHANGES, Exchange, Journal, readable
from tests.conftest import serving


def begin(journal: Journal, request: str = "", path: str = "/v1/meetings") -> Exchange:
    return journal.begin(source="bot", target="VideoSDK", method="POST", path=path, request=request)


async def answer(request: web.Request) -> web.StreamResponse:
    if request.path == "/empty":
        return web.Response()
    return web.json_response({"meetingId": "abcd"})


async def noted(path: str, faults: Faults | None = None) -> Exchange:
    """Return the journal's record of one call to a server with the middleware."""
    journal = Journal()
    layers = [journal.middleware(source="bot", target="VideoSDK"), (faults or Faults()).middleware]
    app = web.Application(middlewares=layers)
    app.router.add_post("/meetings", answer)
    app.router.add_post("/empty", answer)
    async with serving(app) as url, aiohttp.ClientSession() as session:
        try:
            async with session.post(f"{url}{path}", json={"region": "us001"}) as response:
                await response.read()
        except aiohttp.ClientError:
            pass
    return journal.exchanges[-1]


async def test_the_middleware_records_request_and_answer() -> None:
    exchange = await noted("/meetings?page=1")

    assert (exchange.source, exchange.target) == ("bot", "VideoSDK")
    assert (exchange.method, exchange.path, exchange.status) == ("POST", "/meetings?page=1", 200)
    assert json.loads(exchange.request) == {"region": "us001"}
    assert exchange.response == '{\n  "meetingId": "abcd"\n}'


async def test_an_empty_answer_is_recorded_as_such() -> None:
    exchange = await noted("/empty")

    assert (exchange.status, exchange.response) == (200, "")


async def test_an_answer_without_a_route_is_recorded() -> None:
    exchange = await noted("/elsewhere")

    assert (exchange.status, exchange.response) == (404, "404: Not Found")


async def test_a_streamed_answer_is_recorded_without_its_content() -> None:
    faults = Faults()
    faults.plan(Fault(trickle=0.001))

    assert (await noted("/meetings", faults)).response == "(sent in pieces)"


async def test_a_reset_connection_is_recorded_as_no_answer() -> None:
    faults = Faults()
    faults.plan(Fault(reset=True))
    exchange = await noted("/meetings", faults)

    assert (exchange.status, exchange.response) == (None, "")


def test_an_exchange_is_announced_when_it_begins_and_when_it_ends() -> None:
    journal, heard = Journal(clock=lambda: 1_700_000_000.0), list[Exchange]()
    leave = journal.subscribe(heard.append)
    begun = begin(journal)
    assert (begun.at, begun.status, begun.ms) == (1_700_000_000.0, None, None)
    assert list(journal.exchanges) == [begun]

    ended = journal.end(begun, status=200, ms=250, response="{}")
    assert (ended.id, ended.status, ended.ms, ended.response) == (begun.id, 200, 250, "{}")
    assert list(journal.exchanges) == [ended]

    leave()
    begin(journal)
    assert heard == [begun, ended]


def test_secrets_are_masked_in_bodies_and_paths() -> None:
    token, journal = "xoxb-1234-5678-abcdef", Journal()
    exchange = begin(journal, f"token: {token}", f"/response/{'s3cr3t' * 5}")
    exchange = journal.end(exchange, status=200, ms=1, response=token)

    assert token not in exchange.request + exchange.response
    assert "s3cr3t" not in exchange.path


def test_a_long_body_is_cut() -> None:
    assert begin(Journal(), "x" * 4000).request == "x" * 4000
    assert begin(Journal(), "x" * 4001).request == "x" * 3999 + "…"


def test_only_the_newest_exchanges_are_kept() -> None:
    journal = Journal()
    oldest = begin(journal)
    for _ in range(MAX_EXCHANGES):
        begin(journal)
    journal.end(oldest, status=200, ms=1, response="")

    assert [exchange.id for exchange in journal.exchanges][::199] == [2, 201]


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b"command=%2Fmeet&text=", "application/x-www-form-urlencoded", "command: /meet\ntext: "),
        (
            b"payload=%7B%22a%22%3A1%7D",
            "application/x-www-form-urlencoded",
            'payload: {\n  "a": 1\n}',
        ),
        (b'["\xc3\xa9"]', "application/json", '[\n  "é"\n]'),
        (b'{"cut', "application/json", '{"cut'),
        (b"007", "text/plain", "007"),
        (b"\xff", "text/plain", "\ufffd"),
        (
            b"client_secret=c11e27&client_id=1.2",
            "application/x-www-form-urlencoded",
            "client_secret: …\nclient_id: 1.2",
        ),
    ],
)
def test_a_body_is_formatted_for_people(body: bytes, content_type: str, text: str) -> None:
    assert readable(body, content_type) == text

"""The bot's HTTP client reports exactly what failed, and never sends a request twice."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import httpx
import pytest
from aiohttp import web

from bot.telemetry.metrics import Metrics
from bot.transport import open_http, open_slack, open_transport
from bot.transport.calls import RESPONSE_URL, SLACK, Call, extensions_of
from bot.videosdk import OPERATION
from tests.conftest import NOBODY, serving, until
from tests.peer import Peer, at_once, full_house, http_answer, self_signed

OK = http_answer(b"{}")


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with open_http() as http:
        yield http


async def test_an_answer_arrives_over_one_connection_for_many_calls(
    http: httpx.AsyncClient,
) -> None:
    async with Peer(OK).listening() as peer:
        for _ in range(3):
            assert (await http.get(peer.url)).json() == {}

    assert peer.connections == 1


async def test_a_refused_connection_is_a_connect_error(http: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.ConnectError):
        await http.post(NOBODY)


async def test_a_connection_timeout_is_a_connect_error(http: httpx.AsyncClient) -> None:
    with full_house() as url, pytest.raises(httpx.ConnectError):
        await http.post(url, timeout=httpx.Timeout(None, connect=0.1))


async def test_an_untrusted_certificate_is_a_connect_error(
    http: httpx.AsyncClient,
) -> None:
    async with Peer(OK).listening(self_signed()) as peer:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await http.get(peer.url)
    assert peer.asked == []


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"SSH-2.0-OpenSSH_9.2\r\n"],
    ids=["silence", "half a head", "another protocol"],
)
async def test_a_connection_that_breaks_before_the_answer_is_not_retried(
    answer: bytes, method: str, http: httpx.AsyncClient
) -> None:
    async with Peer(answer, cut=at_once()).listening() as peer:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.request(method, peer.url)

    assert len(peer.asked) == 1


async def test_a_reused_connection_that_breaks_is_not_retried(
    http: httpx.AsyncClient,
) -> None:
    async with Peer(OK).listening() as peer:
        await http.get(peer.url)
        peer.answer, peer.cut = b"", at_once()
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get(peer.url)

    assert (peer.connections, len(peer.asked)) == (1, 2)


@pytest.mark.parametrize(
    "answer",
    [
        OK.replace(b"Length: 2", b"Length: 9"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{",
    ],
    ids=["length", "chunks"],
)
async def test_a_connection_that_breaks_within_the_body_is_a_read_error(
    answer: bytes, http: httpx.AsyncClient
) -> None:
    cut = asyncio.Event()
    async with Peer(answer, cut=cut).listening() as peer:
        reading = asyncio.create_task(http.get(peer.url))
        await until(lambda: peer.asked)
        await asyncio.sleep(0.02)  # the answer's beginning is on its way
        cut.set()
        with pytest.raises(httpx.ReadError):
            await reading

    assert len(peer.asked) == 1


@pytest.mark.parametrize("answer", [b"", OK[:-1]], ids=["no head", "half a body"])
async def test_a_silent_server_is_a_read_timeout(answer: bytes, http: httpx.AsyncClient) -> None:
    async with Peer(answer).listening() as peer:
        with pytest.raises(httpx.ReadTimeout):
            await http.get(peer.url, timeout=httpx.Timeout(None, read=0.1))


async def test_a_call_without_an_answer_ends_by_its_own_deadline(http: httpx.AsyncClient) -> None:
    call = extensions_of(Call(SLACK, RESPONSE_URL, deadline=0.1))
    async with Peer(b"").listening() as peer:
        with pytest.raises(httpx.ReadTimeout, match="before the deadline"):
            await http.post(peer.url, timeout=None, extensions=call)


async def test_an_unsupported_scheme_is_rejected(http: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.UnsupportedProtocol):
        await http.get("ftp://example.com")


async def test_a_redirect_is_not_followed(http: httpx.AsyncClient) -> None:
    moved = http_answer(b"", "Location: /elsewhere", status="307 Temporary Redirect")

    async with Peer(moved).listening() as peer:
        assert (await http.get(peer.url)).status_code == 307
    assert len(peer.asked) == 1


async def test_a_cookie_is_not_kept(http: httpx.AsyncClient) -> None:
    async with Peer(http_answer(b"{}", "Set-Cookie: visitor=7; Path=/")).listening() as peer:
        await http.get(peer.url)
        await http.get(peer.url)

    assert "cookie" not in peer.asked[1].lower()


async def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, NOBODY)

    async with open_http() as http, Peer(OK).listening() as peer:
        assert (await http.get(peer.url)).status_code == 200


class Counted(Metrics):
    """Metrics that remember the recorded calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, str]] = []
        self.seconds = 0.0

    def called(self, service: str, operation: str, outcome: str, began: float) -> None:
        self.calls.append((service, operation, outcome))
        self.seconds = time.perf_counter() - began


NAMED = {OPERATION: "GET /v1/meetings/{id}"}


async def test_a_call_is_timed_until_its_answer_has_been_read() -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await asyncio.sleep(0.05)
        await response.write(b"ok")
        return response

    counted, app = Counted(), web.Application()
    app.router.add_get("/", slow)
    async with open_http(open_transport(counted)) as http, serving(app) as url:
        assert (await http.get(url, extensions=NAMED)).content == b"ok"

    assert counted.calls == [("videosdk", "GET /v1/meetings/{id}", "200")]
    assert counted.seconds >= 0.05


async def test_a_call_without_an_answer_is_counted_with_its_error() -> None:
    counted = Counted()
    async with open_http(open_transport(counted)) as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(NOBODY, extensions=NAMED)

    assert counted.calls == [("videosdk", "GET /v1/meetings/{id}", "ConnectError")]


async def test_calls_to_slack_are_labelled_with_their_methods() -> None:
    counted = Counted()
    async with (
        open_slack(counted) as session,
        Peer(OK).listening() as peer,
    ):
        async with session.post(f"{peer.url}/api/calls.add") as answer:
            await answer.read()
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.post(f"{NOBODY}/api/views.open")

    assert counted.calls == [
        ("slack", "calls.add", "200"),
        ("slack", "views.open", "ClientConnectorError"),
    ]

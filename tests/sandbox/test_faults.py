"""Faults spoil exactly the calls that they are planned for, and leave nothing running."""

import asyncio
import errno
import json
import logging
import tracemalloc
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.faults import PRESETS, Fault, Faults

MEETING = {"meetingId": "87i6-bvw8-dtn1", "region": "sg001"}


class Upstream:
    """A server with one route, behind faults, that counts the calls it handles."""

    def __init__(self, faults: Faults) -> None:
        self.calls = 0
        self.busy, self.idle = asyncio.Event(), asyncio.Event()
        self.app = web.Application(middlewares=[self._watch, faults.middleware])
        self.app.router.add_route("*", "/v1/{tail:.*}", self._answer)

    @web.middleware
    async def _watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.busy.set()
        self.idle.clear()
        try:
            return await handler(request)
        finally:
            self.idle.set()

    async def _answer(self, request: web.Request) -> web.Response:
        self.calls += 1
        if "text" in request.path:
            return web.Response(text="Room not found.", status=400)
        if "unknown" in request.path:
            return web.json_response({"statusCode": 400, "error": "Room not found."}, status=400)
        return web.json_response(MEETING)


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def upstream(faults: Faults) -> Upstream:
    return Upstream(faults)


@pytest.fixture
async def runner(upstream: Upstream) -> AsyncIterator[web.AppRunner]:
    runner = web.AppRunner(upstream.app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner
    await runner.cleanup()


@pytest.fixture
async def client(
    runner: web.AppRunner, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the server; afterwards, checks that nothing still runs and nothing was logged."""
    caplog.set_level(logging.WARNING)
    host, port = runner.addresses[0]
    async with aiohttp.ClientSession(f"http://{host}:{port}") as client:
        yield client
    await runner.cleanup()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.wait_for(asyncio.gather(*others, return_exceptions=True), 1)
    assert not caplog.get_records("call")


async def test_without_a_fault_the_real_answer_is_sent(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/meetings") as answer:
        assert await answer.json() == MEETING


@pytest.mark.parametrize("key", ["402", "429"])
async def test_an_error_preset_answers_in_place_of_the_real_handler(
    key: str, client: aiohttp.ClientSession, faults: Faults, upstream: Upstream
) -> None:
    faults.plan(PRESETS[key][1])

    async with client.post("/v1/meetings") as answer:
        assert answer.status == int(key)
        assert (await answer.json())["statusCode"] == int(key)
        assert ("Retry-After" in answer.headers) == (key == "429")
    assert upstream.calls == 0


@pytest.mark.parametrize(
    ("key", "status", "content_type"),
    [
        ("html", 200, "text/html"),
        ("text", 200, "text/plain"),
        ("broken-json", 200, "application/json"),
        ("redirect", 307, "application/json"),
    ],
)
async def test_an_answer_that_is_not_json_is_sent(
    key: str, status: int, content_type: str, client: aiohttp.ClientSession, faults: Faults
) -> None:
    faults.plan(PRESETS[key][1])

    async with client.post("/v1/meetings", allow_redirects=False) as answer:
        assert (answer.status, answer.content_type) == (status, content_type)
        with pytest.raises(json.JSONDecodeError):
            json.loads(await answer.text())


@pytest.mark.parametrize("key", ["slow", "hang", "trickle"])
async def test_a_client_that_gives_up_leaves_nothing_running(
    key: str, client: aiohttp.ClientSession, faults: Faults, upstream: Upstream
) -> None:
    faults.plan(PRESETS[key][1])

    with pytest.raises(TimeoutError):
        async with (
            asyncio.timeout(0.5),
            client.post("/v1/meetings") as answer,
        ):
            await answer.read()
    await asyncio.wait_for(upstream.idle.wait(), 1)
    assert upstream.calls == 1, "the work was done, only the answer is missing"


async def test_a_short_delay_and_a_trickle_still_bring_the_whole_answer(
    client: aiohttp.ClientSession, faults: Faults
) -> None:
    faults.plan(Fault(delay=0.07, trickle=0.0001))
    started = asyncio.get_running_loop().time()

    async with client.get("/v1/meetings") as answer:
        assert await answer.json() == MEETING
    assert asyncio.get_running_loop().time() - started >= 0.07


async def test_a_reset_cuts_the_connection_after_the_work_was_done(
    client: aiohttp.ClientSession, faults: Faults, upstream: Upstream
) -> None:
    faults.plan(PRESETS["reset"][1])

    with pytest.raises(aiohttp.ClientOSError) as caught:
        await client.post("/v1/meetings")
    assert caught.value.errno == errno.ECONNRESET
    assert upstream.calls == 1


async def test_a_reset_after_the_client_has_left_does_nothing(
    client: aiohttp.ClientSession, faults: Faults, upstream: Upstream
) -> None:
    faults.plan(Fault(delay=30, reset=True))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await client.get("/v1/meetings")
    await asyncio.wait_for(upstream.idle.wait(), 1)


async def test_closing_the_server_does_not_wait_for_faults(
    client: aiohttp.ClientSession, faults: Faults, upstream: Upstream, runner: web.AppRunner
) -> None:
    faults.plan(PRESETS["hang"][1])
    call = asyncio.create_task(client.post("/v1/meetings"))
    await asyncio.wait_for(upstream.busy.wait(), 1)

    async with asyncio.timeout(1):
        await runner.cleanup()
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await call


@pytest.mark.parametrize("key", ["hang", "trickle"])
async def test_when_faults_end_a_delayed_call_gets_its_answer(
    key: str, client: aiohttp.ClientSession, faults: Faults, upstream: Upstream
) -> None:
    faults.plan(PRESETS[key][1], Fault(500))
    call = asyncio.create_task(client.get("/v1/meetings"))
    await asyncio.wait_for(upstream.busy.wait(), 1)

    faults.end()

    async with asyncio.timeout(1), await call as answer:
        assert await answer.json() == MEETING
    assert (await client.get("/v1/meetings")).status == 200


async def test_a_huge_answer_costs_little_when_the_client_stops_reading(
    client: aiohttp.ClientSession, faults: Faults, upstream: Upstream
) -> None:
    faults.plan(PRESETS["huge"][1])
    started = asyncio.get_running_loop().time()
    tracemalloc.start()
    async with client.get("/v1/meetings") as answer:
        await answer.content.readexactly(1_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await asyncio.wait_for(upstream.idle.wait(), 1)

    assert peak < 20_000_000
    assert asyncio.get_running_loop().time() - started < 1


async def test_a_huge_answer_has_the_length_that_it_declares(
    client: aiohttp.ClientSession, faults: Faults
) -> None:
    faults.plan(Fault(200, b"1234", repeat=1_000))

    async with client.get("/v1/meetings") as answer:
        assert await answer.read() == b"1234" * 1_000
    fault = PRESETS["huge"][1]
    assert len(fault.body) * fault.repeat == 200_000_000


async def test_another_meeting_is_named_in_an_otherwise_real_answer(
    client: aiohttp.ClientSession, faults: Faults
) -> None:
    faults.always(PRESETS["other-meeting"][1])

    async with client.get("/v1/meetings/87i6-bvw8-dtn1") as answer:
        assert await answer.json() == {"meetingId": "n0t0-y0ur-m33t", "region": "sg001"}
    async with client.get("/v1/meetings/unknown") as answer:
        assert await answer.json() == {"statusCode": 400, "error": "Room not found."}
    async with client.get("/v1/meetings/text") as answer:
        assert await answer.text() == "Room not found."


async def test_planned_faults_come_in_order_and_only_to_their_path(
    client: aiohttp.ClientSession, faults: Faults
) -> None:
    faults.plan(Fault(500), Fault(404), path="/meetings")

    assert [
        (await client.get(f"/v1/{path}")).status
        for path in ("meeting-sessions", "meetings", "meeting-sessions", "meetings", "meetings")
    ] == [200, 500, 200, 404, 200]


async def test_a_permanent_fault_comes_after_planned_ones_and_lasts_until_removed(
    client: aiohttp.ClientSession, faults: Faults
) -> None:
    faults.always(Fault(500), path="/meetings")
    faults.plan(Fault(404))
    statuses = [(await client.get("/v1/meetings")).status for _ in range(3)]
    faults.always(None, path="/meetings")

    assert statuses == [404, 500, 500]
    assert (await client.get("/v1/meetings")).status == 200


async def test_forgotten_faults_have_no_effect(
    client: aiohttp.ClientSession, faults: Faults
) -> None:
    faults.plan(Fault(500))
    faults.always(Fault(500))
    faults.forget()

    async with client.get("/v1/meetings") as answer:
        assert answer.status == 200


async def test_an_answer_can_be_rewritten_for_one_method_and_query(
    faults: Faults, client: aiohttp.ClientSession
) -> None:
    faults.always(Fault(change=lambda body: [body, "more"]), path="GET /v1/meetings?page=2")

    answers = []
    for method, query in (("GET", ""), ("GET", "?page=2"), ("POST", "?page=2")):
        async with client.request(method, f"/v1/meetings{query}") as answer:
            answers.append(await answer.json())

    assert answers == [MEETING, [MEETING, "more"], MEETING]

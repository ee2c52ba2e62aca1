"""Workspaces take turns for slots, get at most half of them, and never wait forever."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest
from aiohttp import web

from bot.telemetry.metrics import Metrics
from bot.telemetry.timing import Timing, timing
from bot.transport import Pools, open_http, open_slack, open_transport
from bot.transport.calls import RESPONSE_URL, SLACK, Call, extensions_of
from bot.transport.pools import (
    FOLLOW_UPS,
    LIMITS,
    Pool,
    PoolFullError,
    PoolLimits,
    descriptor_share,
)
from bot.transport.requester import BACKGROUND, COMMANDS, JOIN_PAGE, Requester, requester
from bot.videosdk import OPERATION, VideoSDK, VideoSDKBusyError, VideoSDKTimeoutError
from tests.conftest import API_KEY, SECRET_KEY, serving, until
from tests.peer import Peer, http_answer

CALL = {OPERATION: "GET /v1/meetings/{id}"}
MEETING = http_answer(b'{"meetingId": "87i6-bvw8-dtn1"}')


async def take(pool: Pool, workspace_id: str) -> str:
    if not pool.grant(workspace_id):
        await pool.wait(workspace_id)
    return workspace_id


def taking(pool: Pool, workspace_id: str) -> asyncio.Task[str]:
    return asyncio.create_task(take(pool, workspace_id))


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_no_workspace_takes_more_than_half() -> None:
    pool = Pool(PoolLimits(4, 5.0))

    first = [taking(pool, "T1") for _ in range(5)]
    await settle()
    other = [taking(pool, "T2") for _ in range(2)]
    await settle()

    assert [task.done() for task in first] == [True, True, False, False, False]
    assert [task.done() for task in other] == [True, True]
    pool.give_back("T2")
    await settle()
    assert sum(task.done() for task in first) == 2
    pool.give_back("T1")
    await settle()
    assert sum(task.done() for task in first) == 3
    await cancel(first)


async def test_workspaces_take_turns() -> None:
    pool = Pool(PoolLimits(2, 5.0))
    for workspace_id in ("T1", "T2"):
        await take(pool, workspace_id)
    waiting = [taking(pool, name) for name in ("T3", "T3", "T3", "T4", "T5")]
    await settle()
    served: list[str] = []

    for _ in range(4):
        pool.give_back(served[-1] if served else "T1")
        await settle()
        served.append(next(task for task in waiting if task.done()).result())
        waiting = [task for task in waiting if not task.done()]

    assert served == ["T3", "T4", "T5", "T3"]
    await cancel(waiting)


async def test_waiting_too_long_is_an_error_and_takes_no_slot() -> None:
    pool = Pool(PoolLimits(2, 0.05))
    await take(pool, "T1")

    with pytest.raises(PoolFullError):
        await take(pool, "T1")
    with pytest.raises(PoolFullError):
        await pool.wait("T1", 0.01)

    pool.give_back("T1")
    assert await take(pool, "T1") == "T1"


async def test_a_slot_is_not_lost_when_its_next_owner_is_cancelled() -> None:
    pool = Pool(PoolLimits(2, 5.0))
    await take(pool, "T0")
    await take(pool, "T1")
    gone, granted, last = (taking(pool, name) for name in ("T2", "T3", "T4"))
    await settle()

    gone.cancel()
    pool.give_back("T1")  # before the waiting task has run
    granted.cancel()
    await settle()

    assert (gone.cancelled(), granted.cancelled(), last.done()) == (True, True, True)


async def cancel(tasks: list[asyncio.Task[str]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("descriptors", [64, 256, 1024, 2000])
def test_the_pools_leave_a_quarter_of_the_descriptors_for_incoming_connections(
    descriptors: int,
) -> None:
    share = descriptor_share(descriptors)
    together = sum(limits.size for limits in (*LIMITS.values(), FOLLOW_UPS))

    assert together * share == pytest.approx(0.75 * descriptors)


@pytest.mark.parametrize("descriptors", [4096, resource.RLIM_INFINITY])
def test_with_enough_descriptors_the_pools_have_their_full_size(descriptors: int) -> None:
    assert descriptor_share(descriptors) == 1


class Counted(Metrics):
    def __init__(self) -> None:
        self.calls: list[tuple[str, str, float]] = []

    def called(self, service: str, operation: str, outcome: str, began: float) -> None:
        assert operation
        self.calls.append((service, outcome, time.perf_counter() - began))


def pools(size: int, max_wait: float) -> Pools:
    """Return pools that all have the same limits."""
    limits = PoolLimits(size, max_wait)
    return Pools(dict.fromkeys(LIMITS, limits), limits)


@asynccontextmanager
async def silent() -> AsyncIterator[Peer]:
    async with Peer(b"").listening() as peer:
        yield peer


async def test_time_in_the_queue_is_not_counted_as_the_services() -> None:
    counted, began = Counted(), Timing()
    timing.set(began)
    async with (
        silent() as quiet,
        Peer(MEETING).listening() as peer,
        open_http(open_transport(counted, pools=pools(1, 5.0))) as http,
    ):
        first = asyncio.create_task(http.get(quiet.url, extensions=CALL))
        await until(lambda: quiet.asked)
        second = asyncio.create_task(http.get(peer.url, extensions=CALL))
        await asyncio.sleep(0.2)
        first.cancel()
        await second

    [(_, _, _), (service, outcome, seconds)] = counted.calls
    assert (service, outcome, seconds < 0.15) == ("videosdk", "200", True)


async def test_a_call_to_slack_that_gets_no_slot_is_not_sent() -> None:
    counted = Counted()
    async with (
        silent() as peer,
        open_slack(counted, pools=pools(1, 0.05)) as session,
    ):
        first = asyncio.create_task(session.post(f"{peer.url}/api/calls.add"))
        await until(lambda: peer.asked)
        with pytest.raises(TimeoutError, match="every slot is taken"):
            await session.post(f"{peer.url}/api/calls.add")
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)

    assert len(peer.asked) == 1
    assert [outcome for _, outcome, _ in counted.calls] == ["CancelledError"]


async def test_videosdks_client_distinguishes_a_busy_bot_from_a_slow_provider() -> None:
    async with AsyncExitStack() as stack:
        peer = await stack.enter_async_context(silent())
        transport = open_transport(pools=pools(1, 5.0))
        stack.push_async_callback(transport.aclose)
        videosdk = VideoSDK(
            API_KEY, SECRET_KEY, endpoint=peer.url, transport=transport, deadline=0.5
        )
        first = asyncio.create_task(videosdk.create())
        await until(lambda: peer.asked)

        with pytest.raises(VideoSDKBusyError):
            await videosdk.create()
        with pytest.raises(VideoSDKTimeoutError):
            await first

    assert len(peer.asked) == 1


@pytest.mark.parametrize("purpose", [COMMANDS, JOIN_PAGE, BACKGROUND])
async def test_each_purpose_has_its_own_pool(purpose: str) -> None:
    others = {COMMANDS, JOIN_PAGE, BACKGROUND} - {purpose}
    async with (
        silent() as quiet,
        Peer(MEETING).listening() as peer,
        open_http(open_transport(pools=pools(1, 0.05))) as http,
    ):
        requester.set(Requester(purpose, "T1"))
        hangs = asyncio.create_task(http.get(quiet.url, extensions=CALL))
        await until(lambda: quiet.asked)
        with pytest.raises(httpx.PoolTimeout):
            await http.get(peer.url, extensions=CALL)
        answer = await http.post(peer.url, extensions=extensions_of(Call(SLACK, RESPONSE_URL)))
        assert answer.status_code == 200
        for other in others:
            requester.set(Requester(other, "T1"))
            assert (await http.get(peer.url, extensions=CALL)).status_code == 200
        hangs.cancel()
        await asyncio.gather(hangs, return_exceptions=True)


async def test_an_open_socket_takes_no_slot() -> None:
    async def echo(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive()
        return socket

    app = web.Application()
    app.router.add_get("/socket", echo)
    async with (
        serving(app) as url,
        open_slack(pools=pools(1, 0.05)) as session,
        session.ws_connect(f"{url}/socket"),
        session.ws_connect(f"{url}/socket"),
    ):
        pass

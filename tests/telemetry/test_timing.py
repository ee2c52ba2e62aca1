"""Time spent waiting for other services counts once, however many calls overlap."""

import asyncio

import pytest

from bot.telemetry.metrics import UNCOUNTED
from bot.telemetry.timing import Timing, UpstreamCall, timing


@pytest.fixture
def current() -> Timing:
    """The current request's timing."""
    current = Timing()
    timing.set(current)
    return current


async def wait(seconds: float) -> None:
    call = UpstreamCall(UNCOUNTED, "videosdk", "GET /v1/meetings/{id}")
    await asyncio.sleep(seconds)
    call.end("200")


async def test_overlapping_calls_count_once_and_pauses_do_not_count(
    current: Timing,
) -> None:
    await asyncio.gather(wait(0.2), wait(0.15))
    await asyncio.sleep(0.2)
    await wait(0.05)

    assert 0.25 <= current.upstream < 0.4
    assert current.seconds >= 0.45


async def test_a_call_in_flight_counts_up_to_now(current: Timing) -> None:
    running = asyncio.create_task(wait(0.1))
    await asyncio.sleep(0.03)

    assert 0.02 <= current.upstream <= current.seconds
    await running


async def test_a_call_outside_a_request_is_not_timed() -> None:
    timing.set(None)
    await wait(0)

    assert Timing().upstream == 0

"""What a request waits for others counts once, however many calls run at a time."""

import asyncio

import pytest

from bot.telemetry.metrics import UNCOUNTED
from bot.telemetry.timing import Timing, UpstreamCall, timing


@pytest.fixture
def began() -> Timing:
    """The timing of the request at hand."""
    began = Timing()
    timing.set(began)
    return began


async def wait(seconds: float) -> None:
    call = UpstreamCall(UNCOUNTED, "videosdk", "GET /v1/meetings/{id}")
    await asyncio.sleep(seconds)
    call.end("200")


async def test_calls_that_overlap_count_once_and_pauses_between_them_do_not(
    began: Timing,
) -> None:
    await asyncio.gather(wait(0.2), wait(0.15))
    await asyncio.sleep(0.2)
    await wait(0.05)

    assert 0.25 <= began.upstream < 0.4
    assert began.seconds >= 0.45


async def test_a_call_that_still_runs_counts_so_far(began: Timing) -> None:
    running = asyncio.create_task(wait(0.1))
    await asyncio.sleep(0.03)

    assert 0.02 <= began.upstream <= began.seconds
    await running


async def test_a_call_of_no_request_is_nobodys() -> None:
    timing.set(None)
    await wait(0)

    assert Timing().upstream == 0

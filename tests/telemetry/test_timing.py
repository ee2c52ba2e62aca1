"""What a request waits for others counts once, however many calls run at a time."""

import asyncio
import time

import pytest

from bot.telemetry.metrics import UNCOUNTED
from bot.telemetry.timing import Timing, note_call, timing


@pytest.fixture
def began() -> Timing:
    """The timing of the request at hand."""
    began = Timing()
    timing.set(began)
    return began


async def wait(seconds: float) -> None:
    called_at = time.perf_counter()
    await asyncio.sleep(seconds)
    note_call(UNCOUNTED, "videosdk", "GET /v1/meetings/{id}", "200", called_at)


async def test_calls_that_overlap_count_once_and_pauses_between_them_do_not(
    began: Timing,
) -> None:
    await asyncio.gather(wait(0.2), wait(0.15))
    await asyncio.sleep(0.2)
    await wait(0.05)

    assert 0.25 <= began.upstream() < 0.4
    assert time.perf_counter() - began.began >= 0.45


async def test_a_call_of_no_request_is_nobodys() -> None:
    timing.set(None)
    await wait(0)

    assert Timing().upstream() == 0

"""Time spent waiting for other services counts once, however many calls overlap."""

import asyncio
import time

import pytest

from bot.telemetry.metrics import NO_METRICS
from bot.telemetry.timing import Timing, timing


@pytest.fixture
def current() -> Timing:
    """The current request's timing."""
    current = Timing()
    timing.set(current)
    return current


async def wait(seconds: float) -> None:
    called_at = time.perf_counter()
    await asyncio.sleep(seconds)
    NO_METRICS.called("videosdk", "GET /v1/meetings/{id}", "200", called_at)


async def test_overlapping_calls_count_once_and_pauses_do_not_count(
    current: Timing,
) -> None:
    await asyncio.gather(wait(0.2), wait(0.15))
    await asyncio.sleep(0.2)
    await wait(0.05)

    waited = sum(end - begin for begin, end in current.calls)
    assert 0.25 <= waited <= time.perf_counter() - current.began - 0.2


async def test_a_call_outside_a_request_is_not_timed(current: Timing) -> None:
    timing.set(None)
    await wait(0)

    assert not current.calls

"""A follower looks at a room while a run is on, and stops when its cards are final."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.slack.followers import Follower, Pace
from tests.conftest import until

PACE = Pace(first=0.005, longest=0.02, busy=0.005, linger=0, life=60)


class FailedError(Exception):
    """A look fails; the next one may succeed."""


@dataclass
class Room:
    """A room that is looked at.

    Attributes:
        at_rest: what a look returns.
        failure: what it raises instead.
        before: awaited by each look.
        moments: the times of the looks, by the event loop's clock.
    """

    at_rest: bool = False
    failure: Exception | None = None
    before: Callable[[], Awaitable[None]] | None = None
    moments: list[float] = field(default_factory=list)

    @property
    def looks(self) -> int:
        """The number of looks."""
        return len(self.moments)

    async def look(self) -> bool:
        """Look once."""
        self.moments.append(asyncio.get_running_loop().time())
        if self.before:
            await self.before()
        if self.failure:
            raise self.failure
        return self.at_rest


@asynccontextmanager
async def following(
    room: Room, pace: Pace = PACE
) -> AsyncIterator[tuple[Follower, asyncio.Task[None]]]:
    """Follow a room after an event, and stop at the end."""
    follower = Follower(room.look, (FailedError,), pace)
    follower.notice(pace.linger)
    task = asyncio.create_task(follower.run())
    try:
        yield follower, task
    finally:
        follower.stop()
        async with asyncio.timeout(1):
            await task


async def waiting_for(follower: Follower) -> asyncio.Task[bool]:
    """Return a task that waits for the follower's next look already."""
    task = asyncio.create_task(follower.catch_up())
    await asyncio.sleep(0)
    return task


async def test_an_idle_room_gets_one_look() -> None:
    room = Room(at_rest=True)
    async with following(room) as (_, task):
        await task

    assert room.looks == 1


async def test_a_room_with_a_run_is_followed_until_the_run_is_over() -> None:
    room = Room()
    async with following(room) as (_, task):
        await until(lambda: room.looks > 5)
        room.at_rest = True
        await asyncio.wait_for(task, 0.5)


async def test_pauses_double_up_to_the_longest_and_jitter() -> None:
    room = Room()
    async with following(room, Pace(first=0.01, longest=0.04, busy=0.01)):
        await until(lambda: room.looks > 8)

    pauses = [after - before for before, after in itertools.pairwise(room.moments)]
    assert pauses[0] >= 0.8 * 0.01
    assert pauses[1] >= 0.8 * 0.02
    assert min(pauses[2:]) >= 0.8 * 0.04
    assert len({round(pause, 5) for pause in pauses[3:]}) > 1


async def test_after_an_event_even_an_idle_room_is_followed_for_a_while() -> None:
    room = Room(at_rest=True)  # according to a listing that lags
    async with following(room, Pace(first=0.005, longest=0.01, busy=0, linger=0.1)) as (_, task):
        await task

    assert room.moments[-1] - room.moments[0] >= 0.08


async def test_an_event_causes_a_look_at_once_however_long_the_pause() -> None:
    room = Room()
    async with following(room, Pace(first=0.001, longest=60, busy=0)) as (follower, _):
        await until(lambda: room.looks > 4)
        for _ in range(20):
            follower.notice(0)
        caught_up = await waiting_for(follower)
        seen = room.looks

        assert await asyncio.wait_for(caught_up, 1)
        assert room.looks == seen + 1


async def test_constant_events_are_handled_at_a_pace_that_slack_accepts() -> None:
    room = Room()
    async with following(room, Pace(first=0.001, busy=0.05)) as (follower, _):
        began = asyncio.get_running_loop().time()
        while asyncio.get_running_loop().time() < began + 0.3:
            follower.notice(0)
            await asyncio.sleep(0.001)

    in_time = [moment for moment in room.moments if moment < began + 0.3]
    assert len(in_time) <= 5 + 0.3 / 0.05 + 1


async def test_without_an_event_the_first_look_comes_after_the_longest_pause() -> None:
    room = Room(at_rest=True)
    follower = Follower(room.look, (FailedError,), Pace(first=0.001, longest=0.05, busy=0))
    follower.notice(0.08, soon=False)
    began = asyncio.get_running_loop().time()
    await follower.run()

    assert room.looks == 2
    assert room.moments[0] - began >= 0.04


async def test_an_event_during_a_look_is_answered_by_the_next_look() -> None:
    room = Room(at_rest=True)
    async with following(room) as (follower, task):
        answers = []

        async def during() -> None:
            if room.looks == 1:
                follower.notice(0)
                answers.append(await waiting_for(follower))

        room.before = during
        await task

        assert room.looks == 2
        assert await answers[0]


async def test_waiters_return_after_the_first_successful_look() -> None:
    room = Room(failure=FailedError("not now"))
    async with following(room) as (follower, _):
        caught_up = await waiting_for(follower)
        await until(lambda: room.looks > 2)
        assert not caught_up.done()

        room.failure = None

        assert await asyncio.wait_for(caught_up, 1)


async def test_a_waiter_that_gave_up_disturbs_nobody() -> None:
    async with following(Room()) as (follower, _):
        gone, other = [await waiting_for(follower) for _ in range(2)]
        gone.cancel()
        follower.notice(0)

        assert await other


async def test_a_lasting_failure_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    room = Room(failure=FailedError("not now"))
    async with following(room) as (follower, _):
        await until(lambda: room.looks > 3)
        room.failure = None
        assert await follower.catch_up()
        room.failure = FailedError("not now")
        looks = room.looks
        await until(lambda: room.looks > looks + 2)

    assert caplog.messages == ["live cards out of date"] * 2


async def test_a_room_is_no_longer_followed_long_after_its_last_event() -> None:
    room, clock = Room(), asyncio.get_running_loop().time
    async with following(room, Pace(first=0.005, longest=0.01, busy=0, life=0.05)) as (
        follower,
        task,
    ):
        noticed, answers = [], []

        async def during() -> None:
            if room.looks == 2:
                follower.notice(0)
                noticed.append(clock())
                answers.append(await waiting_for(follower))
                room.failure = FailedError("to the end")

        room.before = during
        await task

        assert clock() - noticed[0] >= 0.05
        assert await answers[0] is False


async def test_a_follower_that_stops_does_so_at_once() -> None:
    room = Room()
    async with following(room, Pace(first=0.001, longest=60, busy=0)) as (follower, task):
        await until(lambda: room.looks > 3)
        looks = room.looks

        follower.stop()
        await asyncio.wait_for(task, 0.2)

    assert room.looks <= looks + 1


@pytest.mark.parametrize("failure", [None, FailedError("not now")])
async def test_an_event_while_stopping_gets_one_more_look(failure: FailedError | None) -> None:
    room = Room(failure=failure)
    async with following(room) as (follower, task):
        answers = []

        async def during() -> None:
            if room.looks == 1:
                follower.stop()
                follower.notice(0)
                answers.append(await waiting_for(follower))

        room.before = during
        await task

        assert room.looks == 2
        assert await answers[0] is (failure is None)


async def test_a_cancelled_look_leaves_nobody_waiting() -> None:
    room = Room(failure=ValueError("a bug"))
    follower = Follower(room.look, (FailedError,), PACE)
    follower.notice(0)
    task = asyncio.create_task(follower.run())
    room.before = lambda: asyncio.sleep(0.01)
    await asyncio.sleep(0)
    late = await waiting_for(follower)

    with pytest.raises(ValueError, match="a bug"):
        await task
    assert await late is False

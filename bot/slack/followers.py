"""Follow a room: look at it after every event, and every minute while a run is on.

One look after an event isn't enough: webhooks may be lost, and VideoSDK's list of sessions may lag
behind those that arrive.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.slack.background import Background
from bot.telemetry.timing import timing
from bot.transport.requester import BACKGROUND, requester

LOG = logging.getLogger(__name__)

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True)
class Pace:
    """How often a room is looked at; all in seconds.

    Attributes:
        first: the pause after an event; it doubles with each look until VideoSDK has caught up.
        longest: the longest pause.
        busy: the pause between looks while events keep coming, after a short burst. A look may call
            each of Slack's methods once, and Slack allows 50 calls of a method a minute.
        linger: how long to go on looking at a room without a run after an event.
        life: how long to follow a room after its last event, at most.
        webhook_timeout: how long a webhook's response waits for the cards to be up to date.
    """

    first: float = 0.2
    longest: float = 60.0
    busy: float = 1.6
    linger: float = 30.0
    life: float = 12 * 3600.0
    webhook_timeout: float = 8.0


PACE = Pace()
_BURST = 5  # looks in a row before `Pace.busy` applies


class Follower:
    """Looks at one room until nothing is left to wait for.

    Args:
        look: brings the room's cards up to date, and returns whether they are final: no run is on,
            and every card shows that.
        failures: the exceptions after which a later look may succeed.
        pace: how often to look.
        what: what is kept up to date, for the log.

    Attributes:
        longest: the longest pause, in seconds; a look may change it.
    """

    def __init__(
        self,
        look: Callable[[], Awaitable[bool]],
        failures: tuple[type[Exception], ...],
        pace: Pace,
        what: str = "live cards",
    ) -> None:
        self._what = what
        self.longest = pace.longest
        self._look = look
        self._failures = failures
        self._pace = pace
        self._clock = asyncio.get_running_loop().time
        self._end = 0.0
        self._quiet_at = 0.0
        self._paid_until = 0.0
        self._has_news = False
        self._stop = asyncio.Event()
        self._wake = asyncio.Event()
        self._waiting: list[asyncio.Future[bool]] = []
        self._cause = ""

    def notice(self, linger: float, *, soon: bool = True) -> None:
        """Take note of an event.

        Args:
            linger: the least seconds to go on looking.
            soon: whether to look at once, rather than at the usual pace.
        """
        now = self._clock()
        self._end = now + self._pace.life
        self._quiet_at = max(self._quiet_at, now + linger)
        if soon:
            self._has_news = True
            self._wake.set()

    def stop(self) -> None:
        """Stop, after a last look if there is news."""
        self._stop.set()
        self._wake.set()

    async def catch_up(self, seconds: float | None = None) -> bool:
        """Wait until a look that begins from now on succeeds; return whether one did in time.

        Args:
            seconds: how long to wait; None is the time in which a webhook has to be answered.
        """
        caught_up: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(caught_up)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pace.webhook_timeout if seconds is None else seconds):
                return await caught_up
        return False

    async def run(self) -> None:
        """Look again and again, until the cards are final, `stop` is called or `life` is over."""
        pause = self.longest
        try:
            if not self._has_news:
                await self._rest(pause)
            while self._has_news or not (self._stop.is_set() or self._clock() >= self._end):
                pause = self._pace.first if self._has_news else 2 * pause
                is_final = await self._try_look()
                pause = min(pause, self.longest)
                if is_final and not self._has_news and self._clock() >= self._quiet_at:
                    break
                await self._rest(pause)
        finally:
            for caught_up in self._waiting:
                if not caught_up.done():
                    caught_up.set_result(False)

    async def _try_look(self) -> bool:
        """Look once, and return whether the cards are final; log a failure."""
        self._has_news = False
        busy = self._pace.busy
        self._paid_until = max(self._paid_until, self._clock() - _BURST * busy) + busy
        waiting = self._waiting[:]  # callers that arrive during this look wait for the next one
        try:
            is_final = await self._look()
        except self._failures as error:
            self._log(f"{type(error).__name__}: {error}")
            return False
        self._cause = ""
        del self._waiting[: len(waiting)]
        for caught_up in waiting:
            if not caught_up.done():
                caught_up.set_result(True)
        return is_final

    async def _rest(self, pause: float) -> None:
        """Wait for the next look or for news; several events in a row make one look."""
        if not (self._has_news or self._stop.is_set()):
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause * random.uniform(0.8, 1.0)):  # noqa: S311 - spreads looks
                    await self._wake.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(self._pace.first, self._paid_until - self._clock())):
                await self._stop.wait()

    def _log(self, cause: str) -> None:
        """Log a failure, unless it is the same as the last one."""
        if cause != self._cause:
            LOG.warning("%s out of date", self._what, extra={"cause": cause})
        self._cause = cause


F = TypeVar("F", bound=Follower)


class Followers(dict[K, F]):
    """The running followers of a process, by key; each leaves when it has finished.

    Attributes:
        tasks: what runs in the background, the followers included.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tasks = Background()
        self._draining = False

    def start(self, key: K, follower: F) -> F:
        """Run a follower in the background; once draining has begun, for one look."""
        self[key] = follower
        self.tasks.start(self._run(key, follower))
        if self._draining:
            follower.stop()
        return follower

    async def drain(self, seconds: float) -> None:
        """Finish the looks that are due, cancelling those that take longer than `seconds`."""
        self._draining = True
        for follower in self.values():
            follower.stop()
        await self.tasks.drain(seconds)

    async def _run(self, key: K, follower: F) -> None:
        requester.set(replace(requester.get(), purpose=BACKGROUND))
        timing.set(None)
        try:
            await follower.run()
        finally:
            # No await since the follower last checked for news: the next event starts a new one.
            del self[key]

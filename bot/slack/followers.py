"""Follow a room: look at it after every event, and every minute while a run is on.

A webhook may be lost, and the listing of sessions may lag behind those that arrive. So one look
after an event is not enough.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """How often a room is looked at; all in seconds.

    Attributes:
        first: the pause after an event. It doubles with each look, as a listing may lag behind.
        most: the longest pause.
        busy: the pause between looks while events keep coming; the first few need not wait so long.
            A look may take a request of each kind, of which Slack takes 50 a minute.
        linger: how long a room without a run is looked at after an event.
        life: how long a room is followed after the last event at most.
        patience: how long a webhook waits for the cards to match.
    """

    first: float = 0.2
    most: float = 60.0
    busy: float = 1.6
    linger: float = 30.0
    life: float = 12 * 3600.0
    patience: float = 8.0


PACE = Pace()
_BURST = 5  # looks in a row, before `Pace.busy` counts


class Follower:
    """Looks at one room until nothing is left to wait for.

    Args:
        look: brings the room's cards up to date, and returns whether they are at rest: no run is
            on, and every card shows that.
        failures: what a look raises when a later one may succeed.
        pace: how often to look.
        what: is made to match, for the log.

    Attributes:
        most: the longest pause, in seconds; a look may change it.
    """

    def __init__(
        self,
        look: Callable[[], Awaitable[bool]],
        failures: tuple[type[Exception], ...],
        pace: Pace,
        what: str = "live cards",
    ) -> None:
        self._what = what
        self.most = pace.most
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
        """Look at once or, if that isn't called for, at the usual pace.

        Args:
            linger: seconds to go on looking at least.
            soon: whether something has happened.
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

    def caught_up(self) -> asyncio.Future[bool]:
        """Return a future that is True after the next look, or False if there is none."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return future

    async def run(self) -> None:
        """Look again and again."""
        pause = self.most
        try:
            if not self._has_news:
                await self._rest(pause)
            while self._has_news or not (self._stop.is_set() or self._clock() >= self._end):
                pause = self._pace.first if self._has_news else 2 * pause
                at_rest = await self._looked()
                pause = min(pause, self.most)
                if at_rest and not self._has_news and self._clock() >= self._quiet_at:
                    break
                await self._rest(pause)
        finally:
            self._release(self._waiting, caught_up=False)

    async def _looked(self) -> bool:
        """Look once, and return whether the cards are at rest."""
        self._has_news = False
        busy = self._pace.busy
        self._paid_until = max(self._paid_until, self._clock() - _BURST * busy) + busy
        waiting = self._waiting[:]  # whoever comes during the look waits for the next one
        try:
            at_rest = await self._look()
        except self._failures as error:
            self._log(f"{type(error).__name__}: {error}")
            return False
        self._cause = ""
        del self._waiting[: len(waiting)]
        self._release(waiting, caught_up=True)
        return at_rest

    async def _rest(self, pause: float) -> None:
        """Wait for the next look or for news; a burst of news is one look."""
        if not self._has_news:
            self._wake.clear()
            await self._wait(self._wake, pause * random.uniform(0.8, 1.0))  # noqa: S311 - spreads looks
        await self._wait(self._stop, max(self._pace.first, self._paid_until - self._clock()))

    async def _wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait for an event, but not if the follower is to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await (self._stop if self._stop.is_set() else event).wait()

    def _log(self, cause: str) -> None:
        """Log a failure, once while it lasts."""
        if cause != self._cause:
            LOG.warning("%s out of date", self._what, extra={"cause": cause})
        self._cause = cause

    def _release(self, waiting: list[asyncio.Future[bool]], *, caught_up: bool) -> None:
        for future in waiting:
            if not future.done():
                future.set_result(caught_up)

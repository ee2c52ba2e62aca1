"""Follow a room: look at it after every event, and every minute while a run is on."""

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
        linger: how long a room without a run is looked at after an event.
        life: how long a room is followed at most.
    """

    first: float = 0.2
    most: float = 60.0
    linger: float = 30.0
    life: float = 12 * 3600.0


PACE = Pace()


class Follower:
    """Looks at one room until nothing is left to wait for.

    Args:
        look: brings the room's cards up to date, and returns whether they are at rest: no run is
            on, and every card shows that.
        failures: what a look raises when a later one may succeed.
        pace: how often to look.
    """

    def __init__(
        self,
        look: Callable[[], Awaitable[bool]],
        failures: tuple[type[Exception], ...],
        pace: Pace,
    ) -> None:
        self._look = look
        self._failures = failures
        self._pace = pace
        self._clock = asyncio.get_running_loop().time
        self._end = self._clock() + pace.life
        self._quiet_at = 0.0
        self._has_news = False
        self._stopping = False
        self._wake = asyncio.Event()
        self._waiting: list[asyncio.Future[bool]] = []
        self._cause = ""

    def notice(self, linger: float) -> None:
        """Look soon, and go on for some seconds at least."""
        self._quiet_at = max(self._quiet_at, self._clock() + linger)
        self._has_news = True
        self._wake.set()

    def stop(self) -> None:
        """Stop, after a last look if there is news."""
        self._stopping = True
        self._wake.set()

    def caught_up(self) -> asyncio.Future[bool]:
        """Return a future that is True after the next look, or False if there is none."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return future

    async def run(self) -> None:
        """Look again and again."""
        pause = self._pace.first
        while self._clock() < self._end and (self._has_news or not self._stopping):
            pause = self._pace.first if self._has_news else min(2 * pause, self._pace.most)
            at_rest = await self._looked()
            quiet = self._clock() >= self._quiet_at and not self._has_news
            if self._stopping or (at_rest and quiet):
                break
            await self._rest(pause)
        self._release(self._waiting, caught_up=False)

    async def _looked(self) -> bool:
        """Look once, and return whether the cards are at rest."""
        self._has_news = False
        waiting, self._waiting = self._waiting, []
        try:
            at_rest = await self._look()
        except self._failures as error:
            self._waiting = waiting + self._waiting
            self._log(f"{type(error).__name__}: {error}")
            return False
        self._cause = ""
        self._release(waiting, caught_up=True)
        return at_rest

    async def _rest(self, pause: float) -> None:
        """Wait for the next look or for news; a burst of news is one look."""
        if not (self._has_news or self._stopping):
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause * random.uniform(0.8, 1.0)):  # noqa: S311 - spreads looks
                    await self._wake.wait()
        if not self._stopping:
            await asyncio.sleep(self._pace.first)

    def _log(self, cause: str) -> None:
        """Log a failure, once while it lasts."""
        if cause != self._cause:
            LOG.warning("live cards left behind", extra={"cause": cause})
        self._cause = cause

    def _release(self, waiting: list[asyncio.Future[bool]], *, caught_up: bool) -> None:
        for future in waiting:
            if not future.done():
                future.set_result(caught_up)

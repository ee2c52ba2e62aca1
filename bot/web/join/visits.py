"""Visits of the join page: logged and counted once each; and one link mints only so many tokens."""

import logging
import time
from collections import deque
from collections.abc import Callable

from bot.caching.recent import Recent
from bot.links import JoinLink
from bot.telemetry.metrics import UNCOUNTED, Metrics

LOG = logging.getLogger(__name__)

MOST_TOKENS = 500  # of one link in a minute: an all-hands meeting, and not a stranger's script
_MINUTE = 60.0  # seconds


class JoinVisits:
    """Everybody who has come by a join link.

    Args:
        metrics: count them.
        clock: seconds, from anywhere on.
    """

    def __init__(
        self, metrics: Metrics = UNCOUNTED, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._metrics = metrics
        self._clock = clock
        self._minted: Recent[JoinLink, deque[float]] = Recent()

    def may_mint(self, link: JoinLink) -> bool:
        """Return whether one more token may be minted for a link now, and count it."""
        now = self._clock()
        minted = self._minted.get(link, deque())
        while minted and minted[0] <= now - _MINUTE:
            minted.popleft()
        if len(minted) >= MOST_TOKENS:
            return False
        minted.append(now)
        self._minted[link] = minted
        return True

    def note(self, outcome: str, link: JoinLink | None, cause: str | None) -> None:
        """Log and count a page that was opened, whatever it showed.

        Args:
            outcome: what it showed, in a word or two.
            link: by which it was opened, if it is one of the bot's.
            cause: what went wrong, if anything did.
        """
        self._metrics.join_page(outcome)
        place = link.place if link else None
        facts = {"outcome": outcome, "team": place.team_id if place else None, "cause": cause}
        level = logging.WARNING if cause else logging.INFO
        LOG.log(level, "join page", extra={name: fact for name, fact in facts.items() if fact})

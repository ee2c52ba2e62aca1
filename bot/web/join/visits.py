"""Visits to the join page: log and count each, and limit the tokens that a link mints."""

import logging
import time
from collections import deque
from collections.abc import Callable

from bot.caching.recent import Recent
from bot.links import JoinLink
from bot.telemetry.metrics import NO_METRICS, Metrics

LOG = logging.getLogger(__name__)

MAX_TOKENS = 500  # per link and minute: enough for an all-hands meeting, but not for a script
_MINUTE = 60.0  # seconds


class JoinVisits:
    """Records visits to the join page.

    Args:
        metrics: counts them.
        clock: returns monotonic seconds.
    """

    def __init__(
        self, metrics: Metrics = NO_METRICS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._metrics = metrics
        self._clock = clock
        self._minted: Recent[JoinLink, deque[float]] = Recent()

    def may_mint(self, link: JoinLink) -> bool:
        """Return whether a link may mint one more token now; if so, count it."""
        now = self._clock()
        minted = self._minted.get(link, deque())
        while minted and minted[0] <= now - _MINUTE:
            minted.popleft()
        if len(minted) >= MAX_TOKENS:
            return False
        minted.append(now)
        self._minted[link] = minted
        return True

    def note(self, outcome: str, link: JoinLink | None, cause: str | None) -> None:
        """Log and count a visit.

        Args:
            outcome: what the page showed, in a word or two.
            link: the join link's content, if it is valid.
            cause: the error, if any.
        """
        self._metrics.join_page(outcome)
        place = link.place if link else None
        facts = {
            "outcome": outcome,
            "team": place.workspace.team_id if place else None,
            "cause": cause,
        }
        level = logging.WARNING if cause else logging.INFO
        LOG.log(level, "join page", extra={name: fact for name, fact in facts.items() if fact})

"""Limits on the meetings that a person and a workspace may start, and on the IDs they may check."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

from bot.slack.wording.errors import UsageError, too_many, too_many_checks

MINUTE = 60.0  # seconds
MAX_KEYS = 10_000  # remembered; the least recent is forgotten first


Words = Callable[[str, int, float], str]


class LimitedError(UsageError):
    """A person or a workspace has reached a limit; the message says how long to wait."""


class Limit:
    """A limit for each key: at most `limit` uses within any window of `span` seconds.

    Args:
        who: whose limit it is, as the sentence about it starts, such as `You've`.
        limit: the most uses within a window.
        clock: returns monotonic seconds.
        words: returns the sentence, given `who`, the limit and the seconds to wait.
        span: length of the window in seconds.
    """

    def __init__(
        self,
        who: str,
        limit: int,
        clock: Callable[[], float],
        words: Words,
        span: float = MINUTE,
    ) -> None:
        self._who = who
        self._limit = limit
        self._clock = clock
        self._words = words
        self._span = span
        self._latest: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, key: str) -> None:
        """Check that a key may be used once more now.

        Raises:
            LimitedError: its limit is reached.
        """
        latest = self._latest.get(key)
        if latest is None or len(latest) < self._limit:
            return
        wait = latest[0] + self._span - self._clock()
        if wait > 0:
            raise LimitedError(self._words(self._who, self._limit, wait))

    def count(self, key: str) -> None:
        """Count one use of a key, now."""
        now = self._clock()
        latest = self._latest.setdefault(key, deque())
        while latest and latest[0] <= now - self._span:
            latest.popleft()
        latest.append(now)
        self._latest.move_to_end(key)
        if len(self._latest) > MAX_KEYS:
            self._latest.popitem(last=False)


class RequestLimits:
    """Limits per minute for each person and each workspace.

    Limits are per process: with N processes the effective limit is up to N times higher.

    Args:
        per_user: a person's limit; None for no limit.
        per_team: a workspace's limit; None for no limit.
        clock: returns monotonic seconds.
        words: returns the sentence about a limit, as for `Limit`.
    """

    def __init__(
        self,
        per_user: int | None,
        per_team: int | None,
        clock: Callable[[], float] = time.monotonic,
        words: Words = too_many,
    ) -> None:
        users = Limit("You've", per_user, clock, words) if per_user else None
        teams = Limit("This workspace has", per_team, clock, words) if per_team else None
        self._limits = [(limit, limit is users) for limit in (users, teams) if limit]

    def admit(self, team_id: str, user_id: str) -> None:
        """Count one use by a person.

        Raises:
            LimitedError: a limit is reached; nothing is counted.
        """
        user = f"{team_id}/{user_id}"
        counted = [(limit, user if is_users else team_id) for limit, is_users in self._limits]
        for limit, key in counted:
            limit.check(key)
        for limit, key in counted:
            limit.count(key)


class MeetingLimits(RequestLimits):
    """Limits on starting meetings and, counted separately, on checking IDs.

    So somebody who tries out IDs doesn't keep colleagues from starting meetings.

    Attributes:
        checks: the limits on checking IDs.

    Args:
        per_user: a person's limit; None for no limit.
        per_team: a workspace's limit; None for no limit.
        clock: returns monotonic seconds.
    """

    def __init__(
        self,
        per_user: int | None,
        per_team: int | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(per_user, per_team, clock)
        self.checks = RequestLimits(per_user, per_team, clock, too_many_checks)

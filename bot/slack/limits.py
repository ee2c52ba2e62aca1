"""Limit how many meetings a person and a workspace may start, and how many IDs they may check."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

from bot.slack.wording.errors import UsageError, too_many, too_many_checks

MINUTE = 60.0  # seconds
MOST_KEYS = 10_000  # whose starts are remembered; those longest ago are forgotten first


Words = Callable[[str, int, float], str]


class LimitedError(UsageError):
    """A person or a workspace has to wait; the message says how long."""


class Limit:
    """At most so many within any minute, or another span of time, for each key.

    Args:
        who: whose limit it is, as a sentence about it begins.
        most: how many; None sets no limit.
        clock: seconds, from anywhere on.
        words: return the sentence about it, from who, how many, and the seconds to wait.
        span: seconds.
    """

    def __init__(
        self,
        who: str,
        most: int | None,
        clock: Callable[[], float],
        words: Words,
        span: float = MINUTE,
    ) -> None:
        self._who = who
        self._most = most
        self._clock = clock
        self._words = words
        self._span = span
        self._latest: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, key: str) -> None:
        """Return if there may be one more now.

        Raises:
            LimitedError: there may not.
        """
        latest = self._latest.get(key)
        if self._most is None or latest is None or len(latest) < self._most:
            return
        wait = latest[0] + self._span - self._clock()
        if wait > 0:
            raise LimitedError(self._words(self._who, self._most, wait))

    def count(self, key: str) -> None:
        """Count one now."""
        if self._most is None:
            return
        now = self._clock()
        latest = self._latest.setdefault(key, deque())
        while latest and latest[0] <= now - self._span:
            latest.popleft()
        latest.append(now)
        self._latest.move_to_end(key)
        if len(self._latest) > MOST_KEYS:
            self._latest.popitem(last=False)


class RequestLimits:
    """The most of something that each person and each workspace may do within a minute.

    Limits are per process: with N processes the effective limit is up to N times higher.

    Args:
        per_user: a person's; None sets no limit.
        per_team: a workspace's; None sets no limit.
        clock: seconds, from anywhere on.
        words: return the sentence about a limit.
    """

    def __init__(
        self,
        per_user: int | None,
        per_team: int | None,
        clock: Callable[[], float] = time.monotonic,
        words: Words = too_many,
    ) -> None:
        self._users = Limit("You've", per_user, clock, words)
        self._teams = Limit("This workspace has", per_team, clock, words)

    def admit(self, team_id: str, user_id: str) -> None:
        """Count one that somebody is about to do.

        Raises:
            LimitedError: it is one too many, and counts for nobody.
        """
        user = f"{team_id}/{user_id}"
        self._users.check(user)
        self._teams.check(team_id)
        self._users.count(user)
        self._teams.count(team_id)


class MeetingLimits(RequestLimits):
    """The most meetings a minute, and as many checks of IDs, which are counted apart.

    Somebody who tries out IDs doesn't keep colleagues from starting meetings, nor the other way
    round.

    Attributes:
        checks: limit the checks.

    Args:
        per_user: a person's; None sets no limit.
        per_team: a workspace's; None sets no limit.
        clock: seconds, from anywhere on.
    """

    def __init__(
        self,
        per_user: int | None,
        per_team: int | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(per_user, per_team, clock)
        self.checks = RequestLimits(per_user, per_team, clock, too_many_checks)

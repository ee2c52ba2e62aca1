"""Pauses between tries: exponential backoff with jitter."""

import random

FIRST = 1.0  # seconds
LONGEST = 60.0  # seconds

_JITTER = 1.5  # the largest random factor, so that processes don't all try at the same moment


class Pauses:
    """Pauses of one second, two, four and so on, up to a minute, each with jitter."""

    def __init__(self) -> None:
        self._next = FIRST

    def next(self, least: float = 0.0) -> float:
        """Return the seconds to wait now.

        Args:
            least: the seconds that the server asks for, as in Retry-After; capped at a minute.
        """
        pause = self._next * random.uniform(1, _JITTER)  # noqa: S311 - not for a secret
        self._next = min(2 * self._next, LONGEST)
        return min(max(pause, least), LONGEST)

    def reset(self) -> None:
        """Start over with the shortest pause."""
        self._next = FIRST

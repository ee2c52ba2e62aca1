"""Pauses between tries, which double so that nobody hammers a service that is down."""

import random

FIRST = 1.0  # seconds
MOST = 60.0  # seconds

_JITTER = 1.5  # at most so many times as long, so that not every process tries at the same moment


class Pauses:
    """Pauses of one second, two, four and so on up to a minute, each a bit longer by chance."""

    def __init__(self) -> None:
        self._next = FIRST

    def next(self, least: float = 0.0) -> float:
        """Return the seconds to wait now.

        Args:
            least: what the other side asks for; it gets no more than a minute.
        """
        pause = self._next * random.uniform(1, _JITTER)  # noqa: S311 - not for a secret
        self._next = min(2 * self._next, MOST)
        return min(max(pause, least), MOST)

    def reset(self) -> None:
        """Begin with the shortest pause again."""
        self._next = FIRST

"""Rate limits per minute.

https://docs.slack.dev/apis/web-api/rate-limits
"""

import math
from collections import defaultdict, deque
from collections.abc import Callable, Hashable

_WINDOW = 60.0  # seconds


class RateLimits:
    """Sliding windows of accepted requests, one per key.

    Args:
        clock: returns seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._accepted: defaultdict[Hashable, deque[float]] = defaultdict(deque)

    def take(self, key: Hashable, limit: int) -> int:
        """Accept a request and return 0, or return the seconds until one can be accepted.

        Args:
            key: what the limit applies to.
            limit: requests per minute.
        """
        now, accepted = self._clock(), self._accepted[key]
        while accepted and accepted[0] <= now - _WINDOW:
            accepted.popleft()
        if len(accepted) < limit:
            accepted.append(now)
            return 0
        return math.ceil(accepted[0] + _WINDOW - now)

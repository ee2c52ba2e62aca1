"""Bulkheads: a pool of slots per kind of call, shared fairly between workspaces."""

import asyncio
import resource
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from bot.transport.requester import BACKGROUND, COMMANDS, JOIN_PAGE, requester

_DESCRIPTORS_SHARE = 0.75  # the share of file descriptors for outgoing connections
VIDEOSDK, SLACK, RESPONSE_URL = "videosdk", "slack", "response_url"


class PoolLimits(NamedTuple):
    """The limits of a pool.

    Attributes:
        size: the number of slots.
        max_wait: seconds that a call waits for a slot.
    """

    size: int
    max_wait: float


LIMITS = {
    # Commands mustn't queue for long behind a slow provider: after one second, there is still time
    # to say in the acknowledgement that the bot is busy.
    (VIDEOSDK, COMMANDS): PoolLimits(1024, 1.0),
    (VIDEOSDK, JOIN_PAGE): PoolLimits(160, 3.0),
    (VIDEOSDK, BACKGROUND): PoolLimits(64, 10.0),
    (SLACK, COMMANDS): PoolLimits(96, 1.0),
    (SLACK, JOIN_PAGE): PoolLimits(32, 3.0),
    (SLACK, BACKGROUND): PoolLimits(64, 5.0),
}
FOLLOW_UPS = PoolLimits(96, 120.0)  # people wait for these; a response_url works for 30 minutes


class PoolFullError(TimeoutError):
    """No slot became free in time; nothing was sent."""


class Pool:
    """Slots for calls. A workspace gets at most half of them, and workspaces take turns.

    Args:
        limits: the pool's limits.
    """

    def __init__(self, limits: PoolLimits) -> None:
        self._free = limits.size
        self._share = limits.size // 2
        self._max_wait = limits.max_wait
        self._taken: dict[str, int] = {}
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}  # next turn first

    async def take(self, max_wait: float | None = None) -> str:
        """Wait for a slot, and return the workspace ID to pass to `give_back`.

        Args:
            max_wait: seconds, if less than the pool's own limit.

        Raises:
            PoolFullError: none became free in time.
        """
        workspace_id = requester.get().workspace_id
        if self._has_room(workspace_id):
            self._grant(workspace_id)
            return workspace_id
        seconds = self._max_wait if max_wait is None else min(max_wait, self._max_wait)
        await self._wait(workspace_id, seconds)
        return workspace_id

    def give_back(self, workspace_id: str) -> None:
        """Free a slot, and give it to the next in turn."""
        self._free += 1
        self._taken[workspace_id] -= 1
        if not self._taken[workspace_id]:
            del self._taken[workspace_id]
        if self._queues:
            self._serve_next()

    def _has_room(self, workspace_id: str) -> bool:
        return self._free > 0 and self._taken.get(workspace_id, 0) < self._share

    def _grant(self, workspace_id: str) -> None:
        self._free -= 1
        self._taken[workspace_id] = self._taken.get(workspace_id, 0) + 1

    async def _wait(self, workspace_id: str, seconds: float) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._queues.setdefault(workspace_id, deque()).append(turn)
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException as error:
            if not turn.cancelled():  # granted at the same moment
                self.give_back(workspace_id)
            if isinstance(error, TimeoutError):
                raise PoolFullError("every slot is taken") from None
            raise

    def _serve_next(self) -> None:
        for workspace_id in list(self._queues):
            if not self._has_room(workspace_id):
                continue
            queue = self._queues.pop(workspace_id)
            while queue:
                turn = queue.popleft()
                if turn.cancelled():
                    continue
                if queue:
                    self._queues[workspace_id] = queue  # to the end
                self._grant(workspace_id)
                turn.set_result(None)
                return


def descriptor_share(descriptors: int) -> float:
    """Return the factor for the pools' sizes that leaves some descriptors for incoming connections.

    Args:
        descriptors: the process's limit.
    """
    if descriptors == resource.RLIM_INFINITY:
        return 1.0
    wanted = sum(limits.size for limits in (*LIMITS.values(), FOLLOW_UPS))
    return min(1.0, _DESCRIPTORS_SHARE * descriptors / wanted)


def _scaled(limits: PoolLimits, share: float) -> PoolLimits:
    return limits._replace(size=max(2, int(limits.size * share)))


class Pools:
    """The pools of one process.

    Args:
        limits: the limits by service and purpose.
        follow_ups: the limits for all posts to response_urls.
        share: scales the sizes.
    """

    def __init__(
        self,
        limits: Mapping[tuple[str, str], PoolLimits] = LIMITS,
        follow_ups: PoolLimits = FOLLOW_UPS,
        share: float = 1.0,
    ) -> None:
        self._pools = {key: Pool(_scaled(each, share)) for key, each in limits.items()}
        self._follow_ups = Pool(_scaled(follow_ups, share))

    @classmethod
    def of_process(cls) -> "Pools":
        """Return pools that leave some of this process's descriptors to visitors."""
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return cls(share=descriptor_share(descriptors))

    def pool(self, service: str, operation: str) -> Pool:
        """Return the pool for a call; it depends on the current requester's purpose.

        Args:
            service: VIDEOSDK or SLACK.
            operation: the call's label in metrics; RESPONSE_URL has its own pool.
        """
        if operation == RESPONSE_URL:
            return self._follow_ups
        return self._pools[service, requester.get().purpose]

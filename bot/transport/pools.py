"""Bulkheads: a pool of slots per kind of call, shared fairly between workspaces."""

import asyncio
import resource
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from bot.transport.calls import OTHER, RESPONSE_URL, SLACK, VIDEOSDK, Call
from bot.transport.requester import BACKGROUND, COMMANDS, JOIN_PAGE, requester

_DESCRIPTORS_SHARE = 0.75  # the share of file descriptors for outgoing connections


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

    def grant(self, workspace_id: str) -> bool:
        """Give a workspace a slot, and return whether there was one."""
        taken = self._taken.get(workspace_id, 0)
        if self._free <= 0 or taken >= self._share:
            return False
        self._free -= 1
        self._taken[workspace_id] = taken + 1
        return True

    def give_back(self, workspace_id: str) -> None:
        """Free a workspace's slot, and give it to the next in turn."""
        self._free += 1
        self._taken[workspace_id] -= 1
        if not self._taken[workspace_id]:
            del self._taken[workspace_id]
        if self._queues:
            self._serve_next()

    async def wait(self, workspace_id: str, max_wait: float | None = None) -> None:
        """Wait for a workspace's turn, and take its slot.

        Args:
            workspace_id: the workspace's ID.
            max_wait: seconds, if less than the pool's own limit.

        Raises:
            PoolFullError: none became free in time.
        """
        seconds = self._max_wait if max_wait is None else min(max_wait, self._max_wait)
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
            queue = self._queues[workspace_id]
            while queue and queue[0].cancelled():
                queue.popleft()
            if queue and not self.grant(workspace_id):
                continue
            del self._queues[workspace_id]
            if queue:
                queue.popleft().set_result(None)
                if queue:
                    self._queues[workspace_id] = queue  # to the end
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
        follow_ups: the limits for all posts to response_urls, and for calls of other services.
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

    async def take(self, call: Call, max_wait: float | None = None) -> Callable[[], None]:
        """Wait for a slot for a call of the current requester's; return what gives it back.

        Args:
            call: the call.
            max_wait: seconds, if less than the pool's own limit.

        Raises:
            PoolFullError: none became free in time.
        """
        caller = requester.get()
        is_follow_up = call.operation == RESPONSE_URL or call.service == OTHER
        pool = self._follow_ups if is_follow_up else self._pools[call.service, caller.purpose]
        if not pool.grant(caller.workspace_id):
            await pool.wait(caller.workspace_id, max_wait)
        return partial(pool.give_back, caller.workspace_id)

"""Trigger IDs, each of which opens one modal, within 3 seconds.

https://docs.slack.dev/reference/methods/views.open
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.slack.errors import MethodError

LIFETIME = 3.0  # seconds


@dataclass
class _Trigger:
    user: str
    channel: str
    issued_at: float
    exchanged: bool = False


class Triggers:
    """The issued trigger_ids, each with its user and channel."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._issued: dict[str, _Trigger] = {}

    def issue(self, trigger_id: str, user: str, channel: str) -> None:
        """Register a trigger_id that can open one modal for a user."""
        self._issued[trigger_id] = _Trigger(user, channel, self._clock())

    def exchange(self, trigger_id: str) -> tuple[str, str]:
        """Consume a trigger_id; return the IDs of its user and channel.

        Raises:
            MethodError: it is unknown, expired, or already used.
        """
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise MethodError("invalid_trigger_id")
        if trigger.exchanged:
            raise MethodError("exchanged_trigger_id")
        if self._clock() - trigger.issued_at > LIFETIME:
            raise MethodError("expired_trigger_id")
        trigger.exchanged = True
        return trigger.user, trigger.channel

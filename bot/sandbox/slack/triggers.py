"""Exchange trigger_ids: once, within 3 seconds.

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
    """The trigger_ids that were handed out, each with who acted, and where."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._issued: dict[str, _Trigger] = {}

    def issue(self, trigger_id: str, user: str, channel: str) -> None:
        """Let a trigger_id open one modal for a user."""
        self._issued[trigger_id] = _Trigger(user, channel, self._clock())

    def exchange(self, trigger_id: str) -> tuple[str, str]:
        """Return the ids of the user who acted and of the channel they were in.

        Raises:
            MethodError: it is unknown, too old, or was exchanged before.
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

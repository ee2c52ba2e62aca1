"""Live cards switched off."""

from collections.abc import Sequence

from bot.participant_ids import CallRef
from bot.rooms.runs import Run


class PlainCards:
    """Stands in for LiveCards where a deployment has none."""

    async def is_active(self, _call: CallRef, _runs: Sequence[Run]) -> bool:
        """Return True: a plain card never says that its meeting is over."""
        return True

    async def close(self, _room_id: str, _call: CallRef) -> None:
        """Do nothing, even if the call is from a time when live cards were on."""

    async def sweep(self) -> None:
        """Do nothing."""

    async def drain(self, _seconds: float) -> None:
        """Return at once."""

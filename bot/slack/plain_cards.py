"""Plain cards: what a deployment has that is without live cards, or has them switched off."""

from collections.abc import Sequence

from bot.participant_ids import CallRef
from bot.rooms.runs import Run


class PlainCards:
    """The interface of LiveCards, with nothing behind it."""

    async def is_active(self, _call: CallRef, _runs: Sequence[Run]) -> bool:
        """Return True: nobody has said that the card's meeting is over."""
        return True

    async def close(self, _room_id: str, _call: CallRef) -> None:
        """Leave the card as it is; the call may be from a time with live cards."""

    async def sweep(self) -> None:
        """Catch up with nothing."""

    async def drain(self, _seconds: float) -> None:
        """Wait for nothing."""

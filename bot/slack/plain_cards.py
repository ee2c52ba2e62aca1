"""Plain cards: what a deployment has that is without live cards, or has them switched off."""

from bot.participant_ids import CallRef


class PlainCards:
    """The interface of LiveCards, with nothing behind it."""

    is_on = False

    async def announce(self, *_: object, **__: object) -> None:
        """Return None: the card is a plain one."""

    async def is_active(self, *_: object) -> bool:
        """Return True: nobody has said that the card's meeting is over."""
        return True

    def follow(self, *_: object, **__: object) -> None:
        """Follow nothing."""

    async def close(self, _room_id: str, _call: CallRef) -> None:
        """Leave the card as it is; the call may be from a time with live cards."""

    async def sweep(self) -> None:
        """Catch up with nothing."""

    async def drain(self, _seconds: float) -> None:
        """Wait for nothing."""

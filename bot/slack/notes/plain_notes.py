"""Notes switched off."""


class PlainNotes:
    """Stands in for Notes where a deployment offers none."""

    def notice_room(self, _room_id: str) -> None:
        """Do nothing."""

    async def drain(self, _seconds: float) -> None:
        """Return at once."""

"""What a deployment has whose cards offer no notes."""


class PlainNotes:
    """The interface of Notes, with nothing behind it."""

    def notice_room(self, _room_id: str) -> None:
        """Look at nothing."""

    async def drain(self, _seconds: float) -> None:
        """Wait for nothing."""

"""Tell everyone who enters a call that it is being transcribed."""

import asyncio

from bot.caching.recent import Recent
from bot.slack.notes.notes import Notes
from bot.videosdk import VideoSDK, VideoSDKError

ON = "This call is being transcribed."
UNKNOWN = "This call may be transcribed."

_PATIENCE = 1.5  # seconds that whoever joins waits for VideoSDK's answer


class NeverTranscribing:
    """What the page knows where notes are off."""

    async def note(self, _room_id: str) -> str:
        """Return nothing to tell."""
        return ""


class Transcribing(NeverTranscribing):
    """Looks whether a room's call is being transcribed.

    A crowd that comes at once shares a look. Nothing is remembered, as notes may be turned on at
    any moment.

    Args:
        videosdk: asked for it; its listing may be a little late.
        notes: know at once what this process has turned on.
    """

    def __init__(self, videosdk: VideoSDK, notes: Notes) -> None:
        self._videosdk = videosdk
        self._notes = notes
        self._looks: Recent[str, asyncio.Task[str]] = Recent()

    async def note(self, room_id: str) -> str:
        """Return what to tell people about a room's call, "" if it isn't transcribed."""
        if self._notes.is_taking(room_id):
            return ON
        look = self._looks.get(room_id)
        if look is None or look.done():
            look = self._looks[room_id] = asyncio.create_task(self._look(room_id))
        return await asyncio.shield(look)

    async def _look(self, room_id: str) -> str:
        try:
            async with asyncio.timeout(_PATIENCE):
                found = await self._videosdk.transcriptions(room_id)
        except (VideoSDKError, TimeoutError):
            return UNKNOWN
        return ON if any(one.is_running for one in found) else ""

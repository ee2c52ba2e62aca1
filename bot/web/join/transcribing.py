"""Tell everyone who enters a call that it is being transcribed."""

import asyncio

from bot.caching.shared import Shared
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
    """Looks whether a room's call is being transcribed; a crowd shares a look.

    Args:
        videosdk: asked for it.
    """

    def __init__(self, videosdk: VideoSDK) -> None:
        self._videosdk = videosdk
        self._looks: Shared[bool] = Shared()

    async def note(self, room_id: str) -> str:
        """Return what to tell people about a room's call, "" if it isn't transcribed."""
        try:
            async with asyncio.timeout(_PATIENCE):
                is_on = await self._looks.get(room_id, lambda: self._look(room_id))
        except (VideoSDKError, TimeoutError):
            return UNKNOWN
        return ON if is_on else ""

    async def _look(self, room_id: str) -> bool:
        return any(one.is_running for one in await self._videosdk.transcriptions(room_id))

"""The notice that a call is being transcribed, for everyone who joins."""

import asyncio

from bot.caching.recent import Recent
from bot.slack.notes.notes import Notes
from bot.videosdk import VideoSDK, VideoSDKError

ON = "This call is being transcribed."
UNKNOWN = "This call may be transcribed."

_LOOKUP_TIMEOUT = 1.5  # seconds to wait for VideoSDK while somebody joins


class NeverTranscribing:
    """Shows no notice, where notes are off."""

    async def note(self, _room_id: str) -> str:
        """Return no notice."""
        return ""


NEVER_TRANSCRIBING = NeverTranscribing()


class Transcribing(NeverTranscribing):
    """Looks up whether a room's call is being transcribed.

    Concurrent visitors share one lookup. Results aren't cached, because notes may be turned on at
    any moment.

    Args:
        videosdk: lists transcriptions; the list may lag behind.
        notes: knows at once which calls this process is transcribing.
    """

    def __init__(self, videosdk: VideoSDK, notes: Notes) -> None:
        self._videosdk = videosdk
        self._notes = notes
        self._lookups: Recent[str, asyncio.Task[str]] = Recent()

    async def note(self, room_id: str) -> str:
        """Return the notice for a room's call; "" if it isn't being transcribed."""
        if self._notes.is_taking(room_id):
            return ON
        lookup = self._lookups.get(room_id)
        if lookup is None or lookup.done():
            lookup = self._lookups[room_id] = asyncio.create_task(self._look_up(room_id))
        return await asyncio.shield(lookup)

    async def _look_up(self, room_id: str) -> str:
        try:
            async with asyncio.timeout(_LOOKUP_TIMEOUT):
                found = await self._videosdk.transcriptions(room_id)
        except (VideoSDKError, TimeoutError):
            return UNKNOWN
        return ON if any(one.is_running for one in found) else ""

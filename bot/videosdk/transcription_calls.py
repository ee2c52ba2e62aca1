"""The client's calls about transcriptions and their files."""

import asyncio

from bot.videosdk.files import Files
from bot.videosdk.models import Transcription
from bot.videosdk.transcriptions import Transcriptions


class TranscriptionCalls:
    """The part of the client that transcribes meetings.

    Args:
        transcriptions: the account's; None if this version of the API has none.
        files: fetches transcripts and summaries.
        deadline: seconds for a whole call.
    """

    def __init__(
        self, transcriptions: Transcriptions | None, files: Files, deadline: float
    ) -> None:
        self._known_transcriptions = transcriptions
        self._files = files
        self._deadline = deadline

    @property
    def can_transcribe(self) -> bool:
        """Whether this version of the API has transcriptions."""
        return self._known_transcriptions is not None

    async def start_transcription(
        self, room_id: str, *, webhook_url: str, prompt: str, language: str | None = None
    ) -> Transcription:
        """Transcribe a room's running session, with a summary afterwards.

        The call is retried only if it certainly had no effect. After any error except
        VideoSDKRefusedError, the transcription may be running: end it.

        Args:
            room_id: VideoSDK's own ID.
            webhook_url: where to report the start and the end, 512 characters at most.
            prompt: what the summary should have.
            language: the spoken language's code, like `en-US`; None lets VideoSDK detect it.

        Returns:
            The transcription. Its `id` is `` if VideoSDK has not said which one it is.

        Raises:
            NotImplementedError: this version of the API cannot: see `can_transcribe`.
            VideoSDKError: no transcription was started, or it is unknown whether one was.
        """
        end = self._end()
        return await self._transcriptions.start(room_id, webhook_url, prompt, language, end)

    async def end_transcription(self, room_id: str) -> None:
        """End a room's running transcription, if one is running. Any 2xx reply is a success.

        Args:
            room_id: VideoSDK's own ID.

        Raises:
            NotImplementedError: this version of the API cannot: see `can_transcribe`.
            VideoSDKError: the transcription may still be running.
        """
        await self._transcriptions.end(room_id, self._end())

    async def transcriptions(
        self, room_id: str, session_id: str | None = None
    ) -> list[Transcription]:
        """Return a room's newest transcriptions, at most one page, newest first.

        One that has just started or ended may be listed late.

        Args:
            room_id: VideoSDK's own ID.
            session_id: return only this session's; None for all sessions.

        Raises:
            NotImplementedError: this version of the API cannot: see `can_transcribe`.
            VideoSDKError: the transcriptions could not be read.
        """
        return await self._transcriptions.of_room(room_id, session_id, self._end())

    async def transcription(self, transcription_id: str) -> Transcription:
        """Return one transcription as it is now.

        Args:
            transcription_id: VideoSDK's ID of it.

        Raises:
            NotImplementedError: this version of the API cannot: see `can_transcribe`.
            VideoSDKError: the transcription could not be read.
        """
        return await self._transcriptions.get(transcription_id, self._end())

    async def file(self, url: str) -> str:
        """Return the text of a transcript or a summary, of at most 1 MiB, within 10 seconds.

        Bytes that are not UTF-8 are replaced. No error message contains the URL.

        Args:
            url: the address as VideoSDK reported it.

        Raises:
            VideoSDKError: the file was not read, for example because it isn't on VideoSDK's hosts.
        """
        return await self._files.read(url)

    def is_file(self, url: str) -> bool:
        """Return whether `file` may fetch a URL.

        Args:
            url: the URL of a transcript or a summary.
        """
        return self._files.is_own(url)

    @property
    def _transcriptions(self) -> Transcriptions:
        if self._known_transcriptions is None:
            raise NotImplementedError("this version of the API has no transcriptions")
        return self._known_transcriptions

    def _end(self, seconds: float | None = None) -> float:
        """Return the event loop's time at which a call times out."""
        seconds = self._deadline if seconds is None else seconds
        return asyncio.get_running_loop().time() + seconds

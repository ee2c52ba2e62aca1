"""The client's calls about transcriptions and their files."""

from bot.videosdk import transcriptions
from bot.videosdk.account_calls import AccountCalls
from bot.videosdk.errors import VideoSDKBadReplyError, VideoSDKError, VideoSDKRefusedError
from bot.videosdk.files import Files
from bot.videosdk.models import Transcription
from bot.videosdk.parsing import text
from bot.videosdk.retries import was_not_done
from bot.videosdk.transcriptions import newest_first, read_transcription, read_transcriptions
from bot.videosdk.wire import NOTHING_TO_END

MAX_UNPLACED = 3  # entries without a room that are looked up by their IDs


class TranscriptionCalls(AccountCalls):
    """The part of the client that transcribes meetings."""

    _files: Files

    @property
    def can_transcribe(self) -> bool:
        """Whether this version of the API has transcriptions."""
        return self._dialect.CAN_TRANSCRIBE

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
        self._require()
        end = self._end()
        asked = transcriptions.start(room_id, webhook_url, prompt, language)
        payload, _ = await self._ask(
            asked, end, lambda error: asked if was_not_done(error) else None
        )
        if text(payload.get("id")):
            started = read_transcription(payload, room_id)
            if started.room_id != room_id:
                raise VideoSDKBadReplyError("an answer about another meeting")
            return started
        # Similar calls answer with a sentence. The listing may know more, unless it lags.
        nameless = Transcription("", "running", room_id, "", webhook_url=webhook_url)
        try:
            return await self._transcribing(room_id, end) or nameless
        except VideoSDKError:
            return nameless  # it has started nevertheless

    async def end_transcription(self, room_id: str) -> None:
        """End a room's running transcription, if one is running. Any 2xx reply is a success.

        After a rejection, it checks whether one is still running.

        Args:
            room_id: VideoSDK's own ID.

        Raises:
            NotImplementedError: this version of the API cannot: see `can_transcribe`.
            VideoSDKError: the transcription may still be running.
        """
        self._require()
        end = self._end()
        try:
            await self._ask(transcriptions.stop(room_id), end)
        except VideoSDKRefusedError as error:
            if error.status not in NOTHING_TO_END or await self._transcribing(room_id, end):
                raise

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
        self._require()
        return await self._of_room(room_id, session_id, self._end())

    async def transcription(self, transcription_id: str) -> Transcription:
        """Return one transcription as it is now.

        Args:
            transcription_id: VideoSDK's ID of it.

        Raises:
            NotImplementedError: this version of the API cannot: see `can_transcribe`.
            VideoSDKError: the transcription could not be read.
        """
        self._require()
        return await self._one(transcription_id, self._end())

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

    def _require(self) -> None:
        if not self.can_transcribe:
            raise NotImplementedError("this version of the API has no transcriptions")

    async def _of_room(
        self, room_id: str, session_id: str | None, end: float
    ) -> list[Transcription]:
        payload, _ = await self._ask(transcriptions.listing(room_id, session_id), end)
        listed = newest_first(read_transcriptions(payload))
        found = [each for each in listed if each.room_id]
        unplaced = [each for each in listed if not each.room_id][:MAX_UNPLACED]
        found += [await self._one(each.id, end) for each in unplaced]
        return [
            each
            for each in newest_first(found)
            if each.room_id == room_id and session_id in (None, each.session_id)
        ]

    async def _one(self, transcription_id: str, end: float) -> Transcription:
        payload, _ = await self._ask(transcriptions.one(transcription_id), end)
        found = read_transcription(payload)
        if found.id != transcription_id:
            raise VideoSDKBadReplyError("an answer about another transcription")
        return found

    async def _transcribing(self, room_id: str, end: float) -> Transcription | None:
        """Return the transcription that is running now; the listing may show it late."""
        found = await self._of_room(room_id, None, end)
        listed = next((each for each in found if each.is_running), None)
        newest = await self._one(listed.id, end) if listed else None
        return newest if newest and newest.is_running else None

"""Keep one reply up to date with its transcription at VideoSDK."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from bot.links import NotesLink
from bot.rooms.runs import Run, as_runs
from bot.slack.blocks import Message
from bot.slack.followers import PACE
from bot.slack.notes.owners import Owners
from bot.slack.notes.replies import Replies, ReplyRefusedError
from bot.slack.notes.reply import reply
from bot.slack.notes.state import NEVER, NotesState, Stage, find_own, has_lost, read_state
from bot.videosdk import Transcription, VideoSDK, VideoSDKBadReplyError, VideoSDKRefusedError

_REWRITE_AFTER = 50.0  # seconds; another process may have overwritten the reply with an older state
_UNREADABLE_FOR = 300.0  # seconds after the end in which a summary's file may not be readable yet
_FEW, _MANY = 3, 20  # newest sessions of the room to search for the transcribed one
_SUMMARY_POLL = 3.0  # seconds; VideoSDK sends no webhook when the summary is ready
_SUMMARY_POLL_FOR = 900.0  # seconds after the end; from then on Pace.longest is enough


class NotesReply:
    """A reply that shows a transcription.

    Args:
        link: identifies the reply.
        videosdk: lists transcriptions and sessions, and reads files.
        replies: edits and deletes the reply.
        owners: know which reply a transcription belongs to.
        clock: returns seconds since 1970.

    Attributes:
        transcription_id: VideoSDK's; "" until it is known for certain, NEVER if there is none.
        is_taking: whether the call was being transcribed at the last look.
        is_accepted: whether VideoSDK has accepted this reply's start. If so, the transcription that
            started right after the reply is its own, even if VideoSDK doesn't say so.
        pause: the longest pause until the next look, in seconds.
    """

    def __init__(
        self,
        link: NotesLink,
        videosdk: VideoSDK,
        replies: Replies,
        owners: Owners,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.link = link
        self._videosdk = videosdk
        self._replies = replies
        self._owners = owners
        self._clock = clock
        self._written: tuple[float, Message] | None = None
        self._summary: tuple[str, str] | None = None
        self.transcription_id = ""
        self.is_taking = False
        self.is_accepted = False
        self.pause = PACE.longest
        self._run: Run | None = None

    async def look(self) -> bool:
        """Bring the reply up to date, and return whether it is final.

        The state is read again after each write, which may have replaced a newer one that another
        process wrote in the meantime.

        Raises:
            VideoSDKError: the state can't be read.
            ReplyRefusedError: Slack failed for now.
        """
        state = await self.state()
        self.is_taking = state is not None and state.stage is Stage.TAKING
        self.pause = self._next_pause(state)
        while state is not None and state.stage is not Stage.STARTING:  # the reply says so already
            message = reply(self.link, state, await self._text(state))
            if not self._is_due(message):
                break
            if not await self._write(message):
                return True
            before, state = state, await self.state()
            if state == before:
                break
        if state is None:
            await self._give_way()
            return True
        return state.is_final and not self._is_unread(state)

    async def state(self) -> NotesState | None:
        """Return the state to show, or None if another reply shows these notes.

        Raises:
            VideoSDKError: it can't be read.
        """
        found = await self._transcriptions()
        own = self._find_own(found)
        if own and (self.is_accepted or self._owners.of(own) == self.link.key):
            self.transcription_id = own.id
        if has_lost(self.link, own, found, self.transcription_id, self._clock()):
            return None
        run = await self._find_run(own) if own else None
        state = read_state(self.link, own, run, self._clock(), self.transcription_id)
        urls = filter(None, (state.summary_url, state.transcript_url))
        return replace(state, is_foreign=not all(map(self._videosdk.is_file, urls)))

    async def _transcriptions(self) -> list[Transcription]:
        """Return the room's transcriptions, with this reply's own as up to date as possible.

        Listings lag behind, and may not say which reply a transcription belongs to.
        """
        found = await self._videosdk.transcriptions(self.link.room_id)
        own = self._find_own(found)
        is_told = own and (own.id == self.transcription_id or self._owners.of(own))
        wanted = own.id if own else self.transcription_id
        if is_told or wanted in ("", NEVER):
            return found
        with suppress(VideoSDKRefusedError):  # refused if it doesn't exist
            one = await self._videosdk.transcription(wanted)
            found = [one, *(other for other in found if other.id != one.id)]
        return found

    def _find_own(self, found: Sequence[Transcription]) -> Transcription | None:
        return find_own(self.link, found, self.transcription_id, self._owners.of)

    async def _find_run(self, own: Transcription) -> Run | None:
        """Return the run that was transcribed, read again until it has ended."""
        if self._run is None or self._run.end is None:
            self._run = await self._read_run(own)
        return self._run

    async def _read_run(self, own: Transcription) -> Run | None:
        """Return the run with the transcription's session ID, or the newest if it has none."""
        for most in (_FEW, _MANY):
            for run in as_runs(await self._videosdk.sessions(self.link.room_id, most=most)):
                if own.session_id in ("", run.session_id):
                    return run
        return None

    async def _text(self, state: NotesState) -> str | None:
        """Return the summary's text, or None if there is none to read; read each file once."""
        if state.stage is not Stage.READY or state.is_foreign:
            return None
        if self._summary is None or self._summary[0] != state.summary_url:
            try:
                text = await self._videosdk.file(state.summary_url)
            except (VideoSDKBadReplyError, VideoSDKRefusedError):
                return None
            self._summary = (state.summary_url, text)
        return self._summary[1]

    def _is_unread(self, state: NotesState) -> bool:
        """Return whether there is a summary that can't be read yet but may be soon."""
        if state.stage is not Stage.READY or state.is_foreign or self._summary:
            return False
        ended = state.ended.timestamp() if state.ended else self._clock()
        return self._clock() - ended < _UNREADABLE_FOR

    def _next_pause(self, state: NotesState | None) -> float:
        if state is None or state.stage is not Stage.WRITING or state.ended is None:
            return PACE.longest
        is_recent = self._clock() - state.ended.timestamp() < _SUMMARY_POLL_FOR
        return _SUMMARY_POLL if is_recent else PACE.longest

    def _is_due(self, message: Message) -> bool:
        if self._written is None:
            return True
        at, written = self._written
        return message != written or self._clock() - at > _REWRITE_AFTER

    async def _write(self, message: Message) -> bool:
        """Write the reply, and return whether it still exists."""
        try:
            is_there = await self._replies.edit(self.link, message)
        except ReplyRefusedError as refusal:
            if refusal.is_transient:
                raise
            return False
        self._written = (self._clock(), message)
        if self.transcription_id not in ("", NEVER):
            self._owners.note(self.transcription_id, self.link if is_there else None)
        return is_there

    async def _give_way(self) -> None:
        """Delete the reply, because another one shows these notes."""
        try:
            await self._replies.delete(self.link)
        except ReplyRefusedError as refusal:
            if refusal.is_transient:
                raise

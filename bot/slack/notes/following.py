"""Make one reply match what VideoSDK says about its transcription."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from bot.links import NotesLink
from bot.rooms.runs import Run, as_runs
from bot.slack.blocks import Message
from bot.slack.followers import PACE
from bot.slack.notes.replies import Replies, ReplyRefusedError
from bot.slack.notes.reply import reply
from bot.slack.notes.state import (
    NEVER,
    NotesState,
    Stage,
    find_own,
    has_lost,
    read_state,
)
from bot.videosdk import (
    Transcription,
    VideoSDK,
    VideoSDKBadReplyError,
    VideoSDKRefusedError,
)

_AGAIN = (
    50.0  # seconds after which a reply is written again, in case another process wrote an old state
)
_FEW, _MANY = 3, 20  # newest sessions of the room, in which the transcribed one should be
_SOON = 3.0  # seconds between looks for a summary: VideoSDK doesn't tell when it is there
_SOON_FOR = 900.0  # seconds after the end; from then on a look a minute is enough


class NotesUnavailableError(Exception):
    """Slack failed, and may do it the next time."""


class NotesReply:
    """Looks at a transcription and writes the reply.

    Args:
        link: names the reply.
        videosdk: asked for transcriptions, sessions and files.
        replies: written to.
        clock: seconds since 1970.

    Attributes:
        transcription_id: VideoSDK's, once it is known.
        is_taking: whether the call was being transcribed at the last look.
        pause: seconds until the next look at most.
    """

    def __init__(
        self,
        link: NotesLink,
        videosdk: VideoSDK,
        replies: Replies,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.link = link
        self._videosdk = videosdk
        self._replies = replies
        self._clock = clock
        self._written: tuple[float, Message] | None = None
        self._summary: tuple[str, str] | None = None
        self.transcription_id = ""
        self.is_taking = False
        self.pause = PACE.most
        self._run: Run | None = None

    async def look(self) -> bool:
        """Write the reply, and return whether nothing more is to come.

        The state is read again after each write: another process may have written a newer one
        meanwhile, which this write has replaced.

        Raises:
            VideoSDKError: the state could not be read.
            NotesUnavailableError: Slack failed.
        """
        state = await self.state()
        self.is_taking = state is not None and state.stage is Stage.TAKING
        self.pause = self._next_pause(state)
        while state is not None:
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
        """Return what the reply has to show, or None if another reply shows it instead.

        Raises:
            VideoSDKError: it could not be read.
        """
        known = self.transcription_id
        if known == NEVER:
            return NotesState(Stage.MISSING, transcription_id=NEVER)
        found = await self._videosdk.transcriptions(self.link.room_id)
        if known and all(one.id != known for one in found):
            with suppress(VideoSDKRefusedError):  # there is none; if there is, the listing is late
                found = [*found, await self._videosdk.transcription(known)]
        own = find_own(self.link, found, known)
        if has_lost(own, found):
            return None
        run = await self._find_run(own) if own else None
        state = read_state(self.link, own, run, self._clock())
        urls = filter(None, (state.summary_url, state.transcript_url))
        return replace(state, is_foreign=not all(map(self._videosdk.is_file, urls)))

    async def _find_run(self, own: Transcription) -> Run | None:
        """Return the run that was transcribed; one that is over stays as it is."""
        if self._run is None or self._run.end is None:
            self._run = await self._read_run(own)
        return self._run

    async def _read_run(self, own: Transcription) -> Run | None:
        """Return the run that was transcribed; without a session's id, the newest one."""
        for most in (_FEW, _MANY):
            for run in as_runs(await self._videosdk.sessions(self.link.room_id, most=most)):
                if own.session_id in ("", run.session_id):
                    return run
        return None

    async def _text(self, state: NotesState) -> str | None:
        """Return the summary, or None if it can't be read; VideoSDK's files don't change."""
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
        """Return whether there is a summary that couldn't be read yet, but perhaps can be soon."""
        if state.stage is not Stage.READY or state.is_foreign or self._summary:
            return False
        ended = state.ended.timestamp() if state.ended else self._clock()
        return self._clock() - ended < _AGAIN * 6

    def _next_pause(self, state: NotesState | None) -> float:
        if state is None or state.stage is not Stage.WRITING or state.ended is None:
            return PACE.most
        return _SOON if self._clock() - state.ended.timestamp() < _SOON_FOR else PACE.most

    def _is_due(self, message: Message) -> bool:
        if self._written is None:
            return True
        at, written = self._written
        return message != written or self._clock() - at > _AGAIN

    async def _write(self, message: Message) -> bool:
        """Write the reply, and return whether it is still there."""
        try:
            is_there = await self._replies.edit(self.link, message)
        except ReplyRefusedError as refusal:
            if refusal.is_transient:
                raise NotesUnavailableError(str(refusal)) from None
            return False
        self._written = (self._clock(), message)
        return is_there

    async def _give_way(self) -> None:
        """Delete the reply: another click's reply shows these notes."""
        try:
            await self._replies.delete(self.link)
        except ReplyRefusedError as refusal:
            if refusal.is_transient:
                raise NotesUnavailableError(str(refusal)) from None

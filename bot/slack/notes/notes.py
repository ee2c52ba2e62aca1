"""Notes: turn them on, stop and delete them, and follow them until they are complete.

Nothing is stored. Webhooks may be lost, doubled or late, so each one only triggers a look: ask
VideoSDK for the current state, and make the reply match.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from enum import Enum, auto
from weakref import WeakValueDictionary

from bot.links import Conversation, NotesLink, SignedLinks
from bot.slack.followers import PACE, Follower, Followers, Pace
from bot.slack.notes.following import NotesReply
from bot.slack.notes.options import TranscriptionOptions
from bot.slack.notes.owners import Key, Owners
from bot.slack.notes.plain_notes import PlainNotes
from bot.slack.notes.replies import Replies, ReplyRefusedError
from bot.slack.notes.reply import failed_reply, reply
from bot.slack.notes.state import NEVER, NotesState, Stage
from bot.slack.wording.notes import not_started
from bot.telemetry.logs import reference
from bot.videosdk import VideoSDK, VideoSDKError, VideoSDKRefusedError

LOG = logging.getLogger(__name__)

_PAUSES = (0.2, 0.4, 0.8)  # seconds between tries; listings lag behind
# Statuses that explain a refused start; any other may mean that a transcription is running already.
_EXPLAINED = {401, 402, 403, 404, 429}


class TakeResult(Enum):
    """Result of turning notes on."""

    ON = auto()
    ALREADY_ON = auto()
    FAILED = auto()


class OthersNotesError(Exception):
    """The running transcription belongs to another reply, or may."""


class ReplyFollower(Follower):
    """Keeps a reply up to date, looking as often as its state needs.

    Attributes:
        shown: the reply.
    """

    def __init__(self, shown: NotesReply, pace: Pace) -> None:
        super().__init__(self._update, (VideoSDKError, ReplyRefusedError), pace, "notes")
        self.shown = shown
        self._longest = pace.longest

    async def _update(self) -> bool:
        is_final = await self.shown.look()
        self.longest = min(self.shown.pause, self._longest)
        return is_final


class Notes(PlainNotes):
    """Notes of calls.

    Args:
        videosdk: transcribes calls.
        links: signs and reads webhook URLs.
        replies: posts, edits and deletes the replies.
        options: the summary's prompt and the call's language.
        pace: how often to look.
        clock: returns seconds since 1970.
    """

    def __init__(  # noqa: PLR0913 - two of them have defaults
        self,
        videosdk: VideoSDK,
        links: SignedLinks,
        replies: Replies,
        options: TranscriptionOptions,
        *,
        pace: Pace = PACE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._videosdk = videosdk
        self._links = links
        self._replies = replies
        self._options = options
        self._pace = pace
        self._clock = clock
        self._owners = Owners(links)
        self._followers: Followers[Key, ReplyFollower] = Followers()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # by room

    async def take(
        self, place: Conversation, room_id: str, user_id: str, starter: str
    ) -> tuple[TakeResult, str]:
        """Turn notes on: post the reply, then start the transcription.

        Return the outcome and, if it failed, the sentence that says why.

        Args:
            place: the card's thread.
            room_id: VideoSDK's room ID.
            user_id: who turns them on.
            starter: who started the meeting.

        Raises:
            ReplyRefusedError: Slack rejects the reply, so nothing was started.
            VideoSDKError: VideoSDK can't say whether they are on already.
        """
        turn = self._turns.setdefault(room_id, asyncio.Lock())
        had_to_wait = turn.locked()
        async with turn:
            # Another click may have turned them on just now, while the listing lags behind.
            if (had_to_wait and self.is_taking(room_id)) or await self._is_on(room_id):
                return TakeResult.ALREADY_ON, ""
            link = NotesLink(place, "", room_id, user_id, starter)
            message = reply(link, NotesState(Stage.STARTING))
            link = replace(link, ts=await self._replies.post(place, message))
            # The caller may be cancelled; a transcription that has started is settled all the same.
            return await asyncio.shield(self._followers.tasks.start(self._begin(link)))

    async def stop(self, link: NotesLink, transcription_id: str = "") -> None:
        """Stop transcribing, and wait a while for the reply to show it.

        Raises:
            OthersNotesError: the notes are another reply's, or may be; they go on.
            VideoSDKError: the call may still be transcribed.
        """
        are_own = await self._end(link, transcription_id)
        await self.follow(link, transcription_id).catch_up()
        if not are_own:
            raise OthersNotesError

    async def delete(self, link: NotesLink, transcription_id: str = "") -> None:
        """Stop transcribing, and delete the reply.

        Raises:
            OthersNotesError: the notes may be another reply's; nothing was done.
            VideoSDKError: the call may still be transcribed; the reply wasn't deleted.
            ReplyRefusedError: Slack didn't delete the reply.
        """
        await self._end(link, transcription_id)
        await self._replies.delete(link)
        self._owners.note(transcription_id, None)

    def follow(self, link: NotesLink, transcription_id: str = "") -> ReplyFollower:
        """Bring a reply up to date now, and keep it so until its notes are complete.

        Args:
            link: identifies the reply.
            transcription_id: VideoSDK's; "" if it isn't known for certain, NEVER if there is none.
        """
        follower = self._followers.get(link.key)
        if follower is None:
            follower = self._followers.start(link.key, ReplyFollower(self._shown(link), self._pace))
        follower.shown.transcription_id = transcription_id or follower.shown.transcription_id
        follower.notice(0.0)
        return follower

    def notice_room(self, room_id: str) -> None:
        """Look at a room's notes after any event of the room; their own webhook may be lost."""
        for follower in self._followers.values():
            if follower.shown.link.room_id == room_id:
                follower.notice(0.0)

    def is_taking(self, room_id: str) -> bool:
        """Return whether this process has seen that a room is being transcribed."""
        shown = [follower.shown for follower in self._followers.values()]
        return any(one.is_taking for one in shown if one.link.room_id == room_id)

    async def drain(self, seconds: float) -> None:
        """Finish the looks that are due, cancelling those that take longer than `seconds`."""
        await self._followers.drain(seconds)

    async def _begin(self, link: NotesLink) -> tuple[TakeResult, str]:
        """Start the transcription for a posted reply.

        This follows the posting directly: if the process is killed in between, nobody can tell
        whether the reply has asked for a transcription.
        """
        try:
            started = await self._videosdk.start_transcription(
                link.room_id,
                webhook_url=self._links.notes_url(link),
                prompt=self._options.prompt,
                language=self._options.language,
            )
        except VideoSDKRefusedError as error:
            return await self._refused(link, error)
        except VideoSDKError as error:
            return await self._unsure(link, error)
        if self._owners.of(started) not in (None, link.key):  # another click's is running already
            return await self._give_way(link)
        return await self._settle(link, started.id, is_accepted=True)

    async def _settle(
        self, link: NotesLink, transcription_id: str, *, is_accepted: bool
    ) -> tuple[TakeResult, str]:
        """Follow this reply, or delete it if another click's shows the notes."""
        shown = self._shown(link, transcription_id)
        shown.is_accepted = is_accepted
        with suppress(VideoSDKError):
            if await shown.state() is None:
                return await self._give_way(link)
        followed = self.follow(link, shown.transcription_id).shown
        followed.is_taking, followed.is_accepted = True, is_accepted
        return TakeResult.ON, ""

    async def _give_way(self, link: NotesLink) -> tuple[TakeResult, str]:
        """Delete a reply, because another click's shows the notes."""
        try:
            await self._replies.delete(link)
        except ReplyRefusedError:
            await asyncio.sleep(_PAUSES[0])
            with suppress(ReplyRefusedError):
                await self._replies.delete(link)
        return TakeResult.ALREADY_ON, ""

    async def _refused(
        self, link: NotesLink, error: VideoSDKRefusedError
    ) -> tuple[TakeResult, str]:
        """Say in the reply why notes didn't start, unless another click has turned them on.

        A refused start has no effect, so a running transcription belongs to another click. The
        reply's buttons carry that at once, because another process may look at it next.
        """
        if error.status not in _EXPLAINED:
            with suppress(ReplyRefusedError):
                await self._replies.edit(
                    link, reply(link, NotesState(Stage.STARTING, transcription_id=NEVER))
                )
            if await self._is_on_soon(link.room_id):
                return await self._give_way(link)
        return await self._not_started(link, error, NEVER)

    async def _unsure(self, link: NotesLink, error: VideoSDKError) -> tuple[TakeResult, str]:
        """Follow the reply if a transcription runs, since it may be its own; else say why not."""
        if await self._is_on_soon(link.room_id):
            return await self._settle(link, "", is_accepted=False)
        return await self._not_started(link, error, "")

    async def _not_started(
        self, link: NotesLink, error: VideoSDKError, transcription_id: str
    ) -> tuple[TakeResult, str]:
        LOG.warning("notes not started", extra={"cause": f"{type(error).__name__}: {error}"})
        why = not_started(error, reference.get())
        with suppress(ReplyRefusedError):
            await self._replies.edit(link, failed_reply(link, why, transcription_id))
        return TakeResult.FAILED, why

    async def _is_on_soon(self, room_id: str) -> bool:
        """Return whether a room is being transcribed, looking again because listings lag."""
        for pause in (0.0, *_PAUSES):
            await asyncio.sleep(pause)
            with suppress(VideoSDKError):
                if await self._is_on(room_id):
                    return True
        return False

    async def _is_on(self, room_id: str) -> bool:
        return any(one.is_running for one in await self._videosdk.transcriptions(room_id))

    async def _end(self, link: NotesLink, transcription_id: str) -> bool:
        """End a reply's transcription, and return whether the notes are its own.

        Raises:
            OthersNotesError: they may be another reply's.
        """
        state = await self._shown(link, transcription_id).state()
        if state and state.stage in (Stage.STARTING, Stage.TAKING):
            if not state.is_certain:
                raise OthersNotesError
            await self._videosdk.end_transcription(link.room_id)
        return state is not None

    def _shown(self, link: NotesLink, transcription_id: str = "") -> NotesReply:
        shown = NotesReply(link, self._videosdk, self._replies, self._owners, self._clock)
        shown.transcription_id = transcription_id
        return shown

"""Notes: turned on, stopped and deleted by people, and followed until they are complete.

Nothing is stored. A webhook only says that something has happened, and may be lost, doubled or
late: whatever comes, VideoSDK is asked, and the one reply is made to match.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from enum import Enum, auto
from typing import Any, TypeVar

from bot.links import Conversation, NotesLink, SignedLinks
from bot.slack.followers import PACE, Follower, Pace
from bot.slack.notes.asked import Asked
from bot.slack.notes.following import NotesReply, NotesUnavailableError
from bot.slack.notes.plain_notes import PlainNotes
from bot.slack.notes.replies import Replies, ReplyRefusedError
from bot.slack.notes.reply import failed_reply, reply
from bot.slack.notes.state import NotesState, Stage
from bot.slack.wording.notes import not_started
from bot.telemetry.logs import reference
from bot.transport.requester import BACKGROUND, requester
from bot.videosdk import Transcription, VideoSDK, VideoSDKError, VideoSDKRefusedError

LOG = logging.getLogger(__name__)

T = TypeVar("T")

_RETRIES = (0.2, 0.4, 0.8)  # seconds between tries; a listing may be late
# Statuses that say why a start was refused; any other may mean that a transcription is running.
_REASONS = {401, 402, 403, 404, 429}


class Outcome(Enum):
    """What came of turning notes on."""

    ON = auto()
    ALREADY_ON = auto()
    FAILED = auto()


class _Followed:
    """A reply that is followed."""

    def __init__(self, shown: NotesReply, pace: Pace) -> None:
        self.shown = shown
        failures = (VideoSDKError, NotesUnavailableError)
        self.follower = Follower(self._look, failures, pace, "notes")
        self._most = pace.most

    async def _look(self) -> bool:
        at_rest = await self.shown.look()
        self.follower.most = min(self.shown.pause, self._most)
        return at_rest


class Notes(PlainNotes):
    """Notes of calls.

    Args:
        videosdk: transcribes.
        links: make and read the addresses of webhooks.
        replies: the bot's own in Slack.
        asked: how a transcription is asked for.
        pace: how often to look.
        clock: seconds since 1970.
    """

    def __init__(  # noqa: PLR0913 - two of them have defaults
        self,
        videosdk: VideoSDK,
        links: SignedLinks,
        replies: Replies,
        asked: Asked,
        *,
        pace: Pace = PACE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._videosdk = videosdk
        self._links = links
        self._replies = replies
        self._asked = asked
        self._pace = pace
        self._clock = clock
        self._followed: dict[tuple[str, str], _Followed] = {}  # by channel and ts
        self._tasks: set[asyncio.Task[Any]] = set()
        self._draining = False

    async def take(
        self, place: Conversation, room_id: str, user_id: str, starter: str
    ) -> tuple[Outcome, str]:
        """Turn notes on: tell the thread, then start the transcription.

        Returns what came of it and, if it failed, why.

        Args:
            place: the card's thread.
            room_id: VideoSDK's id.
            user_id: who turns them on.
            starter: who started the meeting.

        Raises:
            ReplyRefusedError: Slack doesn't take the reply, so nothing was started.
            VideoSDKError: it could not be found out whether they are on already.
        """
        if await self._is_on(room_id):
            return Outcome.ALREADY_ON, ""
        link = NotesLink(place, "", room_id, user_id, starter)
        message = reply(link, NotesState(Stage.STARTING))
        link = replace(link, ts=await self._replies.post(place, message))
        # Whoever waits may give up; a transcription that was started is settled all the same.
        return await asyncio.shield(self._track(self._begin(link)))

    async def stop(self, link: NotesLink, transcription_id: str = "") -> bool:
        """Stop transcribing, and return whether the reply shows it already.

        Raises:
            VideoSDKError: it may be going on.
        """
        await self._end(link, transcription_id)
        return await self.caught_up(link, transcription_id)

    async def delete(self, link: NotesLink, transcription_id: str = "") -> None:
        """Stop transcribing, and delete the reply.

        Raises:
            VideoSDKError: it may be going on, so the reply is still there.
            ReplyRefusedError: the reply is still there.
        """
        await self._end(link, transcription_id)
        await self._replies.delete(link)

    async def caught_up(
        self, link: NotesLink, transcription_id: str = "", *, seconds: float | None = None
    ) -> bool:
        """Make a reply match what VideoSDK says, and return whether that worked soon enough.

        Args:
            link: names the reply.
            transcription_id: VideoSDK's, if it is known.
            seconds: how soon; None is as soon as a webhook is to be answered.
        """
        caught_up = self.follow(link, transcription_id).caught_up()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pace.patience if seconds is None else seconds):
                return await caught_up
        return False

    def follow(self, link: NotesLink, transcription_id: str = "") -> Follower:
        """Make a reply match now, and go on until its notes are complete."""
        followed = self._followed.get(link.key)
        if followed is None:
            shown = NotesReply(link, self._videosdk, self._replies, self._clock)
            followed = self._followed[link.key] = _Followed(shown, self._pace)
            self._track(self._run(link.key, followed.follower))
        shown = followed.shown
        shown.transcription_id = transcription_id or shown.transcription_id
        followed.follower.notice(0.0)
        if self._draining:
            followed.follower.stop()
        return followed.follower

    def notice_room(self, room_id: str) -> None:
        """Look at a room's notes since something happened there; their own webhook may be lost."""
        for one in self._followed.values():
            if one.shown.link.room_id == room_id:
                one.follower.notice(0.0)

    def is_taking(self, room_id: str) -> bool:
        """Return whether this process knows that a room is being transcribed."""
        shown = [one.shown for one in self._followed.values()]
        return any(one.is_taking for one in shown if one.link.room_id == room_id)

    async def drain(self, seconds: float) -> None:
        """Finish the looks that are due; after so many seconds, give them up."""
        self._draining = True
        for one in self._followed.values():
            one.follower.stop()
        late = list(self._tasks)
        if late:
            _, pending = await asyncio.wait(late, timeout=seconds)
            for task in pending:
                task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _begin(self, link: NotesLink) -> tuple[Outcome, str]:
        """Start the transcription for a reply that is there.

        Another click's may have started since; if both start at once, `_settle` decides.
        """
        try:
            if await self._is_on(link.room_id):
                return await self._give_way(link)
            started = await self._videosdk.start_transcription(
                link.room_id,
                webhook_url=self._links.notes_url(link),
                prompt=self._asked.prompt,
                language=self._asked.language,
            )
        except VideoSDKError as error:
            return await self._not_started(link, error)
        return await self._settle(link, started)

    async def _settle(self, link: NotesLink, started: Transcription) -> tuple[Outcome, str]:
        """Return whether this reply shows the notes, or another click's does."""
        echo = self._links.find_notes(started.webhook_url)
        if echo and echo.key != link.key:  # VideoSDK answered with the one that is running
            return await self._give_way(link)
        shown = NotesReply(link, self._videosdk, self._replies, self._clock)
        shown.transcription_id = started.id if echo else ""  # else the answer didn't say which
        with suppress(VideoSDKError):
            if await shown.state() is None:
                return await self._give_way(link)
        self.follow(link, shown.transcription_id)
        self._followed[link.key].shown.is_taking = True
        return Outcome.ON, ""

    async def _give_way(self, link: NotesLink) -> tuple[Outcome, str]:
        """Delete a reply, since another click's shows the notes."""
        try:
            await self._replies.delete(link)
        except ReplyRefusedError:
            await asyncio.sleep(_RETRIES[0])
            with suppress(ReplyRefusedError):
                await self._replies.delete(link)
        return Outcome.ALREADY_ON, ""

    async def _not_started(self, link: NotesLink, error: VideoSDKError) -> tuple[Outcome, str]:
        """Say in the reply why notes didn't start, unless another click's are on.

        A refused start has had no effect, so what runs is another's. After any other failure, it
        may be this one, and is ended.
        """
        LOG.warning("notes not started", extra={"cause": f"{type(error).__name__}: {error}"})
        if isinstance(error, VideoSDKRefusedError):
            if error.status not in _REASONS and await self._is_taken(link.room_id):
                return await self._give_way(link)
        else:
            await self._end_for_sure(link.room_id)
        why = not_started(error, reference.get())
        with suppress(ReplyRefusedError):
            await self._replies.edit(link, failed_reply(link, why))
        return Outcome.FAILED, why

    async def _is_taken(self, room_id: str) -> bool:
        """Return whether a room is being transcribed; a listing may be late."""
        for pause in (0.0, *_RETRIES):
            await asyncio.sleep(pause)
            with suppress(VideoSDKError):
                if await self._is_on(room_id):
                    return True
        return False

    async def _end_for_sure(self, room_id: str) -> None:
        """End what may be running, unless VideoSDK says that nothing is."""
        for pause in (*_RETRIES, 0.0):
            try:
                await self._videosdk.end_transcription(room_id)
            except VideoSDKRefusedError:
                return
            except VideoSDKError as error:
                LOG.warning("transcription not ended", extra={"cause": type(error).__name__})
                await asyncio.sleep(pause)
            else:
                return

    async def _is_on(self, room_id: str) -> bool:
        return any(one.is_running for one in await self._videosdk.transcriptions(room_id))

    async def _end(self, link: NotesLink, transcription_id: str) -> None:
        """End a reply's transcription; one that another reply shows goes on."""
        shown = NotesReply(link, self._videosdk, self._replies, self._clock)
        shown.transcription_id = transcription_id
        state = await shown.state()
        if state and state.stage in (Stage.STARTING, Stage.TAKING):
            await self._videosdk.end_transcription(link.room_id)

    def _track(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(self, key: tuple[str, str], follower: Follower) -> None:
        requester.set(replace(requester.get(), purpose=BACKGROUND))
        try:
            await follower.run()
        finally:
            # No await since the follower's last look for news: the next event starts a new one.
            del self._followed[key]

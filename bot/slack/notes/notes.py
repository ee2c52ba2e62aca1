"""Notes: turned on, stopped and deleted by people, and followed until they are complete.

Nothing is stored. A webhook only says that something has happened, and may be lost, doubled or
late: whatever comes, VideoSDK is asked, and the one reply is made to match.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, TypeVar

from bot.links import Conversation, NotesLink, SignedLinks
from bot.slack.followers import PACE, Follower, Pace
from bot.slack.notes.following import NotesReply, NotesUnavailableError
from bot.slack.notes.replies import Replies, ReplyRefusedError
from bot.slack.notes.reply import failed_reply, reply
from bot.slack.notes.state import NotesState, Stage, is_same
from bot.slack.wording.notes import ELSEWHERE, not_started
from bot.telemetry.logs import reference
from bot.transport.requester import BACKGROUND, requester
from bot.videosdk import Transcription, VideoSDK, VideoSDKError, VideoSDKRefusedError

LOG = logging.getLogger(__name__)

T = TypeVar("T")

_RETRIES = (0.5, 1.0, 2.0)  # seconds between looks for a transcription that may be listed late
_RECENT = 3600.0  # seconds after its end in which a transcription may still get a summary


class Outcome(Enum):
    """What came of turning notes on."""

    ON = auto()
    ALREADY_ON = auto()
    FAILED = auto()


@dataclass(frozen=True)
class Asked:
    """How a transcription is asked for.

    Attributes:
        prompt: of the summary.
        language: of the call; None lets VideoSDK tell.
    """

    prompt: str
    language: str | None = None


class Notes:
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
        self._followers: dict[tuple[str, str], tuple[Follower, NotesReply]] = {}
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
        if await self._others(room_id):
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
        key = (link.place.channel_id, link.ts)
        known = self._followers.get(key)
        if known is None:
            shown = NotesReply(
                link, self._videosdk, self._replies, self._links.find_notes, self._clock
            )
            failures = (VideoSDKError, NotesUnavailableError)
            follower = Follower(shown.look, failures, self._pace, "notes")
            known = self._followers[key] = follower, shown
            self._track(self._run(key, known[0]))
        follower, shown = known
        shown.transcription_id = transcription_id or shown.transcription_id
        follower.notice(0.0)
        if self._draining:
            follower.stop()
        return follower

    def notice_room(self, room_id: str) -> None:
        """Look at a room's notes since something happened there; their own webhooks may be lost."""
        self._track(self._find(room_id))

    async def drain(self, seconds: float) -> None:
        """Finish the looks that are due; after so many seconds, give them up."""
        self._draining = True
        for follower, _ in self._followers.values():
            follower.stop()
        late = list(self._tasks)
        if late:
            _, pending = await asyncio.wait(late, timeout=seconds)
            for task in pending:
                task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _begin(self, link: NotesLink) -> tuple[Outcome, str]:
        """Start the transcription for a reply that is there."""
        try:
            started = await self._videosdk.start_transcription(
                link.room_id,
                webhook_url=self._links.notes_url(link),
                prompt=self._asked.prompt,
                language=self._asked.language,
            )
        except VideoSDKError as error:
            return await self._not_started(link, error)
        return await self._settle(link, started.id)

    async def _settle(self, link: NotesLink, transcription_id: str) -> tuple[Outcome, str]:
        """Return whether this reply shows the notes, or another click's does."""
        shown = NotesReply(link, self._videosdk, self._replies, self._links.find_notes)
        shown.transcription_id = transcription_id
        with suppress(VideoSDKError):
            if await shown.state() is None:
                return await self._give_way(link)
        self.follow(link, transcription_id)  # which asks again
        return Outcome.ON, ""

    async def _give_way(self, link: NotesLink) -> tuple[Outcome, str]:
        with suppress(ReplyRefusedError):
            await self._replies.delete(link)
        return Outcome.ALREADY_ON, ""

    async def _not_started(self, link: NotesLink, error: VideoSDKError) -> tuple[Outcome, str]:
        """Find out why, and say it in the reply; what may run all the same is ended."""
        running = await self._running(link.room_id)
        for one in running:
            other = self._links.find_notes(one.webhook_url)
            if is_same(other, link):  # it did start
                return await self._settle(link, one.id)
        if any(self._links.find_notes(one.webhook_url) for one in running):
            return await self._give_way(link)
        if running:
            why = ELSEWHERE
        else:
            why = not_started(error, reference.get())
            await self._end_for_sure(link.room_id)
        LOG.warning("notes not started", extra={"cause": f"{type(error).__name__}: {error}"})
        with suppress(ReplyRefusedError):
            await self._replies.edit(link, failed_reply(link, why))
        return Outcome.FAILED, why

    async def _running(self, room_id: str) -> list[Transcription]:
        """Return the room's running transcriptions, of which a listing may be late."""
        for pause in (0.0, *_RETRIES):
            await asyncio.sleep(pause)
            with suppress(VideoSDKError):
                found = await self._videosdk.transcriptions(room_id)
                if running := [one for one in found if one.is_running]:
                    return running
        return []

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

    async def _others(self, room_id: str) -> list[NotesLink]:
        """Return the replies that show the room's running transcriptions."""
        found = await self._videosdk.transcriptions(room_id)
        links = [self._links.find_notes(one.webhook_url) for one in found if one.is_running]
        return [link for link in links if link]

    async def _end(self, link: NotesLink, transcription_id: str) -> None:
        """End a reply's transcription, unless it has ended; another reply's goes on."""
        others = await self._others(link.room_id)
        if others and not any(is_same(other, link) for other in others):
            return
        try:
            await self._videosdk.end_transcription(link.room_id)
        except VideoSDKRefusedError:
            if await self._is_running(link, transcription_id):
                raise

    async def _is_running(self, link: NotesLink, transcription_id: str) -> bool:
        found = await self._videosdk.transcriptions(link.room_id)
        return any(
            one.is_running
            and (
                one.id == transcription_id or is_same(self._links.find_notes(one.webhook_url), link)
            )
            for one in found
        )

    async def _find(self, room_id: str) -> None:
        """Follow the notes of a room that may not be complete."""
        requester.set(replace(requester.get(), purpose=BACKGROUND))
        with suppress(VideoSDKError):
            for one in await self._videosdk.transcriptions(room_id):
                link = self._links.find_notes(one.webhook_url)
                ended = one.ended_at.timestamp() if one.ended_at else self._clock()
                if link and self._clock() - ended < _RECENT:
                    self.follow(link, one.id)

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
            del self._followers[key]

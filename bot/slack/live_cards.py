"""Live cards: Slack calls that show who is in a meeting, and when it is over.

A webhook only says that something has happened; it may be doubled, late, out of order or lost. So
whatever comes, VideoSDK is asked who is in the meeting, and Slack is made to match. Nothing is kept
that another process, or this one after a restart, would need: participant ids name their cards.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from weakref import WeakValueDictionary

from bot.caching.recent import Recent
from bot.participant_ids import CallRef
from bot.rooms.runs import Run, as_runs, current, is_over
from bot.slack.calls import (
    AT_ONCE,
    CallEndedError,
    CallRefusedError,
    Calls,
    CallsUnavailableError,
)
from bot.slack.followers import PACE, Follower, Pace
from bot.slack.plain_cards import PlainCards
from bot.slack.room_cards import RoomCards
from bot.slack.workspaces import Workspace
from bot.telemetry.metrics import UNCOUNTED, Metrics
from bot.transport.requester import BACKGROUND, requester
from bot.videosdk import VideoSDK, VideoSDKError

LOG = logging.getLogger(__name__)

JOINING = 600.0  # seconds from a new card, or an open join page, in which people usually join
_RECENT = 3600.0  # seconds since the end of a session that the sweep still looks at
_FAILURES = (VideoSDKError, CallsUnavailableError)

MakeUrl = Callable[[CallRef | None], str]


class LiveCards(PlainCards):
    """Make live cards, and keep them true.

    Args:
        calls: Slack's.
        videosdk: asked who is in a meeting.
        metrics: count cards that were brought up to date.
        pace: how often to look at a room.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        calls: Calls,
        videosdk: VideoSDK,
        *,
        metrics: Metrics = UNCOUNTED,
        pace: Pace = PACE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._calls = calls
        self._videosdk = videosdk
        self._metrics = metrics
        self._pace = pace
        self._clock = clock
        self._newest: Recent[str, CallRef] = Recent()  # by the room's id
        self._owners: Recent[str, Workspace] = Recent()  # by the room's id
        self._closed: Recent[str, set[CallRef]] = Recent()  # by the room's id
        self._reused: Recent[str, None] = Recent()  # by the call's id
        self._starting: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._followers: dict[str, Follower] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False

    async def announce(  # noqa: PLR0913 - each is named by the caller
        self,
        room_id: str,
        runs: Sequence[Run] | None,
        *,
        workspace: Workspace,
        title: str,
        user_id: str,
        make_url: MakeUrl,
    ) -> CallRef | None:
        """Return the call for a card of a room, or None if the card has to be a plain one.

        If a run is on, the card reuses its call, unless that is another workspace's. Starts in one
        process share a call until somebody has joined; two processes make two calls, and everyone
        inside shows on both.

        Args:
            room_id: VideoSDK's id.
            runs: of the room, newest first; None if they could not be read.
            workspace: where the card will be.
            title: the meeting's name.
            user_id: who starts it.
            make_url: returns the join link for a call.
        """
        if runs is None:
            return None
        async with self._starting.setdefault(room_id, asyncio.Lock()):
            call = await self.active_call(room_id, runs)
            if call and Workspace(call.team_id, call.enterprise_id) == workspace:
                self._reused[call.call_id] = None
            else:
                call = await self._add(room_id, workspace, title, user_id, make_url)
        if runs or call:  # another process may have made a card, too: look who comes by it
            self.follow(room_id, linger=JOINING, soon=bool(runs))
        return call

    async def active_call(self, room_id: str, runs: Sequence[Run]) -> CallRef | None:
        """Return the newest call that can show who is in a room now, or None.

        It is one that the run which is on shows on, or one that this process made.

        Args:
            room_id: VideoSDK's id.
            runs: of the room, newest first.
        """
        run, newest = current(runs), self._newest.get(room_id)
        known = ([newest] if newest else []) + (run.calls if run else [])
        for call in known:
            if await self.is_active(call, runs):
                return call
        return None

    async def is_active(self, call: CallRef, runs: Sequence[Run]) -> bool:
        """Return whether a call's card is live still; True if Slack doesn't say.

        Args:
            call: the call.
            runs: of its room, newest first.
        """
        return not is_over(call, runs, self._clock()) and await self._calls.is_active(call)

    def follow(
        self,
        room_id: str,
        workspace: Workspace | None = None,
        *,
        linger: float | None = None,
        soon: bool = True,
    ) -> Follower:
        """Bring the cards of a room up to date, now and as long as a run is on.

        Args:
            room_id: VideoSDK's id.
            workspace: whose room it is, if the caller knows; a card may be in another one's.
            linger: seconds to go on looking if no run is on; None is as after an event.
            soon: whether something has happened; without, the first look is after a minute.
        """
        if workspace:
            self._owners[room_id] = workspace
        follower = self._followers.get(room_id)
        if follower is None:
            follower = self._followers[room_id] = self._follower(room_id)
            task = asyncio.create_task(self._run(room_id, follower))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        follower.notice(self._pace.linger if linger is None else linger, soon=soon)
        if self._draining:
            follower.stop()
        return follower

    async def caught_up(
        self, room_id: str, workspace: Workspace | None = None, *, seconds: float | None = None
    ) -> bool:
        """Bring the cards of a room up to date, and return whether that worked soon enough.

        Args:
            room_id: VideoSDK's id.
            workspace: whose room it is, if the caller knows.
            seconds: how soon; None is as soon as a webhook is to be answered.
        """
        caught_up = self.follow(room_id, workspace).caught_up()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pace.patience if seconds is None else seconds):
                return await caught_up
        return False

    async def close(self, room_id: str, call: CallRef) -> None:
        """End the card of a meeting that was ended for everyone, soon if not at once."""
        self._closed[room_id] = self._closed.get(room_id, set()) | {call}
        self._forget(room_id, call)
        await self.caught_up(room_id, seconds=AT_ONCE)

    async def discard(self, room_id: str, call: CallRef) -> None:
        """End a call whose card could not be posted, unless another card has it by now."""
        if call.call_id in self._reused:
            return
        self._forget(room_id, call)
        with suppress(CallsUnavailableError):
            await self._calls.end(call, 0)

    async def sweep(self) -> None:
        """Catch up with what happened while no process was running.

        The account's newest sessions are looked at, if they go on or ended within the hour; and
        half a minute later again, for the first listing may have been behind.
        """
        for pause in (0.0, self._pace.linger):
            await asyncio.sleep(pause)
            for run in await self._recent_runs():
                ended = run.end.timestamp() if run.end else self._clock()
                if run.calls and self._clock() - ended < _RECENT:
                    self.follow(run.room_id, linger=0)

    async def _recent_runs(self) -> list[Run]:
        """Return the account's newest runs, once they can be read."""
        pause = self._pace.first
        while True:
            try:
                return as_runs(await self._videosdk.recent_sessions())
            except VideoSDKError as error:
                LOG.warning("sessions not checked", extra={"cause": type(error).__name__})
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._pace.most)

    async def drain(self, seconds: float) -> None:
        """Finish the looks that are due; after so many seconds, give them up."""
        self._draining = True
        for follower in self._followers.values():
            follower.stop()
        late = list(self._tasks)
        if late:
            _, pending = await asyncio.wait(late, timeout=seconds)
            for task in pending:
                task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _add(
        self, room_id: str, workspace: Workspace, title: str, user_id: str, make_url: MakeUrl
    ) -> CallRef | None:
        """Register a call whose Join button leads to people showing on it."""
        try:
            call_id = await self._calls.add(
                workspace,
                unique_id=f"{room_id}:{secrets.token_hex(8)}",
                join_url=make_url(None),
                title=title,
                user_id=user_id,
            )
            made_at = int(self._clock())
            call = CallRef(call_id, workspace.team_id, workspace.enterprise_id, made_at)
            await self._calls.relink(call, make_url(call))
        except (CallsUnavailableError, CallRefusedError, CallEndedError):
            return None
        self._newest[room_id] = call
        return call

    def _forget(self, room_id: str, call: CallRef) -> None:
        """Let no new card have a call."""
        newest = self._newest.get(room_id)
        if newest and newest.call_id == call.call_id:
            del self._newest[room_id]

    def _follower(self, room_id: str) -> Follower:
        cards = RoomCards(
            room_id,
            self._calls,
            self._videosdk,
            newest=lambda: self._newest.get(room_id),
            closed=lambda: self._closed.get(room_id, set()),
            owner=lambda: self._owners.get(room_id),
            metrics=self._metrics,
            clock=self._clock,
        )
        return Follower(cards.look, _FAILURES, self._pace)

    async def _run(self, room_id: str, follower: Follower) -> None:
        requester.set(replace(requester.get(), purpose=BACKGROUND))  # whoever began this
        try:
            await follower.run()
        finally:
            # No await since the follower's last look for news: the next event starts a new one.
            del self._followers[room_id]

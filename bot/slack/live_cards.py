"""Live cards: Slack calls that show who is in a meeting, and when it is over.

Webhooks may be doubled, late, out of order or lost, so each one only triggers a look: ask VideoSDK
who is in the meeting, and make Slack match. No process keeps state that another one, or itself
after a restart, would need: participant IDs say which card they belong to.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from weakref import WeakValueDictionary

from bot.caching.recent import Recent
from bot.participant_ids import CallRef, MemberIds
from bot.rooms.runs import Run, as_runs, current, is_over
from bot.slack.calls import (
    AT_ONCE,
    CallEndedError,
    CallRefusedError,
    Calls,
    CallsUnavailableError,
)
from bot.slack.followers import PACE, Follower, Followers, Pace
from bot.slack.plain_cards import PlainCards
from bot.slack.room_cards import KnownRooms, RoomCards
from bot.telemetry.metrics import NO_METRICS, Metrics
from bot.videosdk import VideoSDK, VideoSDKError
from bot.workspace import Workspace

LOG = logging.getLogger(__name__)

JOINING = 600.0  # seconds after a new card or a visit to a join page in which people usually join
_RECENT = 3600.0  # seconds; the sweep looks at sessions that ended within this time
_FAILURES = (VideoSDKError, CallsUnavailableError)

MakeUrl = Callable[[CallRef | None], str]


class LiveCards(PlainCards):
    """Makes live cards and keeps them up to date.

    Args:
        calls: Slack's Calls API.
        videosdk: lists sessions and who is in them.
        members: recognises people who signed in with Slack; None where nobody can.
        metrics: counts the updates.
        pace: how often to look at a room.
        clock: returns seconds since 1970.
    """

    def __init__(  # noqa: PLR0913 - all but two may be left out
        self,
        calls: Calls,
        videosdk: VideoSDK,
        *,
        members: MemberIds | None = None,
        metrics: Metrics = NO_METRICS,
        pace: Pace = PACE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._calls = calls
        self._videosdk = videosdk
        self._members = members
        self._metrics = metrics
        self._pace = pace
        self._clock = clock
        self._rooms = KnownRooms()
        self._reused: Recent[str, None] = Recent()  # by call ID
        self._starting: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._followers: Followers[str, Follower] = Followers()

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
        """Return the Slack call to show on a room's card, or None for a plain card.

        A card reuses the call of a run that is on, unless it belongs to another workspace. Until
        somebody joins, the starts in one process share a call; two processes make two calls, and
        everyone in the meeting appears on both.

        Args:
            room_id: VideoSDK's room ID.
            runs: the room's runs, newest first; None if they couldn't be read.
            workspace: where the card will be posted.
            title: the meeting's name.
            user_id: who starts it.
            make_url: returns the join link for a call.
        """
        if runs is None:
            return None
        async with self._starting.setdefault(room_id, asyncio.Lock()):
            call = await self.active_call(room_id, runs)
            if call and call.workspace == workspace:
                self._reused[call.call_id] = None
            else:
                call = await self._add(room_id, workspace, title, user_id, make_url)
        if runs or call:  # people may also join by a card that another process made
            self.follow(room_id, linger=JOINING, soon=bool(runs))
        return call

    async def active_call(self, room_id: str, runs: Sequence[Run]) -> CallRef | None:
        """Return the newest active call of a room, or None.

        It is the newest call that this process made, or one that shows the run which is on.

        Args:
            room_id: VideoSDK's room ID.
            runs: the room's runs, newest first.
        """
        run, newest = current(runs), self._rooms[room_id].newest
        calls = ([newest] if newest else []) + (run.calls if run else [])
        for call in calls:
            if await self.is_active(call, runs):
                return call
        return None

    async def is_active(self, call: CallRef, runs: Sequence[Run]) -> bool:
        """Return whether a call hasn't ended; True if Slack doesn't say.

        Args:
            call: the call.
            runs: its room's runs, newest first.
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
            room_id: VideoSDK's room ID.
            workspace: the room's owner, if known; its cards may be in other workspaces too.
            linger: seconds to go on looking if no run is on; None for `Pace.linger`.
            soon: whether to look at once; otherwise the first look is after a minute.
        """
        known = self._rooms[room_id]
        known.owner = workspace or known.owner
        self._rooms.move_to_end(room_id)  # rooms without events are forgotten first
        follower = self._followers.get(room_id)
        if follower is None:
            follower = self._followers.start(room_id, self._follower(room_id))
        follower.notice(self._pace.linger if linger is None else linger, soon=soon)
        return follower

    async def close(self, room_id: str, call: CallRef) -> None:
        """End the call of a meeting that was ended for everyone, now or in the background."""
        self._rooms[room_id].closed.add(call)
        self._forget(room_id, call)
        await self.follow(room_id).catch_up(AT_ONCE)

    async def discard(self, room_id: str, call: CallRef) -> None:
        """End a call whose card couldn't be posted, unless another card shows it by now."""
        if call.call_id in self._reused:
            return
        self._forget(room_id, call)
        with suppress(CallsUnavailableError):
            await self._calls.end(call, 0)

    async def sweep(self) -> None:
        """Catch up with what happened while no process was running.

        Follow the rooms of the account's newest sessions that are on or ended within the hour.
        Repeat that after half a minute, because the first listing may have lagged behind.
        """
        for pause in (0.0, self._pace.linger):
            await asyncio.sleep(pause)
            for run in await self._recent_runs():
                ended = run.end.timestamp() if run.end else self._clock()
                if run.calls and self._clock() - ended < _RECENT:
                    self.follow(run.room_id, linger=0)

    async def _recent_runs(self) -> list[Run]:
        """Return the account's newest runs, retrying until VideoSDK lists them."""
        pause = self._pace.first
        while True:
            try:
                return as_runs(await self._videosdk.recent_sessions())
            except VideoSDKError as error:
                LOG.warning("sessions not checked", extra={"cause": type(error).__name__})
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._pace.longest)

    async def drain(self, seconds: float) -> None:
        """Finish the looks that are due, cancelling those that take longer than `seconds`."""
        await self._followers.drain(seconds)

    async def _add(
        self, room_id: str, workspace: Workspace, title: str, user_id: str, make_url: MakeUrl
    ) -> CallRef | None:
        """Register a call whose Join link names it, so that the people who join appear on it."""
        try:
            call_id = await self._calls.add(
                workspace,
                unique_id=f"{room_id}:{secrets.token_hex(8)}",
                join_url=make_url(None),
                title=title,
                user_id=user_id,
            )
            call = CallRef(call_id, workspace, int(self._clock()))
            await self._calls.relink(call, make_url(call))
        except (CallsUnavailableError, CallRefusedError, CallEndedError):
            return None
        self._rooms[room_id].newest = call
        return call

    def _forget(self, room_id: str, call: CallRef) -> None:
        """Keep a call off new cards."""
        room = self._rooms[room_id]
        if room.newest and room.newest.call_id == call.call_id:
            room.newest = None

    def _follower(self, room_id: str) -> Follower:
        cards = RoomCards(
            room_id,
            self._calls,
            self._videosdk,
            self._rooms[room_id],
            members=self._members,
            metrics=self._metrics,
            clock=self._clock,
        )
        return Follower(cards.look, _FAILURES, self._pace)

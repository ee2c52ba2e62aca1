"""Joining: what a join link leads to, and on which card the person who joins appears.

Nobody joins unseen: the link of a meeting that has ended leads to the run that is on now or, if
there is none, offers to start the meeting again with a new card in the channel.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.caching.recent import Recent
from bot.caching.shared import SharedResults
from bot.links import Conversation, JoinLink
from bot.meetings import Meetings, OpenRoom
from bot.participant_ids import CallRef
from bot.rooms.runs import Run, current, is_over
from bot.slack.blocks import Message
from bot.slack.cards import Started
from bot.slack.failures import Failure
from bot.slack.invitations import plain_link
from bot.slack.live_cards import JOINING, LiveCards
from bot.slack.live_invitations import LiveInvitations
from bot.slack.posting import post_card
from bot.slack.wording.cards import STARTED_AGAIN
from bot.slack.workspaces import Workspaces
from bot.videosdk import Meeting

LOG = logging.getLogger(__name__)

ONCE_IN = 60.0  # seconds; a room is started again at most once in this time
_POST_TIMEOUT = 5.0  # seconds


@dataclass(frozen=True)
class Enter:
    """The link opens the room.

    Attributes:
        call: the call whose card shows the people who join, if any.
        is_unseen: whether no card will show the people who join; only for links from version 1.0.0.
        inside: how many people are in the room; None if unknown.
    """

    call: CallRef | None
    is_unseen: bool = False
    inside: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Over:
    """The link's meeting is over.

    Attributes:
        ended_at: when the room's last run ended; None if unknown or if a run is on.
        inside: how many people are in the room, though no card shows them.
    """

    ended_at: datetime | None = None
    inside: int = 0


@dataclass(frozen=True)
class MeetingStatus:
    """Status of a meeting, for the preview of its link.

    Attributes:
        inside: how many people are in it.
        has_ended: whether it took place and is over.
    """

    inside: int
    has_ended: bool


class NotPostedError(Exception):
    """Slack didn't accept the card; the message is its error code or an exception's name."""


class PlainJoining:
    """Joining where cards are plain: every link opens its room."""

    async def decide(self, _link: JoinLink, _meeting: Meeting) -> Enter | Over:
        """Return that the link opens the room."""
        return Enter(None)

    async def status(self, _link: JoinLink) -> MeetingStatus | None:
        """Return None: without live cards, runs aren't followed."""
        return None

    async def start_again(self, _link: JoinLink, _meeting: Meeting) -> JoinLink:
        """Refuse, because no page offers it without live cards.

        Raises:
            NotPostedError: always.
        """
        raise NotPostedError("live cards are off")


class Joining(PlainJoining):
    """Decides what join links lead to, and starts meetings again.

    Args:
        meetings: lists the runs of rooms.
        invitations: builds the cards.
        live_cards: finds the active call of a room.
        workspaces: provides Web API clients.
        clock: returns monotonic seconds.
    """

    def __init__(
        self,
        meetings: Meetings,
        invitations: LiveInvitations,
        live_cards: LiveCards,
        workspaces: Workspaces,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._meetings = meetings
        self._invitations = invitations
        self._live_cards = live_cards
        self._workspaces = workspaces
        self._clock = clock
        self._runs: SharedResults[list[Run] | None] = SharedResults()
        self._status_runs: SharedResults[list[Run] | None] = SharedResults()
        self._ended_runs: SharedResults[list[Run] | None] = SharedResults()
        self._started: Recent[str, tuple[float, asyncio.Task[JoinLink]]] = Recent()

    async def decide(self, link: JoinLink, meeting: Meeting) -> Enter | Over:
        """Return whether a link opens its room or its meeting is over.

        If VideoSDK can't list the runs, it opens the room.

        Args:
            link: the join link's content.
            meeting: the room that it leads to.
        """
        runs = await self._runs.get(meeting.meeting_id, lambda: self._look(meeting))
        entry = await self._decide(link, meeting.meeting_id, runs)
        if isinstance(entry, Over):  # the shared lookup may be older than a run that just started
            ended = await self._ended_runs.get(meeting.meeting_id, lambda: self._look(meeting))
            entry = await self._decide(link, meeting.meeting_id, ended)
        return entry

    async def _decide(self, link: JoinLink, room_id: str, runs: list[Run] | None) -> Enter | Over:
        if runs is None:
            return Enter(link.call)
        call = await self._live_cards.active_call(room_id, runs)
        if call is None and link.call and await self._live_cards.is_active(link.call, runs):
            call = link.call
        if call or not link.place:
            is_unseen = not call and link.call is not None
            return Enter(call or link.call, is_unseen, _inside(runs))
        return _over(runs)

    async def status(self, link: JoinLink) -> MeetingStatus | None:
        """Return the status of a link's meeting, or None if VideoSDK doesn't say.

        The room isn't followed, because seeing a preview doesn't mean joining.
        """
        room_id = link.meeting_id
        runs = await self._status_runs.get(room_id, lambda: self._meetings.runs(room_id))
        if runs is None:
            return None
        has_ended = link.call is not None and is_over(link.call, runs, time.time())
        return MeetingStatus(_inside(runs), has_ended and current(runs) is None)

    async def _look(self, meeting: Meeting) -> list[Run] | None:
        self._live_cards.follow(meeting.meeting_id, linger=JOINING)
        return await self._meetings.runs(meeting.meeting_id)

    async def start_again(self, link: JoinLink, meeting: Meeting) -> JoinLink:
        """Post a new card for a room, at most once a minute, and return its join link.

        Args:
            link: the join link of the meeting that has ended.
            meeting: the room that it leads to.

        Raises:
            NotPostedError: Slack didn't accept the card.
        """
        room_id = meeting.meeting_id
        began, task = self._started.get(room_id, (0.0, None))
        if task is None or self._clock() - began > ONCE_IN:
            task = asyncio.create_task(self._start_again(link, meeting))
            self._started[room_id] = (self._clock(), task)
        try:
            return await asyncio.shield(task)
        except NotPostedError:
            self._started.pop(room_id, None)
            raise

    async def _start_again(self, link: JoinLink, meeting: Meeting) -> JoinLink:
        place, user_id = link.place, link.starter or ""
        if place is None:
            raise NotPostedError("channel_not_found")
        room = OpenRoom(meeting, link.name, await self._meetings.runs(meeting.meeting_id))
        if call := await self._live_cards.active_call(meeting.meeting_id, room.runs or []):
            return replace(link, call=call)
        started = Started(user_id, can_end=True, did=STARTED_AGAIN)
        call = await self._invitations.call(room, place, started)
        card = self._invitations.card_of(room, place, started, call)
        try:
            await self._post(place, card)
        except NotPostedError:
            if call:
                await self._live_cards.discard(meeting.meeting_id, call)
            raise
        if call is None:
            return plain_link(room, place, started)
        return replace(link, call=call, is_starters=True)

    async def _post(self, place: Conversation, card: Message) -> None:
        """Post a card to a conversation.

        Raises:
            NotPostedError: Slack rejected it, or failed.
        """
        try:
            async with asyncio.timeout(_POST_TIMEOUT):
                client = await self._workspaces.client(place.workspace)
                await post_card(client, place.channel_id, card, place.thread_ts)
        except Exception as error:  # noqa: BLE001 - slack_sdk lets through what its transport raises
            reason = Failure.of(error).reason
            LOG.warning("card not posted", extra={"reason": reason})
            raise NotPostedError(reason) from None


def _inside(runs: Sequence[Run]) -> int:
    run = current(runs)
    return run.inside if run else 0


def _over(runs: Sequence[Run]) -> Over:
    run = current(runs)
    if run:
        return Over(inside=run.inside)
    return Over(ended_at=runs[0].end if runs else None)

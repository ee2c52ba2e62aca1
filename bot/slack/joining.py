"""Joining: which card people show on who come by a join link, and what is left of an old one.

Nobody is let in unseen: whoever comes by the link of a meeting that has ended joins the run that is
on now, or is asked to start the meeting again, with a card that tells the channel.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.caching.recent import Recent
from bot.caching.shared import Shared
from bot.links import Conversation, JoinLink
from bot.meetings import Meetings, OpenRoom
from bot.participant_ids import CallRef
from bot.rooms.runs import Run, current
from bot.slack.blocks import Message
from bot.slack.cards import Started
from bot.slack.failures import Failure
from bot.slack.live_cards import JOINING, LiveCards
from bot.slack.live_invitations import LiveInvitations
from bot.slack.posting import post_card
from bot.slack.wording.cards import STARTED_AGAIN
from bot.slack.workspaces import Workspace, Workspaces
from bot.videosdk import Meeting

LOG = logging.getLogger(__name__)

ONCE_IN = 60.0  # seconds in which a room is started again at most once
_POSTING = 5.0  # seconds for posting a card


@dataclass(frozen=True)
class Enter:
    """The link opens the room.

    Attributes:
        call: the call on whose card people show, if there is one.
        is_unseen: no card shows who comes by this link any more; it is one of version 1.0.0.
    """

    call: CallRef | None
    is_unseen: bool = False


@dataclass(frozen=True)
class Over:
    """No card shows this meeting any more.

    Attributes:
        ended_at: when the last run was over, or None if nobody knows or a run is on.
        inside: how many people are in the room all the same.
    """

    ended_at: datetime | None = None
    inside: int = 0


class NotPostedError(Exception):
    """Slack didn't take the card; the message is its reason."""


class PlainJoining:
    """Joining where cards are plain: every link opens its room."""

    async def way_in(self, _link: JoinLink, _meeting: Meeting) -> Enter | Over:
        """Return that the link opens its room."""
        return Enter(None)

    async def start_again(self, _link: JoinLink, _meeting: Meeting) -> JoinLink:
        """Refuse: no page offers it here.

        Raises:
            NotPostedError: always.
        """
        raise NotPostedError("live cards are off")


class Joining(PlainJoining):
    """Decides about join links, and starts meetings again.

    Args:
        meetings: read the runs of rooms.
        invitations: make the cards.
        live_cards: know which calls are active.
        workspaces: give the Web API clients that post.
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
        self._runs: Shared[list[Run] | None] = Shared()
        self._ended_runs: Shared[list[Run] | None] = Shared()
        self._started: Recent[str, tuple[float, asyncio.Task[JoinLink]]] = Recent()

    async def way_in(self, link: JoinLink, meeting: Meeting) -> Enter | Over:
        """Return how a link opens its room now; if the runs can't be read, it does.

        Args:
            link: what the join link says.
            meeting: the room that it leads to.
        """
        runs = await self._runs.get(meeting.meeting_id, lambda: self._look(meeting))
        entry = await self._entry(link, meeting.meeting_id, runs)
        if isinstance(entry, Over):  # possibly since the look
            ended = await self._ended_runs.get(meeting.meeting_id, lambda: self._look(meeting))
            entry = await self._entry(link, meeting.meeting_id, ended)
        return entry

    async def _entry(self, link: JoinLink, room_id: str, runs: list[Run] | None) -> Enter | Over:
        if runs is None:
            return Enter(link.call)
        call = await self._live_cards.active_call(room_id, runs)
        if call is None and link.call and await self._live_cards.is_active(link.call, runs):
            call = link.call
        if call or not link.place:
            return Enter(call or link.call, is_unseen=not call and link.call is not None)
        return _over(runs)

    async def _look(self, meeting: Meeting) -> list[Run] | None:
        self._live_cards.follow(meeting.meeting_id, linger=JOINING)
        return await self._meetings.runs(meeting.meeting_id)

    async def start_again(self, link: JoinLink, meeting: Meeting) -> JoinLink:
        """Post a fresh card for a room, at most once a minute, and return its join link.

        Args:
            link: the join link of the meeting that has ended.
            meeting: the room that it leads to.

        Raises:
            NotPostedError: Slack doesn't take the card.
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
        call = await self._invitations.call(room, place, user_id)
        started = Started(user_id, can_end=True, did=STARTED_AGAIN)
        card = await self._invitations.card_of(room, place, started, call)
        try:
            await self._post(place, card)
        except NotPostedError:
            if call:
                await self._live_cards.discard(meeting.meeting_id, call)
            raise
        return replace(link, call=call) if call else JoinLink(link.meeting_id, link.name)

    async def _post(self, place: Conversation, card: Message) -> None:
        """Post a card to a conversation.

        Raises:
            NotPostedError: Slack refuses it, or failed.
        """
        try:
            async with asyncio.timeout(_POSTING):
                client = await self._workspaces.client(
                    Workspace(place.team_id, place.enterprise_id)
                )
                await post_card(client, place.channel_id, card, place.thread_ts)
        except Exception as error:  # noqa: BLE001 - slack_sdk lets through what its transport raises
            reason = Failure.of(error).reason
        else:
            return
        LOG.warning("card not posted", extra={"reason": reason})
        raise NotPostedError(reason)


def _over(runs: Sequence[Run]) -> Over:
    run = current(runs)
    if run:
        return Over(inside=run.inside)
    return Over(ended_at=runs[0].end if runs else None)

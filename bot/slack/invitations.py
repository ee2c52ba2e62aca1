"""Invitations: the card of a room for a conversation, live where that can be."""

from dataclasses import replace

from bot.links import Conversation, JoinLink
from bot.meetings import Meetings, OpenRoom
from bot.participant_ids import CallRef
from bot.slack.blocks import Message
from bot.slack.cards import Started, checked_card, invitation_card
from bot.slack.live_cards import LiveCards
from bot.slack.plain_cards import PlainCards
from bot.slack.wording.cards import UNNAMED
from bot.slack.workspaces import Workspace


class Invitations:
    """From rooms that are open to messages.

    Args:
        meetings: know how a room is joined.
        live_cards: make the calls of live cards.
        offer_notes: whether live cards have a button that turns notes on.
    """

    def __init__(
        self,
        meetings: Meetings,
        live_cards: LiveCards | PlainCards,
        *,
        offer_notes: bool = False,
    ) -> None:
        self._meetings = meetings
        self._live_cards = live_cards
        self._offer_notes = offer_notes

    async def call(self, room: OpenRoom, place: Conversation, user_id: str) -> CallRef | None:
        """Return the call for a card of a room, or None if the card has to be a plain one.

        Args:
            room: what the card invites to.
            place: where it will be posted.
            user_id: who starts the meeting.
        """
        link = self._link(room, place, user_id)
        return await self._live_cards.announce(
            room.meeting.meeting_id,
            room.runs,
            workspace=Workspace(place.team_id, place.enterprise_id),
            title=room.name or UNNAMED,
            user_id=user_id,
            make_url=lambda call: self._meetings.join_url(replace(link, call=call)) or "",
        )

    async def card(self, room: OpenRoom, place: Conversation, started: Started) -> Message:
        """Return the card of a room.

        Args:
            room: what the card invites to.
            place: where it will be posted.
            started: what it says beside the invitation.
        """
        call = None
        if self._live_cards.is_on:
            call = await self.call(room, place, started.user_id)
        return self.card_of(room, place, started, call)

    def card_of(
        self, room: OpenRoom, place: Conversation, started: Started, call: CallRef | None
    ) -> Message:
        """Return the card of a room with a call, or a plain one; a plain card's link just opens."""
        link = JoinLink(room.meeting.meeting_id, room.name)
        if call:
            link = replace(self._link(room, place, started.user_id), call=call)
            offers = self._offer_notes
            started = replace(started, call_id=call.call_id, offers_notes=offers)
        return invitation_card(self._meetings.invitation(room, link), started)

    def checked(self, room: OpenRoom, place: Conversation, user_id: str) -> Message:
        """Return the answer to a check that found a room.

        Args:
            room: what was found.
            place: where somebody asked.
            user_id: who asked.
        """
        link = JoinLink(room.meeting.meeting_id, room.name)
        if self._live_cards.is_on:
            link = self._link(room, place, user_id)
        if room.runs:
            self._live_cards.follow(room.meeting.meeting_id)
        return checked_card(room, self._meetings.invitation(room, link))

    def _link(self, room: OpenRoom, place: Conversation, user_id: str) -> JoinLink:
        return JoinLink(room.meeting.meeting_id, room.name, None, place, user_id)

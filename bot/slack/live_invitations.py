"""Invitations where cards are live: Slack shows who is in, and links say where they belong."""

from dataclasses import replace

from bot.links import Conversation, JoinLink
from bot.meetings import Meetings, OpenRoom
from bot.participant_ids import CallRef
from bot.slack.blocks import Message
from bot.slack.cards import Started, checked_card, invitation_card
from bot.slack.invitations import Invitations
from bot.slack.live_cards import LiveCards
from bot.slack.wording.cards import UNNAMED
from bot.slack.workspaces import Workspace


class LiveInvitations(Invitations):
    """From rooms that are open to live cards.

    Args:
        meetings: know how a room is joined.
        live_cards: make the calls of cards.
        offer_notes: whether cards have a button that turns notes on.
    """

    def __init__(
        self, meetings: Meetings, live_cards: LiveCards, *, offer_notes: bool = False
    ) -> None:
        super().__init__(meetings)
        self._live_cards = live_cards
        self._offer_notes = offer_notes

    async def card(self, room: OpenRoom, place: Conversation, started: Started) -> Message:
        """Return the card of a room: a plain one if Slack has no call for it."""
        call = await self.call(room, place, started.user_id)
        return await self.card_of(room, place, started, call)

    async def cards(
        self, room: OpenRoom, place: Conversation, started: Started, copy: Started
    ) -> tuple[Message, Message]:
        """Return the card of a room and a copy, with the same call."""
        call = await self.call(room, place, started.user_id)
        card = await self.card_of(room, place, started, call)
        return card, await self.card_of(room, place, copy, call)

    async def call(self, room: OpenRoom, place: Conversation, user_id: str) -> CallRef | None:
        """Return the call for a card of a room, or None if the card has to be a plain one.

        Args:
            room: what the card invites to.
            place: where it will be posted.
            user_id: who starts the meeting.
        """
        link = _link(room, place, user_id)
        return await self._live_cards.announce(
            room.meeting.meeting_id,
            room.runs,
            workspace=Workspace(place.team_id, place.enterprise_id),
            title=room.name or UNNAMED,
            user_id=user_id,
            make_url=lambda call: self._meetings.join_url(replace(link, call=call)) or "",
        )

    async def card_of(
        self, room: OpenRoom, place: Conversation, started: Started, call: CallRef | None
    ) -> Message:
        """Return the card of a room with a call, or a plain one."""
        if call is None:
            return await super().card(room, place, started)
        link = replace(_link(room, place, started.user_id), call=call)
        started = replace(started, call_id=call.call_id, offers_notes=self._offer_notes)
        return invitation_card(self._meetings.invitation(room, link), started)

    def checked(self, room: OpenRoom, place: Conversation, user_id: str) -> Message:
        """Return the answer to a check that found a room."""
        if room.runs:
            self._live_cards.follow(room.meeting.meeting_id)
        link = _link(room, place, user_id)
        return checked_card(room, self._meetings.invitation(room, link))


def _link(room: OpenRoom, place: Conversation, user_id: str) -> JoinLink:
    return JoinLink(room.meeting.meeting_id, room.name, None, place, user_id)

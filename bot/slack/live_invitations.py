"""Invitations with live cards, on which Slack shows who is in the call."""

from dataclasses import replace

from bot.links import Conversation, JoinLink
from bot.meetings import Meetings, OpenRoom
from bot.participant_ids import CallRef
from bot.slack.blocks import Message
from bot.slack.cards import Started, checked_card, invitation_card
from bot.slack.invitations import Invitations, plain_link
from bot.slack.live_cards import LiveCards
from bot.slack.wording.cards import UNNAMED


class LiveInvitations(Invitations):
    """Builds live cards, or plain ones where Slack has no call for them.

    Args:
        meetings: makes join links.
        live_cards: registers the cards' calls with Slack.
        offer_notes: whether cards have the button "Take notes".
    """

    def __init__(
        self, meetings: Meetings, live_cards: LiveCards, *, offer_notes: bool = False
    ) -> None:
        super().__init__(meetings)
        self._live_cards = live_cards
        self._offer_notes = offer_notes

    async def cards(self, room: OpenRoom, place: Conversation, *started: Started) -> list[Message]:
        """Return the cards of a room: live if Slack has a call for them, otherwise plain."""
        call = await self.call(room, place, started[0])
        return [self.card_of(room, place, each, call) for each in started]

    async def call(self, room: OpenRoom, place: Conversation, started: Started) -> CallRef | None:
        """Return the Slack call to show on a room's card, or None for a plain card.

        Args:
            room: the room that the card invites to.
            place: where the card will be posted.
            started: who starts or shares the meeting.
        """
        link = live_link(room, place, started)
        return await self._live_cards.announce(
            room.meeting.meeting_id,
            room.runs,
            workspace=place.workspace,
            title=room.name or UNNAMED,
            user_id=started.user_id,
            make_url=lambda call: self._meetings.join_url(replace(link, call=call)) or "",
        )

    def card_of(
        self, room: OpenRoom, place: Conversation, started: Started, call: CallRef | None
    ) -> Message:
        """Return the card of a room: live if there is a call, otherwise plain.

        Args:
            room: the room that the card invites to.
            place: where the card will be posted.
            started: who starts or shares the meeting, and what the card says about that.
            call: the result of `call`.
        """
        if call is None:
            link = plain_link(room, place, started)
            return invitation_card(self._meetings.invitation(room, link), started)
        link = replace(live_link(room, place, started), call=call)
        started = replace(started, call_id=call.call_id, offers_notes=self._offer_notes)
        return invitation_card(self._meetings.invitation(room, link), started)

    def checked(self, room: OpenRoom, place: Conversation, user_id: str) -> Message:
        """Return the answer to a check that found a room."""
        if room.runs:
            self._live_cards.follow(room.meeting.meeting_id)
        link = live_link(room, place, Started(user_id))
        return checked_card(room, self._meetings.invitation(room, link))


def live_link(room: OpenRoom, place: Conversation, started: Started) -> JoinLink:
    """Return the join link of a card's conversation, where the meeting can be started again."""
    return replace(plain_link(room, place, started), place=place)

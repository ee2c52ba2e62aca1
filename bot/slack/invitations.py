"""Invitations: the cards that invite a conversation to a room."""

from bot.links import Conversation, JoinLink
from bot.meetings import Meetings, OpenRoom
from bot.slack.blocks import Message
from bot.slack.cards import Started, checked_card, invitation_card


class Invitations:
    """Builds plain cards, whose join links simply open the room.

    Args:
        meetings: makes join links.
    """

    def __init__(self, meetings: Meetings) -> None:
        self._meetings = meetings

    async def cards(self, room: OpenRoom, place: Conversation, *started: Started) -> list[Message]:
        """Return the cards of a room, one for each way in which it was started or shared.

        Args:
            room: the room that the cards invite to.
            place: where the first card will be posted.
            started: who starts or shares the meeting, and what the card says about that.
        """
        return [
            invitation_card(self._meetings.invitation(room, plain_link(room, place, each)), each)
            for each in started
        ]

    def checked(self, room: OpenRoom, place: Conversation, user_id: str) -> Message:
        """Return the answer to a check that found a room.

        Args:
            room: the room that was found.
            place: where the check was typed.
            user_id: who typed it.
        """
        link = plain_link(room, place, Started(user_id))
        return checked_card(room, self._meetings.invitation(room, link))


def plain_link(room: OpenRoom, place: Conversation, started: Started) -> JoinLink:
    """Return the join link of a plain card.

    It doesn't name the conversation, so that joining never posts anything there. A starter, who may
    end the meeting, also moderates it.
    """
    return JoinLink(
        room.meeting.meeting_id,
        room.name,
        starter=started.user_id,
        made_in=place.workspace,
        is_starters=started.can_end,
    )

"""Invitations: the card of a room for a conversation."""

from bot.links import Conversation, JoinLink
from bot.meetings import Meetings, OpenRoom
from bot.slack.blocks import Message
from bot.slack.cards import Started, checked_card, invitation_card


class Invitations:
    """From rooms that are open to plain cards, whose links just open them.

    Args:
        meetings: know how a room is joined.
    """

    def __init__(self, meetings: Meetings) -> None:
        self._meetings = meetings

    async def card(self, room: OpenRoom, _place: Conversation, started: Started) -> Message:
        """Return the card of a room.

        Args:
            room: what the card invites to.
            _place: where it will be posted.
            started: what it says beside the invitation.
        """
        link = JoinLink(room.meeting.meeting_id, room.name)
        return invitation_card(self._meetings.invitation(room, link), started)

    async def cards(
        self, room: OpenRoom, place: Conversation, started: Started, copy: Started
    ) -> tuple[Message, Message]:
        """Return the card of a room, and a copy of it that says something else beside."""
        return await self.card(room, place, started), await self.card(room, place, copy)

    def checked(self, room: OpenRoom, _place: Conversation, _user_id: str) -> Message:
        """Return the answer to a check that found a room.

        Args:
            room: what was found.
            _place: where somebody asked.
            _user_id: who asked.
        """
        link = JoinLink(room.meeting.meeting_id, room.name)
        return checked_card(room, self._meetings.invitation(room, link))

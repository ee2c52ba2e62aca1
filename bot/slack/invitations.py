"""Invitations: the card of a room for a conversation."""

from dataclasses import replace

from bot.links import Conversation, JoinLink
from bot.meetings import Meetings, OpenRoom
from bot.participant_ids import CallRef
from bot.slack.blocks import Message
from bot.slack.cards import Started, checked_card, invitation_card


class Invitations:
    """From rooms that are open to plain cards, whose links just open them.

    Args:
        meetings: know how a room is joined.
    """

    def __init__(self, meetings: Meetings) -> None:
        self._meetings = meetings

    async def call(
        self, _room: OpenRoom, _place: Conversation, _started: Started
    ) -> CallRef | None:
        """Return the call for a card of a room, or None if the card has to be a plain one.

        Args:
            _room: what the card invites to.
            _place: where it will be posted.
            _started: who starts or shares the meeting.
        """
        return None

    def card_of(
        self, room: OpenRoom, place: Conversation, started: Started, _call: CallRef | None
    ) -> Message:
        """Return the card of a room with a call, or a plain one.

        Args:
            room: what the card invites to.
            place: where it will be posted.
            started: what it says beside the invitation.
            _call: as `call` returned it.
        """
        link = plain_link(link_of(room, place, started))
        return invitation_card(self._meetings.invitation(room, link), started)

    def checked(self, room: OpenRoom, place: Conversation, user_id: str) -> Message:
        """Return the answer to a check that found a room.

        Args:
            room: what was found.
            place: where somebody asked.
            user_id: who asked.
        """
        link = plain_link(link_of(room, place, Started(user_id)))
        return checked_card(room, self._meetings.invitation(room, link))


def link_of(room: OpenRoom, place: Conversation, started: Started) -> JoinLink:
    """Return the link of a room; who may end a meeting for everyone also moderates it."""
    meeting_id, user_id = room.meeting.meeting_id, started.user_id
    return JoinLink(meeting_id, room.name, None, place, user_id, is_starters=started.can_end)


def plain_link(link: JoinLink) -> JoinLink:
    """Return a link that only opens its room: nothing is posted where it came from."""
    return replace(link, place=None, made_in=link.owner)

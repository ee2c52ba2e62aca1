"""Start a meeting: what a command, a form and a shortcut have in common."""

from bot.grammar.commands import MeetRequest
from bot.links import Conversation
from bot.meetings import Meetings
from bot.slack.blocks import Message
from bot.slack.cards import Started
from bot.slack.invitations import Invitations
from bot.slack.limits import MeetingLimits
from bot.slack.request import SlackRequest


class Starting:
    """Starts meetings, within the limits.

    Args:
        meetings: open the rooms.
        invitations: make the cards, live ones where they can be.
        limits: how many meetings may be started.
    """

    def __init__(self, meetings: Meetings, invitations: Invitations, limits: MeetingLimits) -> None:
        self._meetings = meetings
        self._invitations = invitations
        self._limits = limits

    async def start(
        self, wanted: MeetRequest, place: Conversation, request: SlackRequest
    ) -> Message:
        """Start a meeting and return its card.

        Args:
            wanted: what is asked for.
            place: where.
            request: says by whom.
        """
        plan = self._meetings.plan(wanted, place, request.trigger_id)
        self._limits.admit(request.team_id, request.user_id)
        room = await self._meetings.open(plan)
        return await self._invitations.card(room, place, Started(request.user_id, can_end=True))

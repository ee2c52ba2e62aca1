"""Start a meeting, as the command, the form and the shortcut all do."""

import secrets
from functools import partial

from bot.grammar.commands import MeetRequest
from bot.grammar.people import MAX_INVITED
from bot.links import Conversation
from bot.meetings import Meetings
from bot.rooms.ids import Plan
from bot.slack.blocks import Message, escape, private
from bot.slack.cards import Started
from bot.slack.direct_messages import Mentions
from bot.slack.invitations import Invitations
from bot.slack.limits import MeetingLimits
from bot.slack.request import SlackRequest
from bot.slack.wording.cards import INVITES_YOU
from bot.slack.wording.errors import UsageError
from bot.slack.wording.invited import TOO_MANY, UNKNOWN


class Starting:
    """Starts meetings, within the limits.

    Args:
        meetings: opens rooms.
        invitations: builds cards, live ones where possible.
        limits: limits how many meetings may be started.
        mentions: tells people that they are invited.
    """

    def __init__(
        self,
        meetings: Meetings,
        invitations: Invitations,
        limits: MeetingLimits,
        mentions: Mentions,
    ) -> None:
        self._meetings = meetings
        self._invitations = invitations
        self._limits = limits
        self._mentions = mentions

    @property
    def sends_messages(self) -> bool:
        """Whether invited people get a direct message."""
        return self._mentions.sends_messages

    async def start(
        self, wanted: MeetRequest, place: Conversation, request: SlackRequest
    ) -> Message:
        """Start a meeting and return its card.

        Args:
            wanted: the meeting's name, region and invited people.
            place: the conversation or thread to start it in.
            request: the Slack request; its user is the starter.

        Raises:
            UsageError: it invites too many people, or a limit is reached.
        """
        invited = _invited(wanted, request) if wanted.invited else ()
        self._limits.admit(request.team_id, request.user_id)
        key = request.trigger_id or secrets.token_hex(8)
        room = await self._meetings.open(Plan(wanted, place, key))
        if wanted.unknown:
            request.afterwards.append(partial(_say_unknown, wanted.unknown))
        started = Started(request.user_id, can_end=True, invited=invited)
        inviting = [Started(request.user_id, did=INVITES_YOU)] if invited else []
        card, *copies = await self._invitations.cards(room, place, started, *inviting)
        for copy in copies:
            self._mentions.tell(request, invited, copy)
        return card


def _invited(wanted: MeetRequest, request: SlackRequest) -> tuple[str, ...]:
    """Return the IDs of the invited people, without the person who invites them.

    Raises:
        UsageError: they are too many.
    """
    invited = tuple([user_id for user_id in wanted.invited if user_id != request.user_id])
    if len(invited) > MAX_INVITED:
        raise UsageError(TOO_MANY.format(most=MAX_INVITED, count=len(invited)))
    return invited


async def _say_unknown(word: str) -> Message:
    """Return the hint about a word like `@ann` that Slack didn't turn into a mention."""
    return private(UNKNOWN.format(word=f"`{escape(word)}`"))

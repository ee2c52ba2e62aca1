"""Start a meeting: what a command, a form and a shortcut have in common."""

from functools import partial

from bot.grammar.commands import MeetRequest
from bot.grammar.people import MOST_INVITED
from bot.links import Conversation
from bot.meetings import Meetings
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
        meetings: open the rooms.
        invitations: make the cards, live ones where they can be.
        limits: how many meetings may be started.
        mentions: tell people that they are invited.
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
        """Whether people who are invited get a direct message."""
        return self._mentions.sends_messages

    async def start(
        self, wanted: MeetRequest, place: Conversation, request: SlackRequest
    ) -> Message:
        """Start a meeting and return its card.

        Args:
            wanted: what is asked for.
            place: where.
            request: says by whom.
        """
        invited = _invited(wanted, request)
        plan = self._meetings.plan(wanted, place, request.trigger_id)
        self._limits.admit(request.team_id, request.user_id)
        room = await self._meetings.open(plan)
        if wanted.unknown:
            request.afterwards.append(partial(_say_unknown, wanted.unknown))
        started = Started(request.user_id, can_end=True, invited=invited)
        if not invited:
            return await self._invitations.card(room, place, started)
        theirs = Started(request.user_id, did=INVITES_YOU)
        card, copy = await self._invitations.cards(room, place, started, theirs)
        self._mentions.tell(request, invited, copy)
        return card


def _invited(wanted: MeetRequest, request: SlackRequest) -> tuple[str, ...]:
    """Return whom somebody invites beside themselves.

    Raises:
        UsageError: they are too many.
    """
    invited = tuple(user_id for user_id in wanted.invited if user_id != request.user_id)
    if len(invited) > MOST_INVITED:
        raise UsageError(TOO_MANY.format(most=MOST_INVITED, count=len(invited)))
    return invited


async def _say_unknown(word: str) -> Message:
    """Return the hint about a word like `@ann` of which Slack didn't say who that is."""
    return private(UNKNOWN.format(word=f"`{escape(word)}`"))

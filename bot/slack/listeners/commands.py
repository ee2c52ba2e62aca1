"""Say what the bot does for each command and button: /meet, /meet-check, Share, End."""

from collections.abc import Mapping
from functools import partial

from bot.grammar.commands import CheckRequest, HelpRequest, MeetRequest, parse_check, parse_meet
from bot.grammar.errors import TypingError
from bot.grammar.people import MOST_INVITED
from bot.links import Conversation
from bot.meetings import CheckedMeeting, Meetings
from bot.participant_ids import CallRef
from bot.rooms.runs import Run, has_ended
from bot.slack.blocks import Message, escape, mention, private, public, section
from bot.slack.cards import End, Started, ended_message, read_end, read_share
from bot.slack.direct_messages import DirectMessages
from bot.slack.invitations import Invitations
from bot.slack.limits import MeetingLimits
from bot.slack.live_cards import LiveCards
from bot.slack.plain_cards import PlainCards
from bot.slack.request import SlackRequest
from bot.slack.wording import cards as words
from bot.slack.wording.commands import UNKNOWN_COMMAND, check_command, help_text
from bot.slack.wording.errors import UsageError
from bot.slack.wording.invited import TOO_MANY, UNKNOWN
from bot.slack.wording.typing import hint


class Listeners:
    """From Slack's payloads to messages.

    Args:
        meetings: what can be done with meetings.
        regions: the codes on offer, with their places.
        command: the command that starts a meeting, `/meet`; the one that checks an ID follows it.
        invitations: make the cards, live ones where they can be.
        live_cards: notified when a meeting was ended.
        limits: how many meetings may be started, and IDs checked.
        direct_messages: tell the people who are invited, if more than the card does.
    """

    def __init__(  # noqa: PLR0913 - each is named by the caller
        self,
        meetings: Meetings,
        regions: Mapping[str, str],
        command: str,
        *,
        invitations: Invitations,
        live_cards: LiveCards | PlainCards,
        limits: MeetingLimits,
        direct_messages: DirectMessages | None = None,
    ) -> None:
        self._meetings = meetings
        self._regions = regions
        self._command = command
        self._invitations = invitations
        self._live_cards = live_cards
        self._limits = limits
        self._direct_messages = direct_messages

    async def meet(self, request: SlackRequest) -> Message:
        """Start a meeting: `/meet [name] [region]`."""
        try:
            wanted = parse_meet(request.body.get("text", ""), self._regions)
        except TypingError as mistake:
            raise UsageError(hint(mistake, self._command, self._regions)) from None
        if isinstance(wanted, HelpRequest):
            return self.help_message()
        return await self.start(wanted, request.place(), request)

    async def start(
        self, wanted: MeetRequest, place: Conversation, request: SlackRequest
    ) -> Message:
        """Start a meeting and return its card.

        Args:
            wanted: what is asked for.
            place: where.
            request: says by whom.
        """
        invited = tuple(one for one in wanted.invited if one != request.user_id)
        if len(invited) > MOST_INVITED:
            raise UsageError(TOO_MANY.format(most=MOST_INVITED, count=len(invited)))
        plan = self._meetings.plan(wanted, place, request.trigger_id)
        self._limits.admit(request.team_id, request.user_id)
        room = await self._meetings.open(plan)
        if wanted.unknown:
            request.afterwards.append(partial(_say_unknown, wanted.unknown))
        call = await self._invitations.call(room, place, request.user_id)
        if invited and self._direct_messages:
            started = Started(request.user_id, did=words.INVITES_YOU)
            copy = self._invitations.card_of(room, place, started, call)
            request.afterwards.append(partial(self._direct_messages.send, request, invited, copy))
        started = Started(request.user_id, can_end=True, invited=invited)
        return self._invitations.card_of(room, place, started, call)

    async def end(self, request: SlackRequest) -> Message:
        """End a meeting for everyone, if it is the one who started it who asks."""
        chosen = read_end(request.body["actions"][0]["selected_option"]["value"])
        if refusal := _not_the_starter(chosen, request, words.END_IT):
            return refusal
        runs = await self._meetings.runs(chosen.meeting_id) or []
        is_over = await self._is_over(chosen, runs, request)
        has_stopped = not is_over and await self._meetings.end(chosen.meeting_id)
        await self._close_card(chosen, request)
        text = words.ENDED.format(mention(chosen.starter))
        if not has_stopped:
            text = words.ALREADY_OVER if runs else words.NOTHING_TO_END
        can_close = self._meetings.can_close
        return ended_message(chosen, text, is_public=has_stopped, can_close=can_close)

    async def close(self, request: SlackRequest) -> Message:
        """Close the links of a meeting, if it is the one who started it who asks."""
        chosen = read_end(request.body["actions"][0]["value"])
        if refusal := _not_the_starter(chosen, request, words.CLOSE_IT):
            return refusal
        if not self._meetings.can_close:
            raise UsageError(words.CANT_CLOSE)
        await self._meetings.close(chosen.meeting_id)
        await self._close_card(chosen, request)
        text = words.CLOSED.format(mention(chosen.starter))
        return public(text, [section(text)])

    async def _is_over(self, chosen: End, runs: list[Run], request: SlackRequest) -> bool:
        """Return whether a card's meeting has ended, even if its room is in use again."""
        if has_ended(runs, chosen.call_id):
            return True
        # Its run may be too long ago to be among these; Slack knows of its card's end.
        call = _call(chosen, request)
        return call is not None and not await self._live_cards.is_active(call, runs)

    async def _close_card(self, chosen: End, request: SlackRequest) -> None:
        if call := _call(chosen, request):
            await self._live_cards.close(chosen.meeting_id, call)

    async def check(self, request: SlackRequest) -> Message:
        """Check an ID, a join link or a name: `/meet-check <id>`."""
        text = request.body.get("text", "")
        if link := self._meetings.linked(text):
            return await self._check_id(link.meeting_id, request, link.name)
        try:
            asked = parse_check(text)
        except TypingError as mistake:
            raise UsageError(hint(mistake, self._command, self._regions)) from None
        if isinstance(asked, HelpRequest):
            return self.help_message()
        if asked.name is None:
            return await self._check_id(str(asked.meeting_id), request)
        return await self._check_name(asked, asked.name, request)

    async def _check_id(
        self, meeting_id: str, request: SlackRequest, name: str | None = None
    ) -> Message:
        self._limits.checks.admit(request.team_id, request.user_id)
        checked = await self._meetings.check(meeting_id, request.place(), name)
        return self._checked(meeting_id, checked, request)

    async def _check_name(self, asked: CheckRequest, name: str, request: SlackRequest) -> Message:
        """Look for a room of this name, and for the ID that it may be, if it was read out."""
        if not self._meetings.finds_by_name:
            if not asked.meeting_id:
                raise UsageError(words.NO_ID.format(meet=self._command))
            return await self._check_id(asked.meeting_id, request)
        self._limits.checks.admit(request.team_id, request.user_id)
        checked = await self._meetings.check_name(name, request.place())
        if not checked and asked.meeting_id:
            checked = await self._meetings.check(asked.meeting_id, request.place())
        if not checked:
            unknown = words.NEITHER_KNOWN if asked.meeting_id else words.UNKNOWN_NAME
            raise UsageError(unknown.format(meeting_id=asked.meeting_id, meet=self._command))
        return self._checked(checked.room.meeting.meeting_id, checked, request)

    def _checked(
        self, meeting_id: str, checked: CheckedMeeting | None, request: SlackRequest
    ) -> Message:
        if checked is None:
            return private(words.UNKNOWN.format(meeting_id=meeting_id, meet=self._command))
        if checked.room.meeting.disabled:
            return private(words.SWITCHED_OFF.format(meeting_id=meeting_id, meet=self._command))
        if checked.is_private:
            return private(words.VALID)
        return self._invitations.checked(checked.room, request.place(), request.user_id)

    async def share(self, request: SlackRequest) -> Message:
        """Post the card of a checked meeting to the conversation."""
        meeting_id, name, region = read_share(request.body["actions"][0]["value"])
        room = await self._meetings.known(meeting_id, name, region)
        started = Started(request.user_id, did=words.SHARED)
        return await self._invitations.card(room, request.place(), started)

    async def unknown(self, _: SlackRequest) -> Message:
        """Answer a command that Slack sends here and this deployment does not have."""
        return private(UNKNOWN_COMMAND.format(self._command, check_command(self._command)))

    def help_message(self) -> Message:
        """Return the help, which only the person who asked sees."""
        finds_by_name = self._meetings.finds_by_name
        text = help_text(
            self._command,
            self._regions,
            finds_by_name=finds_by_name,
            sends_messages=self._direct_messages is not None,
        )
        return private(text)


def _call(chosen: End, request: SlackRequest) -> CallRef | None:
    """Return the call of a card, whose workspace is the one where somebody clicked on it."""
    if chosen.call_id is None:
        return None
    return CallRef(chosen.call_id, request.workspace.team_id, request.workspace.enterprise_id)


def _not_the_starter(chosen: End, request: SlackRequest, what: str) -> Message | None:
    """Return a refusal for everybody but the one who started the meeting."""
    if request.user_id == chosen.starter:
        return None
    return private(words.ONLY_STARTER.format(mention(chosen.starter), what))


async def _say_unknown(word: str) -> Message:
    """Return the hint about a word like `@ann` of which Slack didn't say who that is."""
    return private(UNKNOWN.format(word=f"`{escape(word)}`"))

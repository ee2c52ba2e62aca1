"""Say what the bot does for each command and button: /meet, /meet-check, Share, End."""

from collections.abc import Mapping

from bot.grammar import (
    HelpRequest,
    MeetRequest,
    NoMeetingIdError,
    UsageError,
    parse_check,
    parse_meet,
)
from bot.links import Conversation
from bot.meetings import CheckedMeeting, Meetings
from bot.participant_ids import CallRef
from bot.runs import Run, has_ended
from bot.slack import card_words as words
from bot.slack.answers import Body, team_id
from bot.slack.blocks import Message, escape, private, public, section
from bot.slack.cards import End, Started, ended_message, read_end, read_share
from bot.slack.command_words import UNKNOWN_COMMAND, check_command, help_text
from bot.slack.invitations import Invitations
from bot.slack.limits import MeetingLimits
from bot.slack.live import LiveCards
from bot.slack.plain_cards import PlainCards
from bot.slack.workspaces import Workspace


class Listeners:
    """From Slack's payloads to messages.

    Args:
        meetings: what can be done with meetings.
        regions: the codes on offer, with their places.
        command: the command that starts a meeting, `/meet`; the one that checks an ID follows it.
        invitations: make the cards, live ones where they can be.
        live_cards: are told when a meeting was ended.
        limits: how many meetings may be started, and IDs checked.
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
    ) -> None:
        self._meetings = meetings
        self._regions = regions
        self._command = command
        self._invitations = invitations
        self._live_cards = live_cards
        self._limits = limits

    async def meet(self, body: Body) -> Message:
        """Start a meeting: `/meet [name] [region]`."""
        request = parse_meet(body.get("text", ""), self._regions)
        if isinstance(request, HelpRequest):
            return self.help_message()
        return await self.start(request, conversation(body, body.get("channel_id", "")), body)

    async def start(self, request: MeetRequest, place: Conversation, body: Body) -> Message:
        """Start a meeting and return its card.

        Args:
            request: what is asked for.
            place: where.
            body: Slack's payload, which says by whom; no two have the same trigger_id.
        """
        user_id = _user_id(body)
        plan = self._meetings.plan(request, place, body.get("trigger_id", ""))
        self._limits.admit(team_id(body), user_id)
        room = await self._meetings.open(plan)
        return await self._invitations.card(room, place, Started(user_id, can_end=True))

    async def end(self, body: Body) -> Message:
        """End a meeting for everyone, if it is the one who started it who asks."""
        chosen = read_end(body["actions"][0]["selected_option"]["value"])
        if refusal := _not_the_starter(chosen, body, words.END_IT):
            return refusal
        runs = await self._meetings.runs(chosen.meeting_id) or []
        is_over = await self._is_over(chosen, runs, body)
        has_stopped = not is_over and await self._meetings.end(chosen.meeting_id)
        await self._close_card(chosen, body)
        text = words.ENDED.format(_mention(chosen.starter))
        if not has_stopped:
            text = words.ALREADY_OVER if runs else words.NOTHING_TO_END
        can_close = self._meetings.can_close
        return ended_message(chosen, text, is_public=has_stopped, can_close=can_close)

    async def close(self, body: Body) -> Message:
        """Close the links of a meeting, if it is the one who started it who asks."""
        chosen = read_end(body["actions"][0]["value"])
        if refusal := _not_the_starter(chosen, body, words.CLOSE_IT):
            return refusal
        if not self._meetings.can_close:
            raise UsageError(words.CANT_CLOSE)
        await self._meetings.close(chosen.meeting_id)
        await self._close_card(chosen, body)
        text = words.CLOSED.format(_mention(chosen.starter))
        return public(text, [section(text)])

    async def _is_over(self, chosen: End, runs: list[Run], body: Body) -> bool:
        """Return whether a card's meeting has ended, even if its room is in use again."""
        if has_ended(runs, chosen.call_id):
            return True
        # Its run may be too long ago to be among these; Slack knows of its card's end.
        call = _call(chosen, body)
        return call is not None and not await self._live_cards.is_active(call, runs)

    async def _close_card(self, chosen: End, body: Body) -> None:
        if call := _call(chosen, body):
            await self._live_cards.close(chosen.meeting_id, call)

    async def check(self, body: Body) -> Message:
        """Check an ID: `/meet-check <id>`."""
        text = body.get("text", "")
        place = conversation(body, body.get("channel_id", ""))
        try:
            link = self._meetings.linked(text)
            meeting_id = link.meeting_id if link else parse_check(text)
        except NoMeetingIdError as error:
            return await self._check_name(error, place, body)
        if isinstance(meeting_id, HelpRequest):
            return self.help_message()
        self._limits.checks.admit(team_id(body), _user_id(body))
        checked = await self._meetings.check(meeting_id, place)
        return self._checked(meeting_id, checked, place, body)

    async def _check_name(
        self, error: NoMeetingIdError, place: Conversation, body: Body
    ) -> Message:
        """Look for a standing room of this name, where what was typed is no ID."""
        if not self._meetings.finds_by_name:
            raise error
        self._limits.checks.admit(team_id(body), _user_id(body))
        checked = await self._meetings.check_name(error.typed, place)
        if checked is None:
            raise UsageError(words.UNKNOWN_NAME.format(meet=self._command))
        return self._checked(checked.room.meeting.meeting_id, checked, place, body)

    def _checked(
        self, meeting_id: str, checked: CheckedMeeting | None, place: Conversation, body: Body
    ) -> Message:
        if checked is None:
            return private(words.UNKNOWN.format(meeting_id=meeting_id, meet=self._command))
        if checked.room.meeting.disabled:
            return private(words.SWITCHED_OFF.format(meeting_id=meeting_id, meet=self._command))
        if checked.is_private:
            return private(words.VALID)
        return self._invitations.checked(checked.room, place, _user_id(body))

    async def share(self, body: Body) -> Message:
        """Post the card of a checked meeting to the conversation."""
        meeting_id, name, region = read_share(body["actions"][0]["value"])
        place = conversation(body, body["channel"]["id"])
        room = await self._meetings.known(meeting_id, name, region)
        started = Started(_user_id(body), did=words.SHARED)
        return await self._invitations.card(room, place, started)

    async def unknown(self, _: Body) -> Message:
        """Answer a command that Slack sends here and this deployment does not have."""
        return private(UNKNOWN_COMMAND.format(self._command, check_command(self._command)))

    def help_message(self) -> Message:
        """Return what the commands are and do, for one pair of eyes."""
        finds_by_name = self._meetings.finds_by_name
        return private(help_text(self._command, self._regions, finds_by_name=finds_by_name))


def _user_id(body: Body) -> str:
    """Return who asks: commands have the id flat, clicks in an object."""
    return str(body["user"]["id"] if "user" in body else body.get("user_id", ""))


def conversation(body: Body, channel_id: str) -> Conversation:
    """Return the conversation that a payload and one of the channels in it name."""
    workspace = Workspace.of(body)
    return Conversation(workspace.team_id, workspace.enterprise_id, channel_id)


def _call(chosen: End, body: Body) -> CallRef | None:
    """Return the call of a card, whose workspace is the one where somebody clicked on it."""
    if chosen.call_id is None:
        return None
    workspace = Workspace.of(body)
    return CallRef(chosen.call_id, workspace.team_id, workspace.enterprise_id)


def _not_the_starter(chosen: End, body: Body, what: str) -> Message | None:
    """Return a refusal for everybody but the one who started the meeting."""
    if body["user"]["id"] == chosen.starter:
        return None
    return private(words.ONLY_STARTER.format(_mention(chosen.starter), what))


def _mention(user_id: str) -> str:
    return f"<@{escape(user_id)}>"

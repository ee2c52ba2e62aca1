"""Slash commands: /meet, /meet-check, and any that this deployment doesn't have."""

from collections.abc import Mapping

from bot.grammar.commands import CheckRequest, HelpRequest, parse_check, parse_meet
from bot.grammar.errors import TypingError
from bot.meetings import CheckedMeeting, Meetings
from bot.slack.blocks import Message, private
from bot.slack.invitations import Invitations
from bot.slack.limits import RequestLimits
from bot.slack.listeners.starting import Starting
from bot.slack.request import SlackRequest
from bot.slack.wording import cards as words
from bot.slack.wording.commands import UNKNOWN_COMMAND, check_command, help_text
from bot.slack.wording.errors import UsageError
from bot.slack.wording.typing import hint


class Commands:
    """Listeners for slash commands.

    Args:
        starting: starts meetings.
        meetings: checks IDs, links and names.
        invitations: builds the cards of meetings that were found.
        checks: limits how many meetings a person may check.
        regions: the region codes on offer, with their places.
        command: the command that starts a meeting, such as `/meet`.
    """

    def __init__(  # noqa: PLR0913 - each is named by the caller
        self,
        starting: Starting,
        meetings: Meetings,
        invitations: Invitations,
        *,
        checks: RequestLimits,
        regions: Mapping[str, str],
        command: str,
    ) -> None:
        self._starting = starting
        self._meetings = meetings
        self._invitations = invitations
        self._checks = checks
        self._regions = regions
        self._command = command

    async def meet(self, request: SlackRequest) -> Message:
        """Start a meeting: `/meet [name] [region]`."""
        try:
            wanted = parse_meet(request.body.get("text", ""), self._regions)
        except TypingError as mistake:
            raise UsageError(hint(mistake, self._command, self._regions)) from None
        if isinstance(wanted, HelpRequest):
            return self._help()
        return await self._starting.start(wanted, request.place, request)

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
            return self._help()
        if asked.name is None:
            return await self._check_id(str(asked.meeting_id), request)
        return await self._check_name(asked, asked.name, request)

    async def _check_id(
        self, meeting_id: str, request: SlackRequest, name: str | None = None
    ) -> Message:
        self._checks.admit(request.team_id, request.user_id)
        checked = await self._meetings.check(meeting_id, request.place, name)
        return self._checked(meeting_id, checked, request)

    async def _check_name(self, asked: CheckRequest, name: str, request: SlackRequest) -> Message:
        """Look for a room of this name; failing that, take the input for a meeting ID."""
        if not self._meetings.finds_by_name:
            if not asked.meeting_id:
                raise UsageError(words.NO_ID.format(meet=self._command))
            return await self._check_id(asked.meeting_id, request)
        self._checks.admit(request.team_id, request.user_id)
        checked = await self._meetings.check_name(name, request.place)
        if not checked and asked.meeting_id:
            checked = await self._meetings.check(asked.meeting_id, request.place)
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
        return self._invitations.checked(checked.room, request.place, request.user_id)

    async def unknown(self, _: SlackRequest) -> Message:
        """Answer a command that this deployment doesn't have."""
        return private(UNKNOWN_COMMAND.format(self._command, check_command(self._command)))

    def _help(self) -> Message:
        text = help_text(
            self._command,
            self._regions,
            finds_by_name=self._meetings.finds_by_name,
            sends_messages=self._starting.sends_messages,
        )
        return private(text)

"""Say what the bot does for each command and button: /meet, /meet-check, Share, End."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.grammar import (
    CheckRequest,
    HelpRequest,
    MeetRequest,
    TypingError,
    parse_check,
    parse_meet,
)
from bot.links import Conversation
from bot.meetings import CheckedMeeting, Meetings
from bot.participant_ids import CallRef
from bot.runs import Run, has_ended
from bot.slack.blocks import Message, escape, private, public, section
from bot.slack.cards import End, Started, ended_message, read_end, read_share
from bot.slack.invitations import Invitations
from bot.slack.limits import MeetingLimits
from bot.slack.live import LiveCards
from bot.slack.plain_cards import PlainCards
from bot.slack.request import SlackRequest
from bot.slack.typing_words import hint, listed
from bot.slack.words import UsageError

_NOTHING_TO_END = "Nobody is in this meeting now, so there was nothing to end."
NO_ID = (
    "I can't find a meeting ID in that. An ID looks like `87i6-bvw8-dtn1`: copy it from the "
    "meeting's card, or paste the join link."
)
NOTHING_FOUND = (
    "I can't find a meeting ID in that, or a meeting with that name here. An ID looks like "
    "`87i6-bvw8-dtn1`: copy it from the meeting's card, or paste the join link."
)
NEITHER_FOUND = (
    "I can't find a meeting with the ID `{}`, or one with that name here. Please compare it with "
    "the meeting's card."
)
UNKNOWN_COMMAND = (
    "This bot answers to `{}` and `{}`. If they were renamed in Slack, please ask whoever runs "
    "the bot to set `SLACK_COMMAND`."
)


@dataclass(frozen=True)
class Command:
    """A slash command as Slack's composer shows it."""

    command: str
    hint: str
    description: str


def commands(meet: str) -> tuple[Command, Command]:
    """Return the two commands, the first under this name and the second after it."""
    return (
        Command(meet, "[name] [region]", "Start a meeting and post its card here"),
        Command(
            check_command(meet),
            "[meeting ID or link]",
            "Tell whether a meeting ID is valid, and whether people are in it",
        ),
    )


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
        self._check_command = check_command(command)
        self._invitations = invitations
        self._live_cards = live_cards
        self._limits = limits

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
        plan = self._meetings.plan(wanted, place, request.trigger_id)
        self._limits.admit(request.team_id, request.user_id)
        room = await self._meetings.open(plan)
        started = Started(request.user_id, self._check_command, can_end=True)
        return await self._invitations.card(room, place, started)

    async def end(self, request: SlackRequest) -> Message:
        """End a meeting for everyone, if it is the one who started it who asks."""
        chosen = read_end(request.body["actions"][0]["selected_option"]["value"])
        if refusal := _not_the_starter(chosen, request, "end it for everyone"):
            return refusal
        runs = await self._meetings.runs(chosen.meeting_id) or []
        is_over = await self._is_over(chosen, runs, request)
        has_stopped = not is_over and await self._meetings.end(chosen.meeting_id)
        await self._close_card(chosen, request)
        text = f"<@{escape(chosen.starter)}> ended the meeting for everyone."
        if not has_stopped:
            text = "This meeting is already over." if runs else _NOTHING_TO_END
        can_close = self._meetings.can_close
        return ended_message(chosen, text, is_public=has_stopped, can_close=can_close)

    async def close(self, request: SlackRequest) -> Message:
        """Close the links of a meeting, if it is the one who started it who asks."""
        chosen = read_end(request.body["actions"][0]["value"])
        if refusal := _not_the_starter(chosen, request, "close its links"):
            return refusal
        if not self._meetings.can_close:
            raise UsageError("This bot can't close links: that needs version 2 of VideoSDK's API.")
        await self._meetings.close(chosen.meeting_id)
        await self._close_card(chosen, request)
        text = f"<@{escape(chosen.starter)}> closed the meeting's links. Nobody can join by them."
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
                raise UsageError(NO_ID)
            return await self._check_id(asked.meeting_id, request)
        self._limits.checks.admit(request.team_id, request.user_id)
        checked = await self._meetings.check_name(name, request.place())
        if not checked and asked.meeting_id:
            checked = await self._meetings.check(asked.meeting_id, request.place())
        if not checked:
            raise UsageError(_nothing_found(asked))
        return self._checked(checked.room.meeting.meeting_id, checked, request)

    def _checked(
        self, meeting_id: str, checked: CheckedMeeting | None, request: SlackRequest
    ) -> Message:
        if checked is None:
            return private(
                f"No meeting has the ID `{meeting_id}` in this bot's VideoSDK account. "
                f"Please compare it with the card, or start a meeting with `{self._command}`."
            )
        if checked.room.meeting.disabled:
            return private(
                f"The meeting `{meeting_id}` has been switched off, and nobody can join it. "
                f"Start another one with `{self._command}`."
            )
        if checked.is_private:
            return private("This meeting ID is valid.")
        return self._invitations.checked(checked.room, request.place(), request.user_id)

    async def share(self, request: SlackRequest) -> Message:
        """Post the card of a checked meeting to the conversation."""
        meeting_id, name, region = read_share(request.body["actions"][0]["value"])
        room = await self._meetings.known(meeting_id, name, region)
        started = Started(request.user_id, self._check_command, did="{} shared a meeting.")
        return await self._invitations.card(room, request.place(), started)

    async def unknown(self, _: SlackRequest) -> Message:
        """Answer a command that Slack sends here and this deployment does not have."""
        return private(UNKNOWN_COMMAND.format(self._command, self._check_command))

    def _by_name(self) -> str:
        can = self._meetings.finds_by_name
        return " The name of a meeting of this conversation will do, too." if can else ""

    def help_message(self) -> Message:
        """Return what the commands are and do, for one pair of eyes."""
        meet, check = self._command, self._check_command
        places = (f"`{code}` {escape(place)}" for code, place in self._regions.items())
        regions = listed(places, " · ")
        return private(
            f"*`{meet} [name] [region]`*\n"
            "Starts a meeting and posts its card to this conversation. "
            f"A name keeps its room: `{meet} standup` opens the same meeting every day, in this "
            "conversation only.\n"
            f'For example `{meet}`, `{meet} Weekly sync us001`, or `{meet} "us001"`: quotes make '
            "anything a name.\n\n"
            f"*`{check} [meeting ID or link]`*\n"
            "Tells you, and nobody else, whether an ID is a meeting and whether people are in it."
            f"{self._by_name()}\n\n"
            f"*Regions*\n{regions}\n\n"
            "Slack has no slash commands in threads: there, choose *Start a meeting here* in a "
            "message's menu. *Start a meeting* in the composer's menu asks for everything."
        )


def _nothing_found(asked: CheckRequest) -> str:
    return NEITHER_FOUND.format(asked.meeting_id) if asked.meeting_id else NOTHING_FOUND


def _call(chosen: End, request: SlackRequest) -> CallRef | None:
    """Return the call of a card, whose workspace is the one where somebody clicked on it."""
    if chosen.call_id is None:
        return None
    return CallRef(chosen.call_id, request.workspace.team_id, request.workspace.enterprise_id)


def _not_the_starter(chosen: End, request: SlackRequest, what: str) -> Message | None:
    """Return a refusal for everybody but the one who started the meeting."""
    if request.user_id == chosen.starter:
        return None
    return private(
        f"Only <@{escape(chosen.starter)}>, who started this meeting, can {what}. You can leave it "
        "whenever you like."
    )


def check_command(command: str) -> str:
    """Return the name of the command that checks an ID, beside the one that starts a meeting."""
    return f"{command}-check"

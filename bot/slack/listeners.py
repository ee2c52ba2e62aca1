"""Say what the bot does for each command and button: /meet, /meet-check, Share, End."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.grammar import (
    HelpRequest,
    MeetRequest,
    NoMeetingIdError,
    UsageError,
    parse_check,
    parse_meet,
)
from bot.meetings import CheckedMeeting, Conversation, Meetings, Plan
from bot.slack.answers import Body, team_id
from bot.slack.blocks import Message, escape, private, public, section
from bot.slack.calls import Call, Calls
from bot.slack.cards import Started, checked_card, invitation_card, read_end, read_share
from bot.slack.limits import MeetingLimits
from bot.slack.live import LiveCards
from bot.slack.workspaces import Workspace

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
        calls: Slack's, where cards can be live ones.
        live_cards: follow what happens in the meetings behind them.
        limits: how many meetings may be started.
    """

    def __init__(  # noqa: PLR0913 - two of them may be left out
        self,
        meetings: Meetings,
        regions: Mapping[str, str],
        command: str,
        calls: Calls | None = None,
        live_cards: LiveCards | None = None,
        *,
        limits: MeetingLimits,
    ) -> None:
        self._meetings = meetings
        self._regions = regions
        self._command = command
        self._check_command = check_command(command)
        self._calls = calls
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
        call = await self._announce(plan, Workspace.of(body), user_id)
        invitation = await self._meetings.start(plan, call.hook if call else None)
        if self._calls and call and invitation.join_url:
            await self._calls.relink(call, invitation.join_url)
        return invitation_card(invitation, self._started(user_id, call))

    def _started(self, user_id: str, call: Call | None = None) -> Started:
        call_id = call.call_id if call else None
        can_end = self._meetings.can_end
        return Started(user_id, self._check_command, call_id=call_id, can_end=can_end)

    async def _announce(self, plan: Plan, workspace: Workspace, user_id: str) -> Call | None:
        """Register a live card with Slack and return its call, where there can be one."""
        if self._calls is None or plan.own_id is None:
            return None
        join_url = self._meetings.join_url(plan.own_id, plan.request.name)
        run = await self._meetings.run_of(plan)
        if join_url is None or run is None:
            return None
        title = plan.request.name or "Meeting"
        return await self._calls.add(
            workspace, unique_id=run, join_url=join_url, title=title, user_id=user_id
        )

    async def end(self, body: Body) -> Message:
        """End a meeting for everyone, if it is the one who started it who asks."""
        chosen = body["actions"][0]["selected_option"]["value"]
        meeting_id, starter, call_id = read_end(chosen)
        user_id = body["user"]["id"]
        if user_id != starter:
            return private(
                f"Only <@{escape(starter)}>, who started this meeting, can end it for everyone. "
                "You can leave it whenever you like."
            )
        is_running = await self._meetings.is_running(meeting_id)
        if is_running:
            await self._meetings.end(meeting_id)
        if self._live_cards and call_id:
            await self._live_cards.close(meeting_id, Call(Workspace.of(body), call_id))
        if not is_running:
            return private("Nobody is in this meeting now, so there was nothing to end.")
        text = f"<@{escape(user_id)}> ended the meeting for everyone."
        return public(text, [section(text)])

    async def check(self, body: Body) -> Message:
        """Say whether an ID is a meeting: `/meet-check <id>`."""
        text = body.get("text", "")
        try:
            meeting_id = self._meetings.linked(text) or parse_check(text)
        except NoMeetingIdError as error:
            return await self._check_name(error, conversation(body, body.get("channel_id", "")))
        if isinstance(meeting_id, HelpRequest):
            return self.help_message()
        checked = await self._meetings.check(meeting_id)
        return self._checked(meeting_id, checked)

    async def _check_name(self, error: NoMeetingIdError, place: Conversation) -> Message:
        """Look for a standing room of this name, where what was typed is no ID."""
        room = self._meetings.standing_room(error.typed, place)
        if room is None:
            raise error
        checked = await self._meetings.check(room)
        if checked is None:
            raise UsageError(
                "There is neither a meeting ID in that, nor has this conversation a meeting of "
                f"that name. An ID looks like `87i6-bvw8-dtn1`; `{self._command}` with a name "
                "starts a meeting."
            )
        return self._checked(checked.meeting.meeting_id, checked)

    def _checked(self, meeting_id: str, checked: CheckedMeeting | None) -> Message:
        if checked is None:
            return private(
                f"No meeting has the ID `{meeting_id}` in this bot's VideoSDK account. "
                f"Please compare it with the card, or start a meeting with `{self._command}`."
            )
        if checked.meeting.disabled:
            return private(
                f"The meeting `{meeting_id}` has been switched off, and nobody can join it. "
                f"Start another one with `{self._command}`."
            )
        return checked_card(checked)

    async def share(self, body: Body) -> Message:
        """Post the card of a checked meeting to the conversation."""
        meeting_id, name, region = read_share(body["actions"][0]["value"])
        invitation = self._meetings.invitation(meeting_id, name=name, region=region)
        started = Started(body["user"]["id"], self._check_command, verb="shared")
        return invitation_card(invitation, started)

    async def unknown(self, _: Body) -> Message:
        """Answer a command that Slack sends here and this deployment does not have."""
        return private(UNKNOWN_COMMAND.format(self._command, self._check_command))

    def _by_name(self) -> str:
        can = self._meetings.finds_by_name
        return " The name of a meeting of this conversation will do, too." if can else ""

    def help_message(self) -> Message:
        """Return what the commands are and do, for one pair of eyes."""
        meet, check = self._command, self._check_command
        regions = " · ".join(f"`{code}` {escape(place)}" for code, place in self._regions.items())
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


def _user_id(body: Body) -> str:
    """Return who asks: commands have the id flat, clicks in an object."""
    return str(body["user"]["id"] if "user" in body else body.get("user_id", ""))


def conversation(body: Body, channel_id: str) -> Conversation:
    """Return the conversation that a payload and one of the channels in it name."""
    return Conversation(Workspace.of(body).owner, channel_id)


def check_command(command: str) -> str:
    """Return the name of the command that checks an ID, beside the one that starts a meeting."""
    return f"{command}-check"

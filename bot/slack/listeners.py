"""Say what the bot does for each command and button: /meet, /meet-check, Join, Share."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.grammar import HelpRequest, parse_check, parse_meet
from bot.meetings import Conversation, Meetings
from bot.slack.answers import Body
from bot.slack.blocks import (
    Message,
    checked_card,
    escape,
    invitation_card,
    private,
    read_share,
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
    """

    def __init__(self, meetings: Meetings, regions: Mapping[str, str], command: str) -> None:
        self._meetings = meetings
        self._regions = regions
        self._command = command
        self._check_command = check_command(command)

    async def meet(self, body: Body) -> Message:
        """Start a meeting: `/meet [name] [region]`."""
        request = parse_meet(body.get("text", ""), self._regions)
        if isinstance(request, HelpRequest):
            return self.help_message()
        conversation = Conversation(body.get("team_id", ""), body.get("channel_id", ""))
        invitation = await self._meetings.start(request, conversation)
        return invitation_card(invitation, body.get("user_id", ""), self._check_command)

    async def check(self, body: Body) -> Message:
        """Say whether an ID is a meeting: `/meet-check <id>`."""
        meeting_id = parse_check(body.get("text", ""))
        if isinstance(meeting_id, HelpRequest):
            return self.help_message()
        checked = await self._meetings.check(meeting_id)
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
        return invitation_card(invitation, body["user"]["id"], self._check_command, verb="shared")

    async def unknown(self, _: Body) -> Message:
        """Answer a command that Slack sends here and this deployment does not have."""
        return private(UNKNOWN_COMMAND.format(self._command, self._check_command))

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
            "\n\n"
            f"*Regions*\n{regions}\n\n"
            "Slack has no slash commands in threads: type them in the channel."
        )


def check_command(command: str) -> str:
    """Return the name of the command that checks an ID, beside the one that starts a meeting."""
    return f"{command}-check"

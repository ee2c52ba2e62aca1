"""Texts of the commands, the shortcuts and their form, in Slack's menus and in the help."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.slack.blocks import escape
from bot.slack.wording.typing import listed

UNKNOWN_COMMAND = (
    "I answer to `{}` and `{}`. If they were renamed in Slack, please ask whoever set me up to "
    "change `SLACK_COMMAND`."
)
HELP = """\
*`{meet} [name] [@people] [region]`*
Starts a meeting and posts its card here. A named meeting always uses the same room: \
`{meet} standup` opens the same one in this channel every day.
Try `{meet}` or `{meet} Weekly sync us001`. Quotes turn anything into a name: `{meet} "us001"`.
To invite people, mention them: `{meet} 1:1 with @ann`. The card mentions them, too.{messages}

*`{check} [meeting ID or link]`*
Checks whether a meeting ID is valid, and whether anyone's in it. Only you see the answer.{by_name}

*Regions*
{regions}

In a thread, open a message's ⋯ menu and pick *Start a meeting here*. Prefer a form? Pick *Start a \
meeting* from the + menu."""
BY_MESSAGE = " I also send each of them a direct message."
BY_NAME = " You can also use the name of a meeting from this channel."
ANYWHERE = "Start a meeting"
ANYWHERE_DOES = "Choose a name, a region and where to post it"
HERE = "Start a meeting here"
HERE_DOES = "Post a meeting's card in this thread"

FORM_TITLE = "Start a meeting"
FORM_NAME = "Name"
FORM_REGION = "Region"
FORM_PEOPLE = "People to invite"
FORM_CONVERSATION = "Where to post it"
FORM_SUBMIT = "Start"
FORM_CLOSE = "Cancel"


@dataclass(frozen=True)
class Command:
    """A slash command as Slack's composer shows it."""

    command: str
    hint: str
    description: str


def commands(meet: str) -> tuple[Command, Command]:
    """Return both commands, given the name of the one that starts a meeting."""
    return (
        Command(meet, "[name] [@people] [region]", "Start a meeting and post its card here"),
        Command(
            check_command(meet),
            "[meeting ID or link]",
            "Check a meeting ID, and see if anyone's in it",
        ),
    )


def check_command(command: str) -> str:
    """Return the name of the command that checks an ID, given the one that starts a meeting."""
    return f"{command}-check"


def help_text(
    meet: str, regions: Mapping[str, str], *, finds_by_name: bool, sends_messages: bool
) -> str:
    """Return the help text for both commands.

    Args:
        meet: the command that starts a meeting.
        regions: the region codes on offer, with their places.
        finds_by_name: whether a meeting can be checked by its name.
        sends_messages: whether invited people get a direct message.
    """
    places = listed((f"`{code}` {escape(place)}" for code, place in regions.items()), " · ")
    return HELP.format(
        meet=meet,
        check=check_command(meet),
        messages=BY_MESSAGE if sends_messages else "",
        by_name=BY_NAME if finds_by_name else "",
        regions=places,
    )

"""The texts of the install pages: permissions and outcomes."""

from collections.abc import Iterable

from bot.web.slack_redirect import Failures, Outcome

# For each scope: what the bot may do, and why.
_PERMISSIONS = {
    "commands": (
        "Answer {command} and {command}-check, and two shortcuts that start a meeting",
        "Slack tells Meet who asked, where, and what they typed. The answer goes back there.",
    ),
    "calls:write": (
        "Show on a meeting's card who's in it, and when it's over",
        "Meet only changes the cards of its own meetings.",
    ),
    "chat:write": (
        "Post a new card when someone starts a meeting again, or a reply when someone takes notes",
        "Optional. Meet posts only then, and only where the meeting began.",
    ),
    "chat:write.public": (
        "Do that in public channels that Meet hasn't been added to",
        "Optional. Without it, the link's page shows a command to type.",
    ),
    "links:read": (
        "See when someone posts a link to one of Meet's own meetings",
        "Optional. Slack tells Meet about links to Meet, and about no other link or message.",
    ),
    "links:write": (
        "Show below such a link who's in the meeting",
        "Optional. Without it, the link stays a link.",
    ),
}


def permissions(scopes: Iterable[str], command: str) -> list[tuple[str, str]]:
    """Return for each scope what the bot may do and why."""
    return [
        (may.format(command=command), why) for may, why in map(_PERMISSIONS.__getitem__, scopes)
    ]


FAILURES = Failures(
    cancelled=Outcome(
        200,
        "Nothing was installed",
        "You cancelled in Slack, so nothing changed. Changed your mind?",
    ),
    expired=Outcome(
        400,
        "Slack's permission has expired",
        "It works once, for a few minutes, so nothing was installed. Please start again.",
    ),
    not_set_up=Outcome(
        502,
        "Slack doesn't know Meet",
        "Nothing was installed, and it isn't your fault. Please show this page to whoever set up "
        "Meet: Slack's reason, “{reason}”, says which setting is wrong.",
    ),
    unavailable=Outcome(
        502,
        "Slack isn't answering",
        "As far as I can tell, nothing was installed. Please start again in a minute.",
    ),
    rejected=Outcome(
        400,
        "Slack rejected the install",
        "Nothing was installed. Slack's reason is “{reason}”. Please ask an admin of your "
        "workspace, or whoever set up Meet, what's in the way.",
    ),
)
OTHER_BROWSER = Outcome(
    400,
    "Please start in this browser",
    "Nothing was installed. Please add Meet in one browser from start to finish, within ten "
    "minutes and with cookies allowed.",
)
USED = Outcome(
    400,
    "This link has already been used",
    "It works once, for ten minutes. If you've just read that Meet is installed, you're done. "
    "If not, please start again.",
)
NO_DATABASE = Outcome(
    503,
    "My database isn't answering",
    "Nothing was installed. Please start again in a minute.",
)
NOT_SAVED = Outcome(
    503,
    "Please install Meet again",
    "Slack agreed, but my database didn't answer, so I couldn't save the install. Please start "
    "again in a minute. Slack will ask you to confirm again.",
)
START_AGAIN = "Start again"
SUPPORT = "Support"
PRIVACY = "Privacy"

INSTALLED = "Meet is installed in {}"
INSTALLED_HERE = "Type {command} in any channel to start a meeting. Anyone can."
INSTALLED_FOR_ALL = (
    "One step is left: in the organisation's settings, under Integrations, an admin has to choose "
    "the workspaces that get it. Then {command} starts a meeting in any of their channels."
)
OPEN_SLACK = "Open Slack"

"""Say what an install lets the bot do, and how an install can end."""

from collections.abc import Iterable
from dataclasses import dataclass

NAME = "Meet"
UNREADABLE = "unreadable"  # stands for a reason that is not one of Slack's words

# What each permission is for: what the bot may do, and why.
_PERMISSIONS = {
    "commands": (
        "Answer {command} and {command}-check, and the two shortcuts that start a meeting",
        "Slack hands over who asked, where, and what they typed; the answer goes back there.",
    ),
    "calls:write": (
        "Show on a meeting's card who is in it, and when it is over",
        "It changes the cards of its own meetings, and nothing else.",
    ),
    "chat:write": (
        "Post a new card when somebody starts a meeting again by its link",
        "It posts only then, to the channel where the meeting began. You can leave this out.",
    ),
    "chat:write.public": (
        "Do that in public channels that it has not been added to",
        "Without it, the page shows the command to type instead. You can leave this out.",
    ),
}


def permissions(scopes: Iterable[str], command: str) -> list[tuple[str, str]]:
    """Return what the bot may do and why, for each scope."""
    return [
        (may.format(command=command), why) for may, why in map(_PERMISSIONS.__getitem__, scopes)
    ]


@dataclass(frozen=True)
class Outcome:
    """How an install ended, other than well.

    Attributes:
        status: of the page.
        title: what happened.
        text: what that means, and what to do next; {reason} stands for Slack's own word.
    """

    status: int
    title: str
    text: str


CANCELLED = Outcome(
    200,
    "Nothing was installed",
    "You said no in Slack, so nothing has changed there. If that was a slip, start again.",
)
OTHER_BROWSER = Outcome(
    400,
    "Please start in this browser",
    f"Adding {NAME} has to begin and end in the same browser, within ten minutes and with cookies "
    "allowed. Nothing was installed from here.",
)
USED = Outcome(
    400,
    "This link has done its work",
    f"It works once, for ten minutes. If you have just read that {NAME} is installed, it is: there "
    "is nothing more to do. If not, start again.",
)
LAPSED = Outcome(
    400,
    "Slack's permission has run out",
    "It is good for one use and a few minutes, so nothing was installed. Starting again takes a "
    "moment.",
)
TURNED_DOWN = Outcome(
    400,
    "Slack turned the install down",
    "Nothing was installed. Slack gives “{reason}” as its reason: an admin of your workspace, or "
    "whoever runs this bot, can tell what is in the way.",
)
NOT_SET_UP = Outcome(
    502,
    "Slack does not know this bot",
    "Nothing was installed, and it is not your doing. Please show this page to whoever runs this "
    "bot: Slack's reason, “{reason}”, says which setting is wrong.",
)
SLACK_AWAY = Outcome(
    502,
    "Slack does not answer",
    "Nothing was installed, as far as we can tell. Please start again in a minute.",
)
NO_DATABASE = Outcome(
    503,
    "The bot's database does not answer",
    "Nothing was installed. Please start again in a minute.",
)
NOT_KEPT = Outcome(
    503,
    "Please install once more",
    f"Slack has let {NAME} in, but the bot's database did not answer, so it could not be written "
    "down. Start again in a minute; Slack will ask as it did before.",
)

# https://docs.slack.dev/reference/methods/oauth.v2.access, "Errors"
_REASONS = {
    **dict.fromkeys(("invalid_code", "code_already_used"), LAPSED),
    **dict.fromkeys(
        (
            "fatal_error",
            "internal_error",
            "ratelimited",
            "request_timeout",
            "service_unavailable",
            UNREADABLE,
        ),
        SLACK_AWAY,
    ),
    **dict.fromkeys(
        (
            "bad_client_secret",
            "bad_redirect_uri",
            "invalid_client_id",
            "oauth_authorization_url_mismatch",
        ),
        NOT_SET_UP,
    ),
}


def refusal(reason: str) -> Outcome:
    """Return how an install ends when Slack does not redeem its code."""
    return _REASONS.get(reason, TURNED_DOWN)

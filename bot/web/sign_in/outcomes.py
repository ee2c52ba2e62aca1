"""Pages for sign-ins that fail."""

from bot.web.slack_redirect import TRANSIENT, Outcome

BACK = "Back to the meeting"


CANCELLED = Outcome(
    200,
    "You're not signed in",
    "You cancelled in Slack, so nothing changed. Changed your mind?",
    is_failure=False,
)
OTHER_BROWSER = Outcome(
    400,
    "Please sign in again",
    "Signing in works once, within ten minutes, in one browser and with cookies allowed. Press "
    "Join on the meeting's card in Slack to start over.",
)
LAPSED = Outcome(
    400, "Slack's permission has expired", "It works once, for a few minutes. Please sign in again."
)
REJECTED = Outcome(
    400,
    "Slack didn't sign you in",
    "Slack's reason is “{reason}”. Please ask an admin of your workspace what's in the way.",
)
NOT_SET_UP = Outcome(
    502,
    "Slack doesn't know this app",
    "It isn't your fault. Please show this page to whoever set up Meet: Slack's reason, "
    "“{reason}”, says which setting is wrong.",
)
SLACK_AWAY = Outcome(
    502, "Slack isn't answering", "You're not signed in yet. Please try again in a minute."
)

# https://docs.slack.dev/reference/methods/openid.connect.token, "Errors"
_REASONS = {
    **dict.fromkeys(("invalid_code", "code_already_used", "code_expired"), LAPSED),
    **dict.fromkeys(TRANSIENT, SLACK_AWAY),
    **dict.fromkeys(
        ("bad_client_secret", "bad_redirect_uri", "invalid_client_id", "invalid_scope"), NOT_SET_UP
    ),
}


def refusal(reason: str) -> Outcome:
    """Return the page for one of Slack's error codes."""
    return _REASONS.get(reason, REJECTED)

"""Pages for sign-ins that fail."""

from bot.web.slack_redirect import Failures, Outcome

BACK = "Back to the meeting"

FAILURES = Failures(
    cancelled=Outcome(
        200,
        "You're not signed in",
        "You cancelled in Slack, so nothing changed. Changed your mind?",
    ),
    expired=Outcome(
        400,
        "Slack's permission has expired",
        "It works once, for a few minutes. Please sign in again.",
    ),
    not_set_up=Outcome(
        502,
        "Slack doesn't know this app",
        "It isn't your fault. Please show this page to whoever set up Meet: Slack's reason, "
        "“{reason}”, says which setting is wrong.",
    ),
    unavailable=Outcome(
        502, "Slack isn't answering", "You're not signed in yet. Please try again in a minute."
    ),
    rejected=Outcome(
        400,
        "Slack didn't sign you in",
        "Slack's reason is “{reason}”. Please ask an admin of your workspace what's in the way.",
    ),
)
OTHER_BROWSER = Outcome(
    400,
    "Please sign in again",
    "Signing in works once, within ten minutes, in one browser and with cookies allowed. Press "
    "Join on the meeting's card in Slack to start over.",
)

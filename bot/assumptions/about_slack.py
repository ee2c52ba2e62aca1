"""The assumptions about Slack, in the order in which they are checked."""

from bot.assumptions import calls, cards
from bot.assumptions.assumption import Assumption

_CALLS = "https://docs.slack.dev/apis/web-api/using-the-calls-api"
_METHODS = "https://docs.slack.dev/reference/methods"
_JAVA = "slackapi/java-slack-sdk on GitHub"
_ZOOM = "hackclub/slash-z on GitHub"

SLACK = (
    Assumption(
        "slack-token",
        "auth.test returns the team, and the app's scopes in a header.",
        f"{_METHODS}/auth.test",
        cards.scopes,
        ("team and scopes",),
    ),
    Assumption(
        "card-plain",
        "Slack accepts the blocks of a card.",
        f"{_METHODS}/blocks.validate",
        cards.card,
        ("valid",),
    ),
    Assumption(
        "call-add",
        "calls.add returns the call's id.",
        f"{_METHODS}/calls.add",
        calls.add,
        ("a call",),
    ),
    Assumption(
        "card-live",
        "blocks.validate accepts a card with a call in it, or does not know the block.",
        f"{_CALLS} shows the block; @slack/types lacks it",
        cards.live_card,
        ("valid", "invalid_blocks"),
    ),
    Assumption(
        "call-again",
        "calls.add with a known external_unique_id returns that call or another, or is rejected.",
        f"undocumented; {_METHODS}/calls.add: it must be unique",
        calls.add_again,
        ("the same call", "another call", "refused"),
    ),
    Assumption(
        "call-update-bare",
        "calls.update with only an id is rejected or accepted.",
        f"{_JAVA}, calls_Test.errors: refused",
        calls.update_bare,
        ("refused", "accepted"),
    ),
    Assumption(
        "call-update",
        "calls.update with a join_url succeeds; the answer may have the call.",
        f"{_JAVA}, json-logs: with the call",
        calls.update,
        ("with the call", "without the call"),
    ),
    Assumption(
        "call-leave-absent",
        "Removing somebody who isn't in an active call never reports inactive_call.",
        f"{_METHODS}/calls.participants.remove",
        calls.leave_absent,
        ("another answer",),
    ),
    Assumption(
        "call-enter",
        "calls.participants.add shows people; the answer may have the call.",
        f"{_JAVA}, json-logs: with the call",
        calls.enter,
        ("with the call", "without the call"),
    ),
    Assumption(
        "call-enter-again",
        "Adding somebody who is already shown may reject the others in the same request.",
        f"{_METHODS}/calls.participants.add: bad_users beside `ok: true`",
        calls.enter_again,
        ("the batch is refused", "the other one is shown"),
    ),
    Assumption(
        "call-leave-unnamed",
        "Removing a guest without a name has no effect, or removes them.",
        f"{_ZOOM}, pull request 101: no effect",
        calls.leave_unnamed,
        ("still shown", "removed"),
    ),
    Assumption(
        "call-leave",
        "Removing a guest by id and name removes them.",
        f"{_ZOOM}, pull request 101; @slack/types requires the name",
        calls.leave,
        ("removed",),
    ),
    Assumption(
        "call-empty",
        "A call with nobody in it has no users, or an empty list.",
        f"{_ZOOM}, abc2db8: no users",
        calls.empty,
        ("no users", "an empty list"),
    ),
    Assumption(
        "call-end", "calls.end ends a call.", f"{_METHODS}/calls.end", calls.end, ("ended",)
    ),
    Assumption(
        "call-inactive",
        "Adding, removing and ending report inactive_call for a call that has ended.",
        f"{_METHODS}/calls.end; {_METHODS}/calls.participants.add",
        calls.after_the_end,
        ("inactive_call",),
    ),
)

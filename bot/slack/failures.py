"""Slack's errors: which are transient, and which mean a wrong token.

https://docs.slack.dev/reference/methods lists the error codes, for `auth.test`, `calls.add` and
`apps.connections.open`. @slack/socket-mode also gives up after these token errors
(slackapi/node-slack-sdk, UnrecoverableSocketModeStartError).

| meaning     | Socket Mode, at start   | Socket Mode, later      | bot token   | other calls   |
|-------------|-------------------------|-------------------------|-------------|---------------|
| TRANSIENT   | retried after a pause   | retried after a pause   | the same    | may succeed   |
|             | that doubles            | that doubles            |             | the next time |
| WRONG_TOKEN | ends the process with 2 | retried: it was right   | one warning | fail for good |
| REFUSED     | retried after a pause   | retried after a pause   | one warning | fail for good |

A rejected bot token doesn't end the process, because commands are answered without it. Errors that
aren't Slack's own, such as a broken connection, are transient.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from aiohttp import WSServerHandshakeError
from slack_sdk.errors import SlackApiError

UNREADABLE = "unreadable"  # in place of an error code, for a response that isn't Slack's


class Meaning(Enum):
    """Meaning of an error for later tries."""

    TRANSIENT = auto()
    WRONG_TOKEN = auto()
    REFUSED = auto()


_MEANINGS = {
    **dict.fromkeys(
        (
            "fatal_error",
            "internal_error",
            "org_login_required",  # the workspace is moving into an organisation
            "rate_limited",
            "ratelimited",
            "request_timeout",
            "service_unavailable",
            "team_added_to_org",  # as above
            UNREADABLE,
        ),
        Meaning.TRANSIENT,
    ),
    **dict.fromkeys(
        (
            "account_inactive",
            "invalid_auth",
            "missing_scope",  # an app-level token without connections:write
            "not_allowed_token_type",
            "not_authed",
            "team_disabled",
            "token_expired",
            "token_revoked",
            "user_removed_from_team",
        ),
        Meaning.WRONG_TOKEN,
    ),
}
_WORD = re.compile(r"[a-z][a-z0-9_]{1,63}")


@dataclass(frozen=True)
class Failure:
    """Why a call failed.

    Attributes:
        reason: Slack's error code, or an exception's name; safe to log.
        meaning: whether a later try may succeed.
        retry_after: seconds that Slack asks to wait.
    """

    reason: str
    meaning: Meaning = Meaning.TRANSIENT
    retry_after: float = 0.0

    @classmethod
    def of(cls, error: Exception) -> "Failure":
        """Return the failure that an exception from slack_sdk or aiohttp stands for."""
        if isinstance(error, SlackApiError):
            reason = error_in(getattr(error.response, "data", None)) or UNREADABLE
            return cls(reason, meaning_of(reason), _retry_after(error.response))
        if isinstance(error, WSServerHandshakeError):
            return cls(f"status {error.status}")
        return cls(type(error).__name__)


def meaning_of(reason: str) -> Meaning:
    """Return the meaning of an error code."""
    return _MEANINGS.get(reason, Meaning.REFUSED)


def error_in(answer: object) -> str | None:
    """Return a response's error code, if any; it may come with `"ok": true`."""
    if not isinstance(answer, Mapping) or "ok" not in answer:
        return UNREADABLE
    error = answer.get("error")
    if not error:
        return None if answer["ok"] else UNREADABLE
    return word(error)


def word(value: object) -> str:
    """Return a value if it looks like an error code and so is safe to log, else `unreadable`."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else UNREADABLE


def _retry_after(response: object) -> float:
    headers = getattr(response, "headers", None) or {}
    seconds = str(headers.get("Retry-After", ""))
    return float(seconds) if re.fullmatch(r"[0-9]{1,6}", seconds) else 0.0

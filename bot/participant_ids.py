"""Participant IDs that tell which card a person joined from.

VideoSDK returns a participant's ID in every session and webhook, so it can carry what the bot would
otherwise have to store: the Slack call, its workspace, and when its card was created. VideoSDK's
page accepts `[A-Za-z0-9_-]` in an ID.
"""

import re
import secrets
import string
from dataclasses import dataclass

_BASE36 = string.digits + string.ascii_lowercase
_ID = re.compile(
    r"(?P<call>R[A-Za-z0-9]+)-(?P<team>[A-Z0-9]*)-(?P<enterprise>[A-Z0-9]*)"
    r"-(?P<made>[0-9a-z]+)-[0-9a-z]+"
)
# The form of version 1.0.0. The ID of VideoSDK's recorder looks similar: `RECORDER-` and letters.
_ID_OF_1_0 = re.compile(r"(?!RECORDER)(?P<call>R[A-Z0-9]+)-[0-9a-z]+")
VISITOR = re.compile(r"[0-9a-z]{12}")


@dataclass(frozen=True)
class CallRef:
    """A reference to a Slack call, in links and participant IDs.

    Attributes:
        call_id: Slack's ID of the call.
        team_id: the workspace's ID, or None if the bot is installed for a whole organisation.
        enterprise_id: the organisation's ID, if there is one.
        made_at: when its card was created, in seconds since 1970; 0 if by version 1.0.0.
    """

    call_id: str
    team_id: str | None = None
    enterprise_id: str | None = None
    made_at: int = 0


def new_visitor() -> str:
    """Return a new random ID for a browser; it matches VISITOR."""
    return "".join(secrets.choice(_BASE36) for _ in range(12))


def participant_id(call: CallRef | None, visitor: str) -> str:
    """Return the ID with which a visitor joins, so that they show on the call's card."""
    if call is None:
        return visitor
    made = _base36(call.made_at)
    return f"{call.call_id}-{call.team_id or ''}-{call.enterprise_id or ''}-{made}-{visitor}"


def read_call(participant: str) -> CallRef | None:
    """Return the call in a participant ID, or None if it has none."""
    if found := _ID.fullmatch(participant):
        team, enterprise = found["team"] or None, found["enterprise"] or None
        return CallRef(found["call"], team, enterprise, int(found["made"], 36))
    old = _ID_OF_1_0.fullmatch(participant)
    return CallRef(old["call"]) if old else None


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _BASE36[digit] + digits
    return digits or "0"

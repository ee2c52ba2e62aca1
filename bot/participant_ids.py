"""Participant IDs that tell which card a person joined from.

VideoSDK returns a participant's ID in every session and webhook, so it can carry what the bot would
otherwise have to store: the Slack call, its workspace, when its card was created, and who has
signed in with Slack. VideoSDK's page accepts `[A-Za-z0-9_-]` in an ID.
"""

import hashlib
import hmac
import re
import secrets
import string
from dataclasses import dataclass

from bot.workspace import UNKNOWN, Workspace

_BASE36 = string.digits + string.ascii_lowercase
_MAC = 24  # hexadecimal digits
_ID = re.compile(
    r"(?P<call>R[A-Za-z0-9]+)-(?P<team>[A-Z0-9]*)-(?P<enterprise>[A-Z0-9]*)"
    rf"-(?P<made>[0-9a-z]+)-[0-9a-z]+(-[A-Z0-9]+-[0-9a-f]{{{_MAC}}})?"
)
_SIGNED = re.compile(rf"(?P<signed>R.+-(?P<user>[UW][A-Z0-9]+))-(?P<mac>[0-9a-f]{{{_MAC}}})")
# The form of version 1.0.0. The ID of VideoSDK's recorder looks similar: `RECORDER-` and letters.
_ID_OF_1_0 = re.compile(r"(?!RECORDER)(?P<call>R[A-Z0-9]+)-[0-9a-z]+")
VISITOR = re.compile(r"[0-9a-z]{12}")


@dataclass(frozen=True)
class CallRef:
    """A reference to a Slack call, in links and participant IDs.

    Attributes:
        call_id: Slack's ID of the call.
        workspace: where its card is; unknown if version 1.0.0 created it.
        made_at: when its card was created, in seconds since 1970; 0 if by version 1.0.0.
    """

    call_id: str
    workspace: Workspace = UNKNOWN
    made_at: int = 0


def new_visitor() -> str:
    """Return a new random ID for a browser; it matches VISITOR."""
    return "".join(secrets.choice(_BASE36) for _ in range(12))


def participant_id(call: CallRef | None, visitor: str) -> str:
    """Return the ID with which a visitor joins, so that they show on the call's card."""
    if call is None:
        return visitor
    team, enterprise = call.workspace.team_id or "", call.workspace.enterprise_id or ""
    return f"{call.call_id}-{team}-{enterprise}-{_base36(call.made_at)}-{visitor}"


def read_call(participant: str) -> CallRef | None:
    """Return the call in a participant ID, or None if it has none."""
    if found := _ID.fullmatch(participant):
        workspace = Workspace(found["team"] or None, found["enterprise"] or None)
        return CallRef(found["call"], workspace, int(found["made"], 36))
    old = _ID_OF_1_0.fullmatch(participant)
    return CallRef(old["call"]) if old else None


class MemberIds:
    """Participant IDs of members who have signed in.

    A MAC over workspace, card and user proves that the bot made the ID after they signed in.
    People with any other ID are guests.

    Args:
        key: a secret of this deployment, used only for these IDs.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, participant: str, user_id: str) -> str:
        """Return a participant ID with a member's user ID in it.

        Args:
            participant: a result of `participant_id` for a call.
            user_id: their ID in the call's workspace.
        """
        signed = f"{participant}-{user_id}"
        return f"{signed}-{self._mac(signed)}"

    def user_id(self, participant: str) -> str | None:
        """Return a participant's user ID in the workspace of their call; None for a guest."""
        found = _SIGNED.fullmatch(participant)
        if found and hmac.compare_digest(found["mac"], self._mac(found["signed"])):
            return found["user"]
        return None

    def _mac(self, signed: str) -> str:
        return hmac.new(self._key, signed.encode(), hashlib.sha256).hexdigest()[:_MAC]


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _BASE36[digit] + digits
    return digits or "0"

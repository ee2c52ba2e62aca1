"""Participant ids that name the card on which a person shows.

VideoSDK repeats a participant's id in every session and webhook, so it can carry what the bot would
otherwise have to store: which Slack call the person belongs to, in which workspace, when its card
was made, and who has signed in with Slack. VideoSDK's page accepts `[A-Za-z0-9_-]` in an id.
"""

import hashlib
import hmac
import re
import secrets
import string
from dataclasses import dataclass

_BASE36 = string.digits + string.ascii_lowercase
_MAC = 24  # hexadecimal digits
_ID = re.compile(
    r"(?P<call>R[A-Za-z0-9]+)-(?P<team>[A-Z0-9]*)-(?P<enterprise>[A-Z0-9]*)"
    rf"-(?P<made>[0-9a-z]+)-[0-9a-z]+(-[A-Z0-9]+-[0-9a-f]{{{_MAC}}})?"
)
_SIGNED = re.compile(rf"(?P<signed>R.+-(?P<user>[UW][A-Z0-9]+))-(?P<mac>[0-9a-f]{{{_MAC}}})")
# VideoSDK's recorder has an id of this form, too: `RECORDER-` and letters.
_ID_OF_1_0 = re.compile(r"(?!RECORDER)(?P<call>R[A-Z0-9]+)-[0-9a-z]+")
VISITOR = re.compile(r"[0-9a-z]{12}")


@dataclass(frozen=True)
class CallRef:
    """A Slack call, as links and participant ids name it.

    Attributes:
        call_id: Slack's.
        team_id: the workspace's, or None where the bot is installed for a whole organisation.
        enterprise_id: the organisation's, if there is one.
        made_at: when its card was made, in seconds since 1970; 0 if made by version 1.0.0.
    """

    call_id: str
    team_id: str | None = None
    enterprise_id: str | None = None
    made_at: int = 0


def new_visitor() -> str:
    """Return a new id for a browser, `VISITOR`."""
    return "".join(secrets.choice(_BASE36) for _ in range(12))


def participant_id(call: CallRef | None, visitor: str) -> str:
    """Return the id under which a visitor joins and shows on a call's card."""
    if call is None:
        return visitor
    made = _base36(call.made_at)
    return f"{call.call_id}-{call.team_id or ''}-{call.enterprise_id or ''}-{made}-{visitor}"


def read_call(participant: str) -> CallRef | None:
    """Return the call that a participant id names, or None if the id is not one of ours."""
    if found := _ID.fullmatch(participant):
        team, enterprise = found["team"] or None, found["enterprise"] or None
        return CallRef(found["call"], team, enterprise, int(found["made"], 36))
    old = _ID_OF_1_0.fullmatch(participant)
    return CallRef(old["call"]) if old else None


class MemberIds:
    """Participant ids that say which member of the workspace somebody is.

    A MAC over all of it, so over workspace, card and user, shows that the bot wrote it after they
    had signed in. Whoever has another id is a guest.

    Args:
        key: a secret of this deployment, for these ids alone.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, participant: str, user_id: str) -> str:
        """Return a participant's id with their user id in it.

        Args:
            participant: what `participant_id` has made for a call.
            user_id: who they are in the call's workspace.
        """
        signed = f"{participant}-{user_id}"
        return f"{signed}-{self._mac(signed)}"

    def user_id(self, participant: str) -> str | None:
        """Return who a participant is in the workspace of their call; None for a guest."""
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

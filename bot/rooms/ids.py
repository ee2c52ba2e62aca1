"""The IDs that the bot gives its rooms: readable, unguessable, and marked with their owner.

For example `standup-0123456789abcdef-89abcdef`: a slug of the name, a keyed hash of the
conversation and the name, and a keyed hash of the workspace or organisation. At most 58 of
`[a-z0-9-]`.
"""

import hmac
import re
import unicodedata
from dataclasses import dataclass
from functools import partial

from bot.grammar.commands import MeetRequest
from bot.links import Conversation
from bot.rooms.names import fold

_SLUG_LENGTH = 32  # characters
_HASH_LENGTH = 16  # hexadecimal digits; long enough that rooms never collide
_OWNER_LENGTH = 8  # hexadecimal digits; enough to tell one's own rooms from others'
_DEFAULT_SLUG = "meeting"  # for names without a letter or digit in ASCII
# Version 1 of VideoSDK's API may add a suffix to an ID that was taken.
_ID = re.compile(r"[a-z0-9-]+?-[0-9a-f]{16}-(?P<owner>[0-9a-f]{8})(-[0-9a-f]{4})?")


@dataclass(frozen=True)
class Plan:
    """A meeting that is about to be started.

    Attributes:
        request: what somebody asked for.
        place: the conversation where they did.
        idempotency_key: unique to the request; identifies a meeting without a name.
    """

    request: MeetRequest
    place: Conversation
    idempotency_key: str


class RoomIds:
    """Creates room IDs, and recognises their owner.

    Args:
        key: a secret of this deployment; it makes the IDs unguessable.
    """

    def __init__(self, key: bytes) -> None:
        self._digest = partial(hmac.digest, key, digest="sha256")

    def of(self, plan: Plan, generation: int = 0) -> str:
        """Return the ID of a plan's room.

        All spellings of a name give the same ID in a conversation, so people who type it at the
        same time meet.

        Args:
            plan: the meeting.
            generation: how many of the plan's rooms have become unusable.
        """
        name = fold(plan.request.name) if plan.request.name else ""
        key = name or f"\n{plan.idempotency_key}"
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        slug = "-".join(re.findall(r"[a-z0-9]+", plain))[:_SLUG_LENGTH].strip("-")
        workspace = plan.place.workspace
        owner = workspace.enterprise_id or workspace.team_id or ""
        parts = [owner, plan.place.channel_id, key] + ([str(generation)] if generation else [])
        mark = self._digest("\n".join(parts).encode()).hex()[:_HASH_LENGTH]
        owned = self._digest(f"owner\n{owner}".encode()).hex()[:_OWNER_LENGTH]
        return f"{slug or _DEFAULT_SLUG}-{mark}-{owned}"

    def is_owned(self, room_id: str | None, place: Conversation) -> bool | None:
        """Return whether a room belongs to a conversation's workspace; None if its ID doesn't say.

        Args:
            room_id: the ID that its creator gave it, if any.
            place: the conversation.
        """
        marked = _ID.fullmatch(room_id or "")
        owner = place.workspace.enterprise_id or place.workspace.team_id or ""
        mark = self._digest(f"owner\n{owner}".encode()).hex()[:_OWNER_LENGTH]
        return marked["owner"] == mark if marked else None

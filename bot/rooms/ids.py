"""The ids that this bot gives its rooms: readable, unguessable, and marked with their owner.

`standup-0123456789abcdef-89abcdef`: the name's letters, a keyed hash of the conversation and the
name, and a keyed hash of the workspace or organisation. `[a-z0-9-]`, at most 58 characters.
"""

import hashlib
import hmac
import re
import unicodedata

from bot.links import Conversation
from bot.rooms.names import fold

_SLUG = 32  # characters of a name that its id keeps readable
_MARK = 16  # hexadecimal digits: no two of an account's rooms are ever the same by chance
_OWNER = 8  # hexadecimal digits: enough to know one's own rooms from others'
_NO_SLUG = "meeting"  # for a name without a single letter that an id may have
# Version 1 of VideoSDK's API may have added a suffix to an id that was taken.
_ID = re.compile(r"[a-z0-9-]+?-[0-9a-f]{16}-(?P<owner>[0-9a-f]{8})(-[0-9a-f]{4})?")


class RoomIds:
    """Makes and reads ids.

    Args:
        key: a secret of this deployment.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def standing(self, name: str, place: Conversation, generation: int = 0) -> str:
        """Return the id of the room that has this name in this conversation, and in no other.

        What is one name to people gives one id, so two people who type it at once meet.

        Args:
            name: the room's.
            place: the conversation.
            generation: how many rooms of this name can't be used any more.
        """
        same = fold(name)
        return self._id(same, place, same, generation)

    def single(self, idempotency_key: str, place: Conversation, generation: int = 0) -> str:
        """Return the id of a meeting without a name.

        Args:
            idempotency_key: unique to the request, so that a retry makes no second room.
            place: the conversation.
            generation: as for a standing room.
        """
        return self._id("", place, f"\n{idempotency_key}", generation)

    def is_owned(self, room_id: str | None, place: Conversation) -> bool | None:
        """Return whether a room belongs to the workspace of a conversation; None if it has no mark.

        Args:
            room_id: the id that its creator gave it, if any.
            place: the conversation in which somebody asks.
        """
        marked = _ID.fullmatch(room_id or "")
        owner = self._hash("owner", place.owner_id)[:_OWNER]
        return marked["owner"] == owner if marked else None

    def _id(self, name: str, place: Conversation, key: str, generation: int) -> str:
        owner = place.owner_id
        parts = [owner, place.channel_id, key] + ([str(generation)] if generation else [])
        mark, owned = self._hash(*parts)[:_MARK], self._hash("owner", owner)[:_OWNER]
        return f"{_slug(name)}-{mark}-{owned}"

    def _hash(self, *parts: str) -> str:
        return hmac.new(self._key, "\n".join(parts).encode(), hashlib.sha256).hexdigest()


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:_SLUG].strip("-") or _NO_SLUG

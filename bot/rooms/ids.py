"""The IDs that the bot gives its rooms: readable, unguessable, and marked with their owner.

For example `standup-0123456789abcdef-89abcdef`: a slug of the name, a keyed hash of the
conversation and the name, and a keyed hash of the workspace or organisation. At most 58 of
`[a-z0-9-]`.
"""

import hashlib
import hmac
import re
import unicodedata

from bot.links import Conversation
from bot.rooms.names import fold

_SLUG_LENGTH = 32  # characters
_HASH_LENGTH = 16  # hexadecimal digits; long enough that rooms never collide
_OWNER_LENGTH = 8  # hexadecimal digits; enough to tell one's own rooms from others'
_DEFAULT_SLUG = "meeting"  # for names without a letter or digit in ASCII
# Version 1 of VideoSDK's API may add a suffix to an ID that was taken.
_ID = re.compile(r"[a-z0-9-]+?-[0-9a-f]{16}-(?P<owner>[0-9a-f]{8})(-[0-9a-f]{4})?")


class RoomIds:
    """Creates room IDs, and recognises their owner.

    Args:
        key: a secret of this deployment; it makes the IDs unguessable.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def standing(self, name: str, place: Conversation, generation: int = 0) -> str:
        """Return the ID of a named room in a conversation.

        All spellings of a name give the same ID, so people who type it at the same time meet.

        Args:
            name: the room's name.
            place: the conversation.
            generation: how many rooms of this name have become unusable.
        """
        same = fold(name)
        return self._id(same, place, same, generation)

    def single(self, idempotency_key: str, place: Conversation, generation: int = 0) -> str:
        """Return the ID of a room without a name.

        Args:
            idempotency_key: unique to the request, so that a retry creates no second room.
            place: the conversation.
            generation: how many rooms of this key have become unusable.
        """
        return self._id("", place, f"\n{idempotency_key}", generation)

    def is_owned(self, room_id: str | None, place: Conversation) -> bool | None:
        """Return whether a room belongs to a conversation's workspace; None if its ID doesn't say.

        Args:
            room_id: the ID that its creator gave it, if any.
            place: the conversation.
        """
        marked = _ID.fullmatch(room_id or "")
        owner = self._hash("owner", place.owner_id)[:_OWNER_LENGTH]
        return marked["owner"] == owner if marked else None

    def _id(self, name: str, place: Conversation, key: str, generation: int) -> str:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        slug = "-".join(re.findall(r"[a-z0-9]+", plain))[:_SLUG_LENGTH].strip("-")
        owner = place.owner_id
        parts = [owner, place.channel_id, key] + ([str(generation)] if generation else [])
        mark, owned = self._hash(*parts)[:_HASH_LENGTH], self._hash("owner", owner)[:_OWNER_LENGTH]
        return f"{slug or _DEFAULT_SLUG}-{mark}-{owned}"

    def _hash(self, *parts: str) -> str:
        return hmac.new(self._key, "\n".join(parts).encode(), hashlib.sha256).hexdigest()

"""The meetings of the VideoSDK stand-in, as its API shows them."""

import secrets
import string
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Record = dict[str, Any]

_BASE36 = string.ascii_lowercase + string.digits


class RoomRegistry:
    """One account's meetings.

    Attributes:
        owner: the account's userId; meetings of another userId are unknown to it.
        meetings: records by meetingId, in the form of v1's responses.
        clock: returns seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.owner = object_id(clock())
        self.meetings: dict[str, Record] = {}

    def create(
        self, region: str | None, user_meeting_id: str | None = None, **more: object
    ) -> Record:
        """Create a meeting; its record lacks fields that are None."""
        now = self.clock()
        fields: Record = {
            "meetingId": "-".join(random_base36(4) for _ in range(3)),
            "userMeetingId": user_meeting_id,
            "userId": self.owner,
            "region": region,
            **more,
            "createdAt": timestamp(now),
            "updatedAt": timestamp(now),
            "id": object_id(now),
        }
        record = {name: value for name, value in fields.items() if value is not None}
        self.meetings[record["meetingId"]] = record
        return record

    def find(self, any_id: str) -> Record | None:
        """Return the account's newest meeting with this meetingId or userMeetingId."""
        for record in reversed(self.own_meetings()):
            if any_id in (record["meetingId"], record.get("userMeetingId")):
                return record
        return None

    def own_meetings(self) -> list[Record]:
        """Return the account's meetings, oldest first."""
        return [record for record in self.meetings.values() if record["userId"] == self.owner]

    def deactivate(self, meeting_id: str) -> None:
        """Disable a meeting for good: nobody else can join, but people who are in it can stay."""
        self.update(meeting_id, disabled=True)

    def update(self, meeting_id: str, **fields: object) -> None:
        """Change fields of a meeting."""
        self.meetings[meeting_id] |= {**fields, "updatedAt": timestamp(self.clock())}


def object_id(now: float) -> str:
    """Return a new MongoDB ObjectId in hex: 4 bytes of seconds since 1970, 8 random bytes."""
    return f"{int(now):08x}{secrets.token_hex(8)}"


def timestamp(now: float) -> str:
    """Format seconds since 1970 like VideoSDK: 2022-01-05T06:41:16.018Z."""
    moment = datetime.fromtimestamp(now, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def random_base36(length: int) -> str:
    """Return random lower-case letters and digits, like VideoSDK's short IDs."""
    return "".join(secrets.choice(_BASE36) for _ in range(length))

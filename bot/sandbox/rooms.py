"""The meetings, sessions and participants of the VideoSDK stand-in, as its API shows them."""

import secrets
import string
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Record = dict[str, Any]

_BASE36 = string.ascii_lowercase + string.digits


class Rooms:
    """One account's meetings and their sessions.

    Attributes:
        owner: the account's userId; meetings of another userId are unknown to it.
        meetings: records by meetingId, each as the API answers it.
        sessions: records, oldest first; `end` is null while people are in.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.owner = object_id(clock())
        self.meetings: dict[str, Record] = {}
        self.sessions: list[Record] = []

    def create(self, region: str, user_meeting_id: str | None = None) -> Record:
        """Open a meeting; what was not given is absent from its record."""
        now = self._clock()
        fields = {
            "meetingId": "-".join(_random_base36(4) for _ in range(3)),
            "userMeetingId": user_meeting_id,
            "userId": self.owner,
            "region": region,
            "createdAt": timestamp(now),
            "updatedAt": timestamp(now),
            "id": object_id(now),
        }
        record: Record = {name: value for name, value in fields.items() if value is not None}
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

    def join(self, meeting_id: str, name: str) -> str:
        """Let somebody in, which starts a session if none runs; return the participantId.

        Raises:
            KeyError: there is no such meeting.
        """
        session = self.running(meeting_id) or self._start_session(self.meetings[meeting_id])
        participant = {
            "participantId": _random_base36(8),
            "name": name,
            "timelog": [{"start": timestamp(self._clock()), "end": None}],
        }
        session["participants"].append(participant)
        return str(participant["participantId"])

    def leave(self, meeting_id: str, participant_id: str) -> None:
        """Let somebody out, if they are in; the last one out ends the session."""
        for participant in self.present(meeting_id):
            if participant["participantId"] == participant_id:
                participant["timelog"][-1]["end"] = timestamp(self._clock())
                if not self.present(meeting_id):
                    self.end(meeting_id)

    def end(self, meeting_id: str) -> None:
        """End the running session for everybody, if one runs."""
        session = self.running(meeting_id)
        if session:
            now = timestamp(self._clock())
            for participant in self.present(meeting_id):
                participant["timelog"][-1]["end"] = now
            lasted = datetime.fromisoformat(now) - datetime.fromisoformat(session["start"])
            session |= {"end": now, "activeDuration": int(lasted.total_seconds() // 60)}

    def running(self, meeting_id: str) -> Record | None:
        """Return the meeting's session that has not ended."""
        for session in self.sessions:
            if session["meetingId"] == meeting_id and session["end"] is None:
                return session
        return None

    def present(self, meeting_id: str) -> list[Record]:
        """Return the participants who are in the meeting now."""
        session = self.running(meeting_id) or {"participants": []}
        return [one for one in session["participants"] if one["timelog"][-1]["end"] is None]

    def _start_session(self, meeting: Record) -> Record:
        now = self._clock()
        session: Record = {
            "id": object_id(now),
            "meetingId": meeting["meetingId"],
            "start": timestamp(now),
            "end": None,
            "participants": [],
        }
        self.sessions.append(session)
        return session


def object_id(now: float) -> str:
    """Return a new MongoDB ObjectId: 4 bytes of epoch seconds, 8 of chance, as 24 hex digits."""
    return f"{int(now):08x}{secrets.token_hex(8)}"


def timestamp(now: float) -> str:
    """Return epoch seconds as VideoSDK writes a moment: 2022-01-05T06:41:16.018Z."""
    moment = datetime.fromtimestamp(now, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _random_base36(length: int) -> str:
    return "".join(secrets.choice(_BASE36) for _ in range(length))

"""The meetings, sessions and participants of the VideoSDK stand-in, as its API shows them."""

import secrets
import string
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Record = dict[str, Any]
Announce = Callable[[Record, str, Record], None]

_BASE36 = string.ascii_lowercase + string.digits


class Rooms:
    """One account's meetings and their sessions.

    Attributes:
        owner: the account's userId; meetings of another userId are unknown to it.
        meetings: records by meetingId, each as the API answers it.
        sessions: records, oldest first; `end` is null while people are in.

    Args:
        clock: seconds since 1970.
        announce: is told of everything that happens: to which meeting, webhookType and data.
    """

    def __init__(self, clock: Callable[[], float], announce: Announce = lambda *_: None) -> None:
        self._clock = clock
        self._announce = announce
        self.owner = object_id(clock())
        self.meetings: dict[str, Record] = {}
        self.sessions: list[Record] = []

    def create(
        self, region: str | None, user_meeting_id: str | None = None, **more: object
    ) -> Record:
        """Open a meeting; what was not given, or is None, is absent from its record."""
        now = self._clock()
        fields: Record = {
            "meetingId": "-".join(_random_base36(4) for _ in range(3)),
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
        """Let nobody join any more, for ever; those who are in may stay."""
        self.meetings[meeting_id] |= {"disabled": True, "updatedAt": timestamp(self._clock())}

    def join(self, meeting_id: str, name: str, participant_id: str | None = None) -> str:
        """Let somebody in, which starts a session if none runs; return the participantId.

        Who left may come back under the same participantId; who is in stays as they are.

        Raises:
            KeyError: there is no such meeting.
        """
        session = self.running(meeting_id) or self._start_session(self.meetings[meeting_id])
        participant_id = participant_id or _random_base36(8)
        participant = _participant(session, participant_id)
        if participant is None:
            participant = {"participantId": participant_id, "name": name, "timelog": []}
            session["participants"].append(participant)
        if not _is_in(participant):
            participant["name"] = name
            participant["timelog"].append({"start": timestamp(self._clock()), "end": None})
            self._announce_participant(session, participant, "participant-joined")
        return participant_id

    def leave(self, meeting_id: str, participant_id: str) -> None:
        """Let somebody out, if they are in; the last one out ends the session."""
        session = self.running(meeting_id)
        participant = _participant(session, participant_id) if session else None
        if session and participant and _is_in(participant):
            self._let_out(session, participant, timestamp(self._clock()))
            if not self.present(meeting_id):
                self.end(meeting_id)

    def end(self, meeting_id: str) -> None:
        """End the running session for everybody, if one runs."""
        session = self.running(meeting_id)
        if session:
            now = timestamp(self._clock())
            for participant in self.present(meeting_id):
                self._let_out(session, participant, now)
            lasted = datetime.fromisoformat(now) - datetime.fromisoformat(session["start"])
            session |= {"end": now, "activeDuration": int(lasted.total_seconds() // 60)}
            self._announce_session(session, "session-ended", "start", "end")

    def running(self, meeting_id: str) -> Record | None:
        """Return the meeting's session that has not ended."""
        for session in self.sessions:
            if session["meetingId"] == meeting_id and session["end"] is None:
                return session
        return None

    def present(self, meeting_id: str) -> list[Record]:
        """Return the participants who are in the meeting now."""
        session = self.running(meeting_id) or {"participants": []}
        return [one for one in session["participants"] if _is_in(one)]

    def session(self, session_id: str) -> Record | None:
        """Return the session with this id."""
        return next((one for one in self.sessions if one["id"] == session_id), None)

    def last_session(self, meeting_id: str, participant_id: str) -> Record | None:
        """Return the newest session of the meeting that this participant has been in."""
        for session in reversed(self.sessions):
            if session["meetingId"] == meeting_id and _participant(session, participant_id):
                return session
        return None

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
        self._announce_session(session, "session-started", "start")
        return session

    def _let_out(self, session: Record, participant: Record, now: str) -> None:
        participant["timelog"][-1]["end"] = now
        self._announce_participant(session, participant, "participant-left")

    def _announce_session(self, session: Record, kind: str, *moments: str) -> None:
        data = {"sessionId": session["id"], "meetingId": session["meetingId"]}
        # Webhooks write their moments in another way than the API.
        data |= {moment: session[moment].replace("Z", "+00:00") for moment in moments}
        self._announce(self.meetings[session["meetingId"]], kind, data)

    def _announce_participant(self, session: Record, participant: Record, kind: str) -> None:
        data = {
            "meetingId": session["meetingId"],
            "sessionId": session["id"],
            "participantId": participant["participantId"],
            "participantName": participant["name"],
        }
        self._announce(self.meetings[session["meetingId"]], kind, data)


def object_id(now: float) -> str:
    """Return a new MongoDB ObjectId: 4 bytes of epoch seconds, 8 of chance, as 24 hex digits."""
    return f"{int(now):08x}{secrets.token_hex(8)}"


def timestamp(now: float) -> str:
    """Return epoch seconds as VideoSDK writes a moment: 2022-01-05T06:41:16.018Z."""
    moment = datetime.fromtimestamp(now, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _participant(session: Record, participant_id: str) -> Record | None:
    people: list[Record] = session["participants"]
    return next((one for one in people if one["participantId"] == participant_id), None)


def _is_in(participant: Record) -> bool:
    log = participant["timelog"]
    return bool(log) and log[-1]["end"] is None


def _random_base36(length: int) -> str:
    return "".join(secrets.choice(_BASE36) for _ in range(length))

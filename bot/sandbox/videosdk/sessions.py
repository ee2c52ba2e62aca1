"""Sessions of the VideoSDK stand-in: who joined and left its rooms, and when."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from bot.sandbox.videosdk.oddities import Oddities
from bot.sandbox.videosdk.rooms import Record, RoomRegistry, object_id, random_base36, timestamp
from bot.sandbox.videosdk.snapshots import is_in, participant_of, snapshot

Announce = Callable[[Record, str, Record], None]

# VideoSDK lists recorders among the participants, with this name and an ID that starts like this.
RECORDER = "recorder"
_RECORDER_ID = "RECORDER"


class RoomDisabledError(Exception):
    """Nobody can join a deactivated room."""


class Sessions:
    """Sessions and participants of one account's rooms.

    Attributes:
        records: the sessions as they are now, in the order of their creation; `end` is None while
            a session runs.

    Args:
        rooms: the account's rooms.
        clock: returns seconds since 1970.
        oddities: how long sessions linger, how late the API shows them, and in how much detail.
        announce: called with the meeting, webhookType and data of every event.
    """

    def __init__(
        self,
        rooms: RoomRegistry,
        clock: Callable[[], float],
        oddities: Oddities,
        announce: Announce = lambda *_: None,
    ) -> None:
        self.records: list[Record] = []
        self._rooms = rooms
        self._clock = clock
        self._oddities = oddities
        self._announce = announce
        self._lingering: dict[str, asyncio.TimerHandle] = {}

    def join(
        self, meeting_id: str, name: str, participant_id: str | None = None, *, ago: float = 0
    ) -> str:
        """Join a meeting, starting a session if none runs; return the participantId.

        If the participantId is already in the room, its earlier visit ends first, as on VideoSDK.

        Args:
            meeting_id: the meeting.
            name: their name.
            participant_id: None for a random one.
            ago: how many seconds ago they joined, and the session began if they start it.

        Raises:
            KeyError: there is no such meeting.
            RoomDisabledError: the meeting was deactivated.
        """
        meeting = self._rooms.meetings[meeting_id]
        if meeting.get("disabled"):
            raise RoomDisabledError(meeting_id)
        began = self._clock() - ago
        session = self.running(meeting_id) or self._start(meeting_id, began)
        self._stop_lingering(session)
        session["start"] = min(session["start"], timestamp(began))
        participant_id = participant_id or random_base36(8)
        self._let_in(session, participant_id, name, timestamp(began))
        return participant_id

    def leave(self, meeting_id: str, participant_id: str) -> bool:
        """Leave a meeting, and end the session if it is empty; return whether they were in it."""
        session = self.running(meeting_id)
        participant = participant_of(session, participant_id) if session else None
        if session is None or participant is None or not is_in(participant):
            return False
        self._let_out(session, participant, timestamp(self._clock()))
        people = [one for one in self.present(meeting_id) if not _is_recorder(one)]
        if not people and not _is_recorder(participant):
            self._linger(session)
        return True

    def record(self, meeting_id: str) -> str:
        """Add a recorder to the running session, and return its participantId.

        Raises:
            ValueError: no session runs.
        """
        if self.running(meeting_id) is None:
            raise ValueError("Nothing can be recorded: no session runs.")
        return self.join(meeting_id, RECORDER, f"{_RECORDER_ID}-{random_base36(8)}")

    def stop_recording(self, meeting_id: str) -> None:
        """Remove the recorders."""
        for one in self.present(meeting_id):
            if _is_recorder(one):
                self.leave(meeting_id, one["participantId"])

    def end(self, meeting_id: str) -> None:
        """End a meeting's running session for everyone, if there is one."""
        session = self.running(meeting_id)
        if session:
            self._end(session, "ended-for-everyone")

    def running(self, meeting_id: str) -> Record | None:
        """Return the meeting's session that hasn't ended, or None."""
        for session in self.records:
            if session["meetingId"] == meeting_id and session["end"] is None:
                return session
        return None

    def present(self, meeting_id: str) -> list[Record]:
        """Return the participants who are in the meeting now."""
        session = self.running(meeting_id) or {"participants": []}
        return [one for one in session["participants"] if is_in(one)]

    def visit(self, meeting_id: str, participant_id: str) -> str | None:
        """Return an ID of a participant's current visit, or None if they aren't in the meeting."""
        session = self.running(meeting_id)
        participant = participant_of(session, participant_id) if session else None
        if session is None or participant is None or not is_in(participant):
            return None
        return f"{session['id']}-{len(participant['timelog'])}"

    def find(self, session_id: str) -> Record | None:
        """Return the session with this ID as it is now, or None."""
        return next((one for one in self.records if one["id"] == session_id), None)

    def last(self, meeting_id: str, participant_id: str | None = None) -> Record | None:
        """Return a meeting's newest session, or the newest that a participant was in, or None."""
        for session in reversed(self.records):
            if session["meetingId"] == meeting_id and (
                participant_id is None or participant_of(session, participant_id)
            ):
                return session
        return None

    def listed(self) -> list[Record]:
        """Return the sessions that the API already lists, newest first."""
        moment = self._listing_moment()
        started = [one for one in reversed(self.records) if one["start"] <= moment]
        return sorted(started, key=lambda one: str(one["start"]), reverse=True)

    def is_listed_as_ended(self, session: Record) -> bool:
        """Return whether the API already shows that a session has ended."""
        return session["end"] is not None and session["end"] <= self._listing_moment()

    def as_listed(self, session: Record) -> Record:
        """Return a listed session as the API shows it, which may be out of date."""
        return snapshot(session, self._listing_moment(), self._oddities.participant_bytes)

    def as_current(self, session: Record) -> Record:
        """Return a session as it is now, like the calls that change it."""
        return snapshot(session, timestamp(self._clock()), self._oddities.participant_bytes)

    def close(self) -> None:
        """Cancel the pending ends of empty sessions."""
        for timer in self._lingering.values():
            timer.cancel()
        self._lingering.clear()

    def _listing_moment(self) -> str:
        return timestamp(self._clock() - self._oddities.listing_lag)

    def _start(self, meeting_id: str, began: float) -> Record:
        session: Record = {
            "id": object_id(began),
            "meetingId": meeting_id,
            "start": timestamp(began),
            "end": None,
            "participants": [],
        }
        self.records.append(session)
        self._announce_session(session, "session-started", "start")
        return session

    def _let_in(self, session: Record, participant_id: str, name: str, began: str) -> None:
        participant = participant_of(session, participant_id)
        if participant is None:
            participant = {"participantId": participant_id, "name": name, "timelog": []}
            session["participants"].append(participant)
        elif is_in(participant):
            self._let_out(session, participant, timestamp(self._clock()))
        participant["name"] = name
        participant["timelog"].append({"start": began, "end": None})
        self._announce_participant(session, participant, "participant-joined")

    def _let_out(self, session: Record, participant: Record, now: str) -> None:
        participant["timelog"][-1]["end"] = now
        self._announce_participant(session, participant, "participant-left")

    def _linger(self, session: Record) -> None:
        """End an empty session, now or after `lingers` seconds."""
        reason = "all-participants-left"
        if self._oddities.lingers:
            loop = asyncio.get_running_loop()
            timer = loop.call_later(self._oddities.lingers, self._end, session, reason)
            self._lingering[session["id"]] = timer
        else:
            self._end(session, reason)

    def _stop_lingering(self, session: Record) -> None:
        timer = self._lingering.pop(session["id"], None)
        if timer:
            timer.cancel()

    def _end(self, session: Record, reason: str) -> None:
        self._stop_lingering(session)
        now = timestamp(self._clock())
        for participant in self.present(session["meetingId"]):
            self._let_out(session, participant, now)
        lasted = datetime.fromisoformat(now) - datetime.fromisoformat(session["start"])
        session |= {"end": now, "activeDuration": int(lasted.total_seconds() // 60)}
        self._announce_session(session, "session-ended", "start", "end", reason=reason)

    def _announce_session(self, session: Record, kind: str, *moments: str, **more: str) -> None:
        data = {"sessionId": session["id"], "meetingId": session["meetingId"], **more}
        # Webhooks format times differently from the API.
        data |= {moment: session[moment].replace("Z", "+00:00") for moment in moments}
        self._announce(self._rooms.meetings[session["meetingId"]], kind, data)

    def _announce_participant(self, session: Record, participant: Record, kind: str) -> None:
        data = {
            "meetingId": session["meetingId"],
            "sessionId": session["id"],
            "participantId": participant["participantId"],
            "participantName": participant["name"],
        }
        self._announce(self._rooms.meetings[session["meetingId"]], kind, data)


def _is_recorder(participant: Record) -> bool:
    return str(participant["participantId"]).startswith(_RECORDER_ID)

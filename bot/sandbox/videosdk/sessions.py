"""The sessions of the VideoSDK stand-in: who comes and goes in its rooms, and when."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from bot.sandbox.videosdk.oddities import Oddities
from bot.sandbox.videosdk.rooms import Record, RoomRegistry, object_id, random_base36, timestamp
from bot.sandbox.videosdk.snapshots import is_in, participant_of, snapshot

Announce = Callable[[Record, str, Record], None]

# VideoSDK lists a recorder among the participants, with this name and such an id.
RECORDER = "recorder"
_RECORDER_ID = "RECORDER"


class RoomDisabledError(Exception):
    """Nobody can join a room that was deactivated."""


class Sessions:
    """Sessions and participants of one account's rooms.

    Attributes:
        records: the sessions as they are now, in the order of their creation; `end` is null while
            a session runs.

    Args:
        rooms: where people meet.
        clock: seconds since 1970.
        oddities: how long sessions linger, how late the API shows them, and in which detail.
        announce: called with the meeting, webhookType and data of everything that happens.
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
        """Let somebody in, which starts a session if none runs; return the participantId.

        A participantId that is inside already is sent out first: a second join kicks the first.

        Args:
            meeting_id: where.
            name: what they call themselves.
            participant_id: None makes one up.
            ago: seconds since the visit began, and with it a session that it starts.

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
        """Let somebody out and return whether they were in; the last one out ends the session."""
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
        """Let a recorder into the running session, and return its participantId.

        Raises:
            ValueError: no session runs.
        """
        if self.running(meeting_id) is None:
            raise ValueError("Nothing can be recorded: no session runs.")
        return self.join(meeting_id, RECORDER, f"{_RECORDER_ID}-{random_base36(8)}")

    def stop_recording(self, meeting_id: str) -> None:
        """Let the recorders out."""
        for one in self.present(meeting_id):
            if _is_recorder(one):
                self.leave(meeting_id, one["participantId"])

    def end(self, meeting_id: str) -> None:
        """End the running session for everybody, if one runs."""
        session = self.running(meeting_id)
        if session:
            self._end(session, "ended-for-everyone")

    def running(self, meeting_id: str) -> Record | None:
        """Return the meeting's session that has not ended."""
        for session in self.records:
            if session["meetingId"] == meeting_id and session["end"] is None:
                return session
        return None

    def present(self, meeting_id: str) -> list[Record]:
        """Return the participants who are in the meeting now."""
        session = self.running(meeting_id) or {"participants": []}
        return [one for one in session["participants"] if is_in(one)]

    def visit(self, meeting_id: str, participant_id: str) -> str | None:
        """Return the number of this visit of somebody who is inside."""
        session = self.running(meeting_id)
        participant = participant_of(session, participant_id) if session else None
        if session is None or participant is None or not is_in(participant):
            return None
        return f"{session['id']}-{len(participant['timelog'])}"

    def find(self, session_id: str) -> Record | None:
        """Return the session with this id as it is now."""
        return next((one for one in self.records if one["id"] == session_id), None)

    def last(self, meeting_id: str, participant_id: str | None = None) -> Record | None:
        """Return the newest session of the meeting, or the newest that a participant was in."""
        for session in reversed(self.records):
            if session["meetingId"] == meeting_id and (
                participant_id is None or participant_of(session, participant_id)
            ):
                return session
        return None

    def listed(self) -> list[Record]:
        """Return the sessions of which the API knows by now, newest first."""
        moment = self._listing_moment()
        started = [one for one in reversed(self.records) if one["start"] <= moment]
        return sorted(started, key=lambda one: str(one["start"]), reverse=True)

    def is_listed_as_ended(self, session: Record) -> bool:
        """Return whether the API knows of a session's end by now."""
        return session["end"] is not None and session["end"] <= self._listing_moment()

    def as_listed(self, session: Record) -> Record:
        """Return a listed session as the API shows it, possibly behind the time."""
        return snapshot(session, self._listing_moment(), self._oddities.participant_bytes)

    def as_it_is(self, session: Record) -> Record:
        """Return a session as the calls that change it show it."""
        return snapshot(session, timestamp(self._clock()), self._oddities.participant_bytes)

    def close(self) -> None:
        """Forget the sessions that linger: nothing ends them any more."""
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
        """End a session that nobody is in, at once or after a while."""
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
        # Webhooks write their moments in another way than the API.
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

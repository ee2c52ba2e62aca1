"""Realtime transcriptions of the VideoSDK stand-in: what was said, and its summary.

The events are transcription-started, -stopped and -failed. None says that a summary is ready:
https://docs.videosdk.live/api-reference/realtime-communication/user-webhooks
"""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.videosdk.oddities import Oddities
from bot.sandbox.videosdk.rooms import Record, timestamp
from bot.sandbox.videosdk.sessions import Sessions
from bot.sandbox.videosdk.snapshots import is_in, participant_of
from bot.sandbox.videosdk.summaries import Line, summary_of, transcript_of

Send = Callable[[str, str, Record], None]


@dataclass
class TranscriptionRecord:
    """A transcription's current state.

    Attributes:
        meeting_id: its room.
        session_id: its session.
        start: when it started.
        webhook_url: where its events are sent, if anywhere.
        has_summary: whether a summary was requested.
        id: VideoSDK's transcription ID.
        status: `running`, `completed` or `failed`.
        end: when it ended.
        summarised: when its summary was written.
        lines: what was said while it ran.
    """

    meeting_id: str
    session_id: str
    start: str
    webhook_url: str | None
    has_summary: bool
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "running"
    end: str | None = None
    summarised: str | None = None
    lines: list[Line] = field(default_factory=list)


class TranscriptionRegistry:
    """Speech in one account's rooms, and its transcriptions.

    Attributes:
        all: every transcription, oldest first.

    Args:
        sessions: the account's sessions.
        clock: returns seconds since 1970.
        oddities: how long a summary takes, what it says, and when the end is reported.
        send: called with the URL, type and data of every event.
    """

    def __init__(
        self, sessions: Sessions, clock: Callable[[], float], oddities: Oddities, send: Send
    ) -> None:
        self.all: list[TranscriptionRecord] = []
        self._sessions = sessions
        self._clock = clock
        self._oddities = oddities
        self._send = send
        self._said: dict[str, list[Line]] = {}  # by session
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def say(self, meeting_id: str, participant_id: str, text: str) -> None:
        """Record what a participant says.

        Raises:
            ValueError: they aren't in the meeting.
        """
        session = self._sessions.running(meeting_id)
        participant = participant_of(session, participant_id) if session else None
        if session is None or participant is None or not is_in(participant):
            raise ValueError(f"{participant_id} is not in {meeting_id}.")
        line = Line(participant["name"], " ".join(text.split()))
        self._said.setdefault(session["id"], []).append(line)
        for one in self.running(meeting_id):
            one.lines.append(line)

    def said(self, meeting_id: str) -> list[Line]:
        """Return the lines spoken in the meeting's running session."""
        session = self._sessions.running(meeting_id)
        return self._said.get(session["id"], []) if session else []

    def running(self, meeting_id: str) -> list[TranscriptionRecord]:
        """Return the meeting's transcriptions that haven't ended."""
        return [one for one in self.all if one.meeting_id == meeting_id and one.end is None]

    def start(
        self, meeting_id: str, webhook_url: str | None, *, has_summary: bool
    ) -> TranscriptionRecord | None:
        """Start transcribing the running session; return None if there is none."""
        session = self._sessions.running(meeting_id)
        if session is None:
            return None
        began = timestamp(self._clock())
        started = TranscriptionRecord(meeting_id, session["id"], began, webhook_url, has_summary)
        self.all.append(started)
        self._report(started, "transcription-started")
        return started

    def end(self, meeting_id: str) -> list[TranscriptionRecord]:
        """End a meeting's running transcriptions, schedule their summaries, and return them."""
        ended = self.running(meeting_id)
        for one in ended:
            one.status, one.end = "completed", timestamp(self._clock())
            if self._oddities.stopped_webhook != "with_summary" or not one.has_summary:
                self._report(one, "transcription-stopped")
            if one.has_summary:
                self._summarise_later(one)
        return ended

    def fail(self, meeting_id: str) -> None:
        """Make a meeting's running transcriptions fail, without any files."""
        for one in self.running(meeting_id):
            one.status, one.end = "failed", timestamp(self._clock())
            self._report(one, "transcription-failed")

    def write_summaries(self) -> None:
        """Write all pending summaries now."""
        for one in self.all:
            timer = self._timers.get(one.id)
            if timer:
                timer.cancel()
                self._summarise(one)

    def find(self, transcription_id: str) -> TranscriptionRecord | None:
        """Return the transcription with this ID, or None."""
        return next((one for one in self.all if one.id == transcription_id), None)

    def file(self, name: str) -> str | None:
        """Return the text of a file, or None if there is none yet."""
        is_summary = name.endswith("-summary")
        found = self.find(name.removesuffix("-summary"))
        if found is None or found.status != "completed":
            return None
        if not is_summary:
            return transcript_of(found.lines)
        if not found.summarised:
            return None
        says = self._oddities.summary_says
        return summary_of(found.lines) if says is None else says

    def close(self) -> None:
        """Cancel all pending summaries."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _summarise_later(self, ended: TranscriptionRecord) -> None:
        delay = self._oddities.summary_delay
        if delay:
            loop = asyncio.get_running_loop()
            self._timers[ended.id] = loop.call_later(delay, self._summarise, ended)
        else:
            self._summarise(ended)

    def _summarise(self, ended: TranscriptionRecord) -> None:
        self._timers.pop(ended.id, None)
        ended.summarised = timestamp(self._clock())
        if self._oddities.stopped_webhook != "at_end":
            self._report(ended, "transcription-stopped")

    def _report(self, one: TranscriptionRecord, kind: str) -> None:
        where = {"meetingId": one.meeting_id, "sessionId": one.session_id}
        if one.webhook_url:
            self._send(one.webhook_url, kind, {"id": one.id, "type": "realtime", **where})

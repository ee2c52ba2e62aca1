"""Meetings, sessions and participants, in VideoSDK's words."""

from dataclasses import dataclass, field
from datetime import datetime

_OVER = {"completed", "failed", "stopped"}  # statuses of a transcription


@dataclass(frozen=True)
class Meeting:
    """A meeting as VideoSDK knows it; version 2 of its API calls it a room.

    Attributes:
        meeting_id: the ID that participants join with, such as `87i6-bvw8-dtn1`.
        user_meeting_id: the ID that its creator chose, if any.
        region: the code of the region it runs in, if VideoSDK reports one.
        created_at: when it was created, in UTC, if VideoSDK reports it.
        disabled: True if nobody can join it any more.
        region_refused: True if VideoSDK rejected the requested region, as plans without
            geo-fencing do, and the meeting was created without it.
        webhook_url: the address that the meeting's webhooks go to, if VideoSDK reports one.
    """

    meeting_id: str
    user_meeting_id: str | None = None
    region: str | None = None
    created_at: datetime | None = None
    disabled: bool = False
    region_refused: bool = False
    webhook_url: str | None = None


@dataclass(frozen=True)
class Participant:
    """Somebody who is, or was, in a session.

    Attributes:
        participant_id: the ID they joined with; it stays the same when they rejoin.
        name: the name they joined with, `` if none.
        inside: True while they are in the session.
        is_recorder: True for VideoSDK's own recorder, which sessions list as a participant.
        seconds: how long they were in the session, once they have left it.
    """

    participant_id: str
    name: str
    inside: bool
    is_recorder: bool = False
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class Session:
    """One run of a meeting, from the first person in to the last one out.

    Attributes:
        start: when it started, in UTC.
        end: when it ended, in UTC, or None while it runs.
        participants: everyone who has been in it, once each.
        session_id: VideoSDK's ID of the session, `` if unknown.
        meeting_id: VideoSDK's ID of the meeting, `` if unknown.
        user_meeting_id: the meeting's ID of your own, if VideoSDK says; version 2 may.
    """

    start: datetime
    end: datetime | None
    participants: tuple[Participant, ...] = ()
    session_id: str = ""
    meeting_id: str = ""
    user_meeting_id: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether the session has not ended."""
        return self.end is None

    @property
    def people(self) -> int:
        """The number of participants inside, without recorders."""
        return sum(one.inside and not one.is_recorder for one in self.participants)


@dataclass(frozen=True)
class Transcription:
    """The transcription of one session, with its summary.

    Attributes:
        id: VideoSDK's ID of the transcription, `` if it is not known yet.
        status: `running`, `completed` or another status of VideoSDK's, in lower case.
        room_id: the transcribed room.
        session_id: the transcribed session, `` if unknown.
        started_at: when it started, if VideoSDK reports it.
        ended_at: when it ended, or None.
        transcript_url: the transcript's URL, once it exists; each line is `[Speaker]: text`.
        summary_url: the summary's URL, once it exists, possibly long after the end.
        webhook_url: where its events go, if VideoSDK reports it; possibly with another `/` at the
            end.
    """

    id: str
    status: str
    room_id: str
    session_id: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    transcript_url: str | None = None
    summary_url: str | None = None
    webhook_url: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has not ended; an unknown status without an end counts as running."""
        return self.ended_at is None and self.status not in _OVER

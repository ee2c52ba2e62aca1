"""Hold what VideoSDK says about meetings and sessions, in VideoSDK's words."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Meeting:
    """A meeting as VideoSDK knows it; version 2 of its API says room.

    Attributes:
        meeting_id: what participants join with, `87i6-bvw8-dtn1`.
        user_meeting_id: the id its creator chose, if any.
        region: the code of the region it runs in, if VideoSDK says.
        created_at: when it was created, if VideoSDK says.
        disabled: True when nobody can join it any more.
        region_refused: True when the region that was asked for was turned down, as where a plan
            has no geo-fencing, and the meeting was made without it.
    """

    meeting_id: str
    user_meeting_id: str | None = None
    region: str | None = None
    created_at: datetime | None = None
    disabled: bool = False
    region_refused: bool = False


@dataclass(frozen=True)
class Participant:
    """Somebody who is, or was, in a session.

    Attributes:
        participant_id: the id they joined with; it stays theirs when they come back.
        name: what they call themselves, `` if nothing.
        inside: True while they are in the session.
    """

    participant_id: str
    name: str
    inside: bool


@dataclass(frozen=True)
class Session:
    """One run of a meeting, from the first person in to the last one out.

    Attributes:
        start: when it began.
        end: when it was over, or None while it runs.
        participants: everybody who has been in it, each of them once.
        session_id: VideoSDK's id of it, `` if VideoSDK does not say.
    """

    start: datetime
    end: datetime | None
    participants: tuple[Participant, ...] = ()
    session_id: str = ""

    @property
    def people(self) -> int:
        """How many participants are in it now."""
        return sum(participant.inside for participant in self.participants)

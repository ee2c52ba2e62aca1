"""Hold what VideoSDK says about meetings and sessions, in VideoSDK's words."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Meeting:
    """A meeting as VideoSDK knows it.

    Attributes:
        meeting_id: what participants join with, `87i6-bvw8-dtn1`.
        user_meeting_id: the id its creator chose, if any.
        region: the code of the region it runs in, if VideoSDK says.
        created_at: when it was created, if VideoSDK says.
        disabled: True when nobody can join it any more.
    """

    meeting_id: str
    user_meeting_id: str | None = None
    region: str | None = None
    created_at: datetime | None = None
    disabled: bool = False


@dataclass(frozen=True)
class Session:
    """One run of a meeting, from the first person in to the last one out.

    Attributes:
        start: when it began.
        end: when it was over, or None while it runs.
        people: how many participants are in it now.
    """

    start: datetime
    end: datetime | None
    people: int

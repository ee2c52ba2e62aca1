"""What VideoSDK says about the notes that one reply shows; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto

from bot.links import NotesLink
from bot.rooms.runs import Person, Run
from bot.videosdk import Transcription

GRACE = 60.0  # seconds in which a transcription, or a run, may not be listed yet
PATIENCE = 3600.0  # seconds after the end in which a summary may come

NEVER = "none"  # stands for the id of a transcription that was not started
_STARTING = 30.0  # seconds from the reply to the start of its transcription, at most
_SKEW = 5.0  # seconds by which VideoSDK's clock may be behind Slack's
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class Stage(Enum):
    """How far notes have come."""

    STARTING = auto()
    MISSING = auto()
    TAKING = auto()
    WRITING = auto()
    READY = auto()
    WITHOUT_SUMMARY = auto()
    FAILED = auto()


@dataclass(frozen=True)
class NotesState:
    """What a reply has to show.

    Attributes:
        stage: how far the notes have come.
        since: when the transcription began.
        ended: when it, or the run, was over.
        people: who has been in the run, once it is over.
        summary_url: of the file with the summary.
        transcript_url: of the file with what was said.
        transcription_id: VideoSDK's.
        is_run_on: whether the run goes on, or its end isn't listed yet: people are still to come.
        is_foreign: whether the files are at an address that isn't VideoSDK's.
    """

    stage: Stage
    since: datetime | None = None
    ended: datetime | None = None
    people: tuple[Person, ...] = ()
    summary_url: str = ""
    transcript_url: str = ""
    transcription_id: str = ""
    is_run_on: bool = False
    is_foreign: bool = False

    @property
    def is_final(self) -> bool:
        """Whether nothing more is to come."""
        if self.stage is Stage.READY:
            return not self.is_run_on
        return self.stage not in (Stage.STARTING, Stage.TAKING, Stage.WRITING)


def find_own(
    link: NotesLink, found: Sequence[Transcription], known_id: str = ""
) -> Transcription | None:
    """Return the transcription that a reply shows.

    VideoSDK's listing doesn't say where a transcription's webhooks go. Without an id, it is the
    first one that started right after the reply: so of two clicks at the same time, both are right.

    Args:
        link: names the reply.
        found: the room's transcriptions.
        known_id: the transcription's, if VideoSDK has said it.
    """
    if known_id:
        return next((one for one in found if one.id == known_id), None)
    first, last = float(link.ts) - _SKEW, float(link.ts) + _STARTING
    then = [one for one in found if first <= _order(one)[0].timestamp() <= last]
    return min(then, key=_order, default=None)


def has_lost(own: Transcription | None, found: Sequence[Transcription]) -> bool:
    """Return whether another click's reply shows these notes.

    It does if its transcription was running when this one started. So each process comes to the
    same result, at any time.

    Args:
        own: the reply's transcription, if it has one.
        found: the room's transcriptions.
    """
    if own is None or own.started_at is None:
        return False
    earlier = [one for one in found if one.id != own.id and _order(one) < _order(own)]
    return any(one.ended_at is None or one.ended_at > own.started_at for one in earlier)


def read_state(
    link: NotesLink, own: Transcription | None, run: Run | None, now: float
) -> NotesState:
    """Return what a reply has to show.

    Args:
        link: names the reply.
        own: its transcription, if there is one.
        run: the run that was transcribed, if it is known.
        now: seconds since 1970.
    """
    if own is None:
        return NotesState(Stage.STARTING if now - float(link.ts) < GRACE else Stage.MISSING)
    ended = own.ended_at or (run.end if run else None)
    return NotesState(
        _stage(own, ended, now),
        own.started_at,
        ended,
        run.people if run and run.end else (),
        own.summary_url or "",
        own.transcript_url or "",
        own.id,
        is_run_on=run.end is None if run else _is_young(ended, now),
    )


def _stage(own: Transcription, ended: datetime | None, now: float) -> Stage:
    if own.status == "failed":
        return Stage.FAILED
    if own.summary_url:
        return Stage.READY
    if ended is None and own.is_running:
        return Stage.TAKING
    since = ended or own.started_at
    late = since is not None and now - since.timestamp() > PATIENCE
    return Stage.WITHOUT_SUMMARY if late else Stage.WRITING


def _is_young(ended: datetime | None, now: float) -> bool:
    """Return whether a run may not be listed yet that ended then."""
    return ended is not None and now - ended.timestamp() < GRACE


def _order(one: Transcription) -> tuple[datetime, str]:
    return one.started_at or _NEVER, one.id

"""The state of one reply's notes, derived from what VideoSDK lists."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto

from bot.links import NotesLink
from bot.rooms.runs import Person, Run
from bot.videosdk import Transcription

GRACE = 60.0  # seconds until VideoSDK lists a new transcription, or the end of a run
SUMMARY_TIMEOUT = 3600.0  # seconds after the end in which a summary may still appear

NEVER = "none"  # replaces the ID if it is certain that no transcription started
_START_TIMEOUT = 20.0  # seconds for Slack's answer about the reply, and VideoSDK's to the start
_SKEW = 5.0  # seconds by which VideoSDK's clock may lag behind Slack's
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)

OwnerOf = Callable[[Transcription], tuple[str, str] | None]


class Stage(Enum):
    """Progress of the notes."""

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
        stage: progress of the notes.
        since: when the transcription started.
        ended: when the transcription or, failing that, the run ended.
        people: who was in the run, once it has ended.
        summary_url: the summary's file; "" if there is none.
        transcript_url: the transcript's file; "" if there is none.
        transcription_id: VideoSDK's; "" if it isn't known for certain, NEVER if there is none.
        is_run_on: whether the run is on, or may have just ended, so `people` may be incomplete.
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
    def is_certain(self) -> bool:
        """Whether these notes certainly belong to the reply."""
        return self.transcription_id not in ("", NEVER)

    @property
    def is_final(self) -> bool:
        """Whether the notes won't change any more."""
        if self.stage is Stage.READY:
            return not self.is_run_on
        return self.stage not in (Stage.STARTING, Stage.TAKING, Stage.WRITING)


def find_own(
    link: NotesLink, found: Sequence[Transcription], known_id: str, owner_of: OwnerOf
) -> Transcription | None:
    """Return the transcription that a reply shows, or None.

    Without an ID, and if VideoSDK doesn't say which reply any of them belongs to, that is the first
    one that started right after the reply was posted. It may belong to another reply, so the bot
    must not end it.

    Args:
        link: identifies the reply.
        found: the room's transcriptions.
        known_id: the transcription's ID; "" if it isn't known, NEVER if there is none.
        owner_of: returns the key of a transcription's reply, if known.
    """
    for one in found:
        if one.id == known_id or owner_of(one) == link.key:
            return one
    if known_id:
        return None
    free = [one for one in found if _is_timely(link, one) and owner_of(one) is None]
    return min(free, key=_order, default=None)


def has_lost(
    link: NotesLink,
    own: Transcription | None,
    found: Sequence[Transcription],
    known_id: str,
    now: float,
) -> bool:
    """Return whether another click's reply shows these notes.

    Of two transcriptions that overlap, the earlier one wins, so every process comes to the same
    result at any time. A reply without a transcription loses to one that started right after the
    reply was posted and, once it can't get its own any more, to any that is running.

    Args:
        link: identifies the reply.
        own: the reply's transcription, if it has one.
        found: the room's transcriptions.
        known_id: as for `find_own`.
        now: seconds since 1970.
    """
    if own is None:
        has_none = known_id in ("", NEVER)  # with any other ID, VideoSDK just doesn't list it yet
        is_late = known_id == NEVER or now - float(link.ts) > _START_TIMEOUT
        rivals = (_is_timely(link, one) or (is_late and one.is_running) for one in found)
        return has_none and any(rivals)
    if own.started_at is None:
        return False
    earlier = [one for one in found if one.id != own.id and _order(one) < _order(own)]
    return any(one.ended_at is None or one.ended_at > own.started_at for one in earlier)


def read_state(
    link: NotesLink, own: Transcription | None, run: Run | None, now: float, known_id: str = ""
) -> NotesState:
    """Return the state that a reply has to show.

    Args:
        link: identifies the reply.
        own: its transcription, if any.
        run: the run that was transcribed, if known.
        now: seconds since 1970.
        known_id: as for `find_own`.
    """
    if own is None:
        is_early = known_id != NEVER and now - float(link.ts) < GRACE
        stage = Stage.STARTING if is_early else Stage.MISSING
        return NotesState(stage, transcription_id=known_id)
    ended = own.ended_at or (run.end if run else None)
    return NotesState(
        _stage(own, ended, now),
        own.started_at,
        ended,
        run.people if run and run.end else (),
        own.summary_url or "",
        own.transcript_url or "",
        known_id,
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
    is_late = since is not None and now - since.timestamp() > SUMMARY_TIMEOUT
    return Stage.WITHOUT_SUMMARY if is_late else Stage.WRITING


def _is_young(ended: datetime | None, now: float) -> bool:
    """Return whether the end is so recent that VideoSDK may not list it yet."""
    return ended is not None and now - ended.timestamp() < GRACE


def _is_timely(link: NotesLink, one: Transcription) -> bool:
    """Return whether a transcription started right after a reply was posted."""
    return -_SKEW <= _order(one)[0].timestamp() - float(link.ts) <= _START_TIMEOUT


def _order(one: Transcription) -> tuple[datetime, str]:
    return one.started_at or _NEVER, one.id

"""What VideoSDK says about the notes that one reply shows; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from bot.links import NotesLink
from bot.rooms.runs import Person, Run
from bot.videosdk import Transcription

GRACE = 60.0  # seconds from the reply in which a transcription may not be listed yet
PATIENCE = 3600.0  # seconds after the end in which a summary may come

FindNotes = Callable[[str | None], NotesLink | None]


class Stage(Enum):
    """How far notes have come."""

    STARTING = auto()
    MISSING = auto()
    TAKING = auto()
    WRITING = auto()
    READY = auto()
    WITHOUT_SUMMARY = auto()


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
        is_foreign: whether the files are at an address that isn't VideoSDK's.
    """

    stage: Stage
    since: datetime | None = None
    ended: datetime | None = None
    people: tuple[Person, ...] = ()
    summary_url: str = ""
    transcript_url: str = ""
    transcription_id: str = ""
    is_foreign: bool = False

    @property
    def is_final(self) -> bool:
        """Whether nothing more is to come."""
        return self.stage in (Stage.MISSING, Stage.READY, Stage.WITHOUT_SUMMARY)


def find_own(
    link: NotesLink, found: Sequence[Transcription], read: FindNotes, known_id: str = ""
) -> Transcription | None:
    """Return the transcription that a reply shows; its address for webhooks names the reply.

    Args:
        link: names the reply.
        found: the room's transcriptions.
        read: reads an address.
        known_id: the transcription's, if it is known: it counts where VideoSDK names no address.
    """
    for one in found:
        if one.webhook_url and is_same(read(one.webhook_url), link):
            return one
    unnamed = (one for one in found if not one.webhook_url)
    return next((one for one in unnamed if known_id and one.id == known_id), None)


def find_winner(
    link: NotesLink,
    own: Transcription | None,
    found: Sequence[Transcription],
    read: FindNotes,
    known_id: str = "",
) -> NotesLink | None:
    """Return the reply that shows these notes instead, after two clicks at the same time.

    It is the one whose transcription was running when this one started, so each process comes to
    the same result, at any time.

    Args:
        link: names the reply.
        own: its transcription, if it has one.
        found: the room's transcriptions.
        read: reads an address.
        known_id: the id with which VideoSDK answered, if it did: possibly of an earlier start.
    """
    for one in found:
        other = read(one.webhook_url)
        if other is None or is_same(other, link):
            continue
        if own is None and one.id == known_id:
            return other
        if own is not None and _was_running(one, own):
            return other
    return None


def is_same(one: NotesLink | None, link: NotesLink) -> bool:
    """Return whether both name the same reply."""
    return one is not None and (one.place.channel_id, one.ts) == (link.place.channel_id, link.ts)


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
    )


def _stage(own: Transcription, ended: datetime | None, now: float) -> Stage:
    if own.summary_url:
        return Stage.READY
    if ended is None and own.is_running:
        return Stage.TAKING
    since = ended or own.started_at
    late = since is not None and now - since.timestamp() > PATIENCE
    return Stage.WITHOUT_SUMMARY if late else Stage.WRITING


def _was_running(one: Transcription, own: Transcription) -> bool:
    """Return whether a transcription was running when another one started."""
    if one.started_at is None or own.started_at is None or one.id == own.id:
        return False
    began_before = (one.started_at, one.id) < (own.started_at, own.id)
    return began_before and (one.ended_at is None or one.ended_at > own.started_at)

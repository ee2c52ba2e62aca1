"""Runs: a room's sessions, in the form that cards, checks and ending a meeting share."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from operator import attrgetter

from bot.grammar.commands import MAX_NAME
from bot.grammar.text import clean
from bot.participant_ids import CallRef, read_call
from bot.videosdk import Session

GUEST = "Guest"  # Slack requires a name
TEST_VISIT = 120.0  # seconds; a shorter first visit of one person is a microphone test
TEST_AGE = 600.0  # seconds; a microphone test doesn't end a card younger than this


@dataclass(frozen=True)
class Person:
    """Somebody who is or was in a run.

    Attributes:
        participant_id: the ID they joined with.
        name: the name they chose, cleaned and cut to 80 characters; never blank.
        inside: whether they are in it now.
        call: the call whose card they joined from, if their ID names one.
        seconds: how long they were in it, once they have left it.
    """

    participant_id: str
    name: str
    inside: bool
    call: CallRef | None
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class Run:
    """One session of a room, from the first person in to its end.

    Attributes:
        room_id: VideoSDK's ID of the room.
        session_id: VideoSDK's ID of the session.
        start: when it began.
        end: when it ended, or None while it is on.
        people: everyone who has been in it, without recorders.
        guests: calls whose cards show this run although nobody joined from them.
    """

    room_id: str
    session_id: str
    start: datetime
    end: datetime | None
    people: tuple[Person, ...] = ()
    guests: frozenset[CallRef] = frozenset()

    @property
    def is_on(self) -> bool:
        """Whether it is on, possibly with nobody in it right now."""
        return self.end is None

    @property
    def inside(self) -> int:
        """How many people are in it now."""
        return sum(person.inside for person in self.people)

    @property
    def seconds(self) -> float | None:
        """How long it lasted, or None while it is on."""
        return max(0.0, (self.end - self.start).total_seconds()) if self.end else None

    @cached_property
    def calls(self) -> list[CallRef]:
        """The calls whose cards show it, newest first."""
        named = {person.call for person in self.people if person.call} | self.guests
        return sorted(named, key=attrgetter("made_at", "call_id"), reverse=True)


def as_runs(sessions: Sequence[Session]) -> list[Run]:
    """Convert VideoSDK's sessions, newest first, to runs; only the first can be on.

    VideoSDK lists its recorder as a participant, too.
    """
    runs = []
    for session in sessions:
        people = []
        for one in session.participants:
            call = read_call(one.participant_id)
            if call or not one.is_recorder:
                name = clean(one.name)[:MAX_NAME].strip() or GUEST
                people.append(Person(one.participant_id, name, one.inside, call, one.seconds))
        run = Run(session.meeting_id, session.session_id, session.start, session.end, tuple(people))
        runs.append(run)
    return runs


def current(runs: Sequence[Run]) -> Run | None:
    """Return the run that is on, or None."""
    return runs[0] if runs and runs[0].end is None else None


def is_over(call: CallRef, runs: Sequence[Run], now: float) -> bool:
    """Return whether the meeting on a call's card has been held and has ended.

    Args:
        call: the call.
        runs: the room's runs, newest first.
        now: seconds since 1970.
    """
    own = [run for run in runs if call.call_id in [shown.call_id for shown in run.calls]]
    if not own or own[0].end is None:
        return False
    return not (len(own) == 1 and _was_test(own[0]) and now - call.made_at < TEST_AGE)


def has_ended(runs: Sequence[Run], call_id: str | None) -> bool:
    """Return whether a card's meeting has ended, even if its room is in use again.

    Args:
        runs: the room's runs, newest first.
        call_id: the card's call; None for a plain card, which only the newest run counts for.
    """
    own = [run for run in runs if any(call.call_id == call_id for call in run.calls)]
    newest = own[:1] if call_id else runs[:1]
    return any(not run.is_on for run in newest)


def _was_test(run: Run) -> bool:
    return len(run.people) == 1 and (run.seconds or 0) < TEST_VISIT

"""What the cards of a room have to show, by the runs of the room; pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from bot.participant_ids import CallRef
from bot.rooms.runs import Run, is_over
from bot.slack.calls import Participants


@dataclass
class CallState:
    """What a card has to show.

    Attributes:
        inside: who is in the meeting.
        gone: who was, and is not any more.
        seconds: how long the meeting was, once it is over; None before.
    """

    inside: Participants = field(default_factory=dict)
    gone: Participants = field(default_factory=dict)
    seconds: int | None = None

    def take(self, run: Run) -> None:
        """Add the people of a run; later runs know better where they are."""
        for person in run.people:
            self.inside.pop(person.participant_id, None)
            self.gone.pop(person.participant_id, None)
            side = self.inside if person.inside else self.gone
            side[person.participant_id] = person.name


def read_states(
    runs: Sequence[Run], now: float, closed: Collection[CallRef] = ()
) -> dict[CallRef, CallState]:
    """Return the state of each call's card.

    Everyone inside shows on every call of their run, so that two cards of one run both tell the
    truth.

    Args:
        runs: of one room, newest first.
        now: seconds since 1970.
        closed: calls whose meetings were ended for everyone, possibly before anybody joined.
    """
    ended = {call.call_id for call in closed}
    states: dict[CallRef, CallState] = {}
    for run in reversed(runs):
        for call in run.calls:
            state = states.setdefault(call, CallState())
            state.take(run)
            over = is_over(call, runs, now) or (call.call_id in ended and not run.is_on)
            state.seconds = round(run.seconds or 0) if over else None
    joined = {call.call_id for call in states}
    return states | {call: CallState(seconds=0) for call in closed if call.call_id not in joined}

"""Work out what a room's cards have to show, from its runs; pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from bot.participant_ids import CallRef, MemberIds
from bot.rooms.runs import Person, Run, is_over
from bot.slack.calls import MemberKey, Participants
from bot.slack.wording.cards import A_GUEST


@dataclass
class CallState:
    """What a card has to show.

    Attributes:
        inside: who is in the meeting.
        gone: who has left it.
        seconds: how long the meeting was; None until it is over.
    """

    inside: Participants = field(default_factory=dict)
    gone: Participants = field(default_factory=dict)
    seconds: int | None = None

    def take(self, run: Run, call: CallRef, members: MemberIds | None) -> None:
        """Add the people of a run, which overrides earlier runs.

        A member with two tabs is inside as long as one of them is.
        """
        for person in sorted(run.people, key=attrgetter("inside")):
            key: str | MemberKey = person.participant_id
            name = person.name
            if members:
                key, name = _shown_as(person, call, members)
            self.inside.pop(key, None)
            self.gone.pop(key, None)
            side = self.inside if person.inside else self.gone
            side[key] = name


def read_states(
    runs: Sequence[Run],
    now: float,
    closed: Collection[CallRef] = (),
    members: MemberIds | None = None,
) -> dict[CallRef, CallState]:
    """Return the state of each call's card.

    Everyone inside shows on every call of their run, so two cards of one run are both right.

    Args:
        runs: one room's runs, newest first.
        now: seconds since 1970.
        closed: calls whose meetings were ended for everyone, possibly before anybody joined.
        members: recognises people who signed in; None if nobody can.
    """
    ended = {call.call_id for call in closed}
    states: dict[CallRef, CallState] = {}
    for run in reversed(runs):
        for call in run.calls:
            state = states.setdefault(call, CallState())
            state.take(run, call, members)
            over = is_over(call, runs, now) or (call.call_id in ended and not run.is_on)
            state.seconds = round(run.seconds or 0) if over else None
    joined = {call.call_id for call in states}
    return states | {call: CallState(seconds=0) for call in closed if call.call_id not in joined}


def _shown_as(person: Person, call: CallRef, members: MemberIds) -> tuple[str | MemberKey, str]:
    """Return how a call's card shows somebody: as a member of its workspace, or by their name."""
    user_id, own = members.user_id(person.participant_id), person.call
    if user_id and own and own.workspace == call.workspace:
        return MemberKey(user_id), person.name
    return person.participant_id, A_GUEST.format(person.name)

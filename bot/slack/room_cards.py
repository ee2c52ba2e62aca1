"""Make a room's live cards match VideoSDK."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from html import unescape

from bot.caching.recent import Recent
from bot.participant_ids import CallRef, MemberIds
from bot.rooms.runs import GUEST, as_runs, current
from bot.slack.call_states import CallState, read_states
from bot.slack.calls import (
    CallEndedError,
    CallRefusedError,
    Calls,
    CallsUnavailableError,
    Participants,
)
from bot.telemetry.metrics import NO_METRICS, Metrics
from bot.videosdk import VideoSDK
from bot.workspace import UNKNOWN, Workspace

_TIDYING = 10.0  # seconds for removing people from a card before it ends
_FEW = 20  # people; Slack allows 50 requests a minute, and they may have to be removed one by one


@dataclass
class KnownRoom:
    """What a process knows about a room besides VideoSDK's data.

    Attributes:
        newest: the call of the newest card that this process made for the room.
        closed: the room's calls whose meetings were ended for everyone.
        owner: the room's workspace, which version 1.0.0's participant IDs lack.
    """

    newest: CallRef | None = None
    closed: set[CallRef] = field(default_factory=set)
    owner: Workspace | None = None


class KnownRooms(Recent[str, KnownRoom]):
    """The rooms that a process knows, by room ID; a new one appears when it's looked up."""

    def __missing__(self, room_id: str) -> KnownRoom:
        """Return the new room."""
        self[room_id] = room = KnownRoom()
        return room


class RoomCards:
    """Looks at a room and updates its cards where they differ from the last look.

    Args:
        room_id: VideoSDK's id.
        calls: Slack's.
        videosdk: lists who is in the room.
        known: what this process knows of the room.
        members: reads who has signed in from participant IDs; None if nobody can sign in.
        metrics: counts updated cards.
        clock: returns seconds since 1970.
    """

    def __init__(  # noqa: PLR0913 - each is named by the caller
        self,
        room_id: str,
        calls: Calls,
        videosdk: VideoSDK,
        known: KnownRoom,
        *,
        members: MemberIds | None = None,
        metrics: Metrics = NO_METRICS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._room_id = room_id
        self._calls = calls
        self._videosdk = videosdk
        self._known = known
        self._members = members
        self._metrics = metrics
        self._clock = clock
        self._guests: dict[str, set[CallRef]] = {}
        self._matched: dict[str, CallState] = {}
        self._shown: dict[str, Participants] = {}

    async def look(self) -> bool:
        """Bring the cards up to date, and return whether they are final.

        Raises:
            VideoSDKError: the room's sessions could not be read.
            CallsUnavailableError: Slack failed to update a card; the others are up to date.
        """
        runs = as_runs(await self._videosdk.sessions(self._room_id))
        run, newest = current(runs), self._known.newest
        if run and newest:  # it stays a guest when the run ends
            self._guests.setdefault(run.session_id, set()).add(newest)
        guests = {session_id: frozenset(calls) for session_id, calls in self._guests.items()}
        runs = [replace(one, guests=guests.get(one.session_id, frozenset())) for one in runs]
        states = read_states(runs, self._clock(), self._known.closed, self._members)
        failure = None
        for call, state in states.items():
            try:
                await self._match(call, state)
            except CallRefusedError as refusal:
                self._metrics.card_updated(type(refusal).__name__)
            except CallsUnavailableError as error:
                failure = error
                self._metrics.card_updated(type(error).__name__)
        if failure:
            raise failure
        return not run and None not in [state.seconds for state in states.values()]

    async def _match(self, call: CallRef, state: CallState) -> None:
        if state == self._matched.get(call.call_id) and self._is_as_shown(call, state):
            return
        self._matched.pop(call.call_id, None)
        owner = self._known.owner
        owned = replace(call, workspace=owner) if owner and call.workspace == UNKNOWN else call
        if state.seconds is None:
            with suppress(CallEndedError):
                await self._show(owned, state)
        else:
            await self._end(owned, state.gone, state.seconds)
        self._matched[call.call_id] = state
        self._metrics.card_updated("done")

    def _is_as_shown(self, call: CallRef, state: CallState) -> bool:
        """Return whether a card shows the right people; another process may have changed it."""
        return self._shown.get(call.call_id, state.inside).keys() == state.inside.keys()

    async def _end(self, call: CallRef, gone: Participants, seconds: int) -> None:
        """Remove everyone from a card, if Slack does that soon, and end it in any case."""
        unknown = gone if len(gone) <= _FEW else {}
        with suppress(TimeoutError, CallEndedError, CallRefusedError, CallsUnavailableError):
            async with asyncio.timeout(_TIDYING):
                await self._calls.update_people(
                    call, self._shown.get(call.call_id, unknown), inside=False
                )
                self._shown[call.call_id] = {}
        await self._calls.end(call, seconds)

    async def _show(self, call: CallRef, state: CallState) -> None:
        """Add and remove people, compared with the last update or Slack's last answer.

        In an answer, Slack writes an ampersand as `&amp;`, and need not repeat a guest's name.
        """
        shown = self._shown.pop(call.call_id, None)
        if shown is None:
            shown = await self._calls.update_people(call, state.inside, inside=True)
        if shown is None:
            shown = await self._calls.update_people(call, state.gone, inside=False)
        if shown is None:  # Slack rejected them all: they already are where they should be
            shown = dict(state.inside)
        inside = state.inside
        stay = {
            key: name
            for key, name in shown.items()
            if key in inside and unescape(name) in ("", unescape(inside[key]))
        }
        leaving = {
            key: name or state.gone.get(key, GUEST)
            for key, name in shown.items()
            if key not in stay
        }
        coming = {key: name for key, name in inside.items() if key not in stay}
        if leaving:
            stay = await self._calls.update_people(call, leaving, inside=False) or stay
        if coming:
            stay = await self._calls.update_people(call, coming, inside=True) or stay
        self._shown[call.call_id] = {**coming, **stay}

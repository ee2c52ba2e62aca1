"""Make live cards say what is true: who is in a meeting, and when it is over.

A webhook only says that something has happened; it may be doubled, late, out of order or lost. So
whatever comes, VideoSDK is asked who is in the meeting, and Slack is made to match. Nothing is kept
that another process, or this one after a restart, would need.
"""

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.slack.calls import Calls, Participants
from bot.videosdk import Participant, Session, VideoSDK, VideoSDKError

LOG = logging.getLogger(__name__)

FIRST_PAUSE = 0.2  # seconds between the first two looks at a meeting; it doubles
PAUSE = 1.6  # seconds, at most: Slack takes 50 calls a minute of each kind
_TRIES = 6  # looks that may fail, before the next webhook has to bring it up again
_RECENT = 2  # sessions of a meeting that are looked at: this one, and one whose end went unheard
_CALL_ID = re.compile(r"(?P<call>R[A-Z0-9]+)-[a-z0-9]+")


@dataclass
class CallState:
    """What a card has to show.

    Attributes:
        inside: who is in the call.
        gone: who was, and is not any more.
        seconds: how long it lasted, once it is over.
    """

    inside: Participants = field(default_factory=dict)
    gone: Participants = field(default_factory=dict)
    seconds: int | None = None

    def put(self, participant: Participant, session: Session) -> None:
        """Take in what a session says of a participant; later sessions know better."""
        self.inside.pop(participant.participant_id, None)
        self.gone.pop(participant.participant_id, None)
        side = self.inside if participant.inside and session.end is None else self.gone
        side[participant.participant_id] = participant.name


class LiveCards:
    """Follow meetings that VideoSDK reports about.

    Args:
        calls: Slack's.
        videosdk: asked who is in a meeting.
    """

    def __init__(self, calls: Calls, videosdk: VideoSDK) -> None:
        self._calls = calls
        self._videosdk = videosdk
        self._followed: dict[str, asyncio.Task[None]] = {}
        self._news: set[str] = set()

    def notice(self, meeting_id: str, call_id: str) -> None:
        """Bring the cards of a meeting up to date, soon and as often as needed.

        Args:
            meeting_id: VideoSDK's id.
            call_id: the call that its room was made for; people without another belong to it.
        """
        self._news.add(meeting_id)
        if meeting_id not in self._followed:
            task = asyncio.create_task(self._follow(meeting_id, call_id))
            self._followed[meeting_id] = task
            task.add_done_callback(lambda _: self._followed.pop(meeting_id))

    async def close(self, meeting_id: str, call_id: str) -> None:
        """Show a meeting as over that was ended for everyone.

        VideoSDK will report it, with its length; a meeting that nobody ever joined has nothing to
        report.
        """
        try:
            sessions = await self._videosdk.sessions(meeting_id)
        except VideoSDKError:
            return
        if call_id not in read_states(sessions, call_id):
            await self._calls.end(call_id, 0)

    async def drain(self, seconds: float) -> None:
        """Let what is being brought up to date be finished, at most so long."""
        if self._followed:
            await asyncio.wait(set(self._followed.values()), timeout=seconds)

    async def _follow(self, meeting_id: str, call_id: str) -> None:
        """Look and match until two looks in a row saw the same and no news came between."""
        shown: dict[str, CallState] | None = None
        failures, pause = 0, FIRST_PAUSE
        while failures < _TRIES:
            self._news.discard(meeting_id)
            try:
                sessions = await self._videosdk.sessions(meeting_id)
            except VideoSDKError:
                failures += 1
            else:
                states = read_states(sessions, call_id)
                if states == shown and meeting_id not in self._news:
                    return
                await self._match(states, shown or {})
                shown, failures = states, 0
            await asyncio.sleep(pause)
            pause = min(2 * pause, PAUSE)
        LOG.error("cards left behind: VideoSDK does not say who is in a meeting")

    async def _match(self, states: dict[str, CallState], shown: dict[str, CallState]) -> None:
        for call_id, state in states.items():
            before = shown.get(call_id)
            if state == before:
                continue
            await self._calls.remove_people(call_id, state.gone)
            await self._calls.add_people(call_id, state.inside)
            if state.seconds is not None:
                await self._calls.end(call_id, state.seconds)


def read_states(sessions: Sequence[Session], call_id: str) -> dict[str, CallState]:
    """Return what each call's card has to show, by the call's id.

    Args:
        sessions: of one meeting, newest first.
        call_id: the call of those whose participant id names none.
    """
    states: dict[str, CallState] = {}
    for session in reversed(sessions[:_RECENT]):
        present = {call_id} if not session.participants else set()
        for participant in session.participants:
            named = _CALL_ID.fullmatch(participant.participant_id)
            call = named["call"] if named else call_id
            present.add(call)
            states.setdefault(call, CallState()).put(participant, session)
        for call in present:
            states.setdefault(call, CallState()).seconds = _length(session)
    return states


def _length(session: Session) -> int | None:
    return max(0, round((session.end - session.start).total_seconds())) if session.end else None

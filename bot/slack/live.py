"""Make live cards say what is true: who is in a meeting, and when it is over.

A webhook only says that something has happened; it may be doubled, late, out of order or lost. So
whatever comes, VideoSDK is asked who is in the meeting, and Slack is made to match. Nothing is kept
that another process, or this one after a restart, would need.
"""

import asyncio
import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape

from bot.metrics import UNCOUNTED, Metrics
from bot.slack.calls import Call, Calls, CallsUnavailableError, Participants
from bot.slack.workspaces import Workspace
from bot.videosdk import Participant, Session, VideoSDK, VideoSDKError

LOG = logging.getLogger(__name__)

FIRST_PAUSE = 0.2  # seconds between the first two looks at a meeting; it doubles
PAUSE = 1.6  # seconds, at most: Slack takes 50 calls a minute of each kind
TRIES = 10  # failures in a row, before the next webhook has to bring it up again
_FAILURE_PAUSE = 10.0  # seconds, at most, after a failure: these tries last a minute
_RECENT = 2  # sessions of a meeting that are looked at: this one, and one whose end went unheard
_NAMELESS = "Guest"  # Slack wants a name
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

    def put(self, participant: Participant, *, inside: bool) -> None:
        """Take in what a session says of a participant; later sessions know better."""
        self.inside.pop(participant.participant_id, None)
        self.gone.pop(participant.participant_id, None)
        side = self.inside if inside else self.gone
        side[participant.participant_id] = participant.name or _NAMELESS


class LiveCards:
    """Follow meetings that VideoSDK reports about.

    Args:
        calls: Slack's.
        videosdk: asked who is in a meeting.
        metrics: count cards that were brought up to date.
        first_pause: seconds between the first two looks.
        tries: failures in a row until a meeting is left alone.
    """

    def __init__(
        self,
        calls: Calls,
        videosdk: VideoSDK,
        *,
        metrics: Metrics = UNCOUNTED,
        first_pause: float = FIRST_PAUSE,
        tries: int = TRIES,
    ) -> None:
        self._calls = calls
        self._videosdk = videosdk
        self._metrics = metrics
        self._first_pause = first_pause
        self._tries = tries
        self._followed: dict[str, asyncio.Task[None]] = {}
        self._news: set[str] = set()
        self._draining = asyncio.Event()

    def notice(self, meeting_id: str, call: Call) -> None:
        """Bring the cards of a meeting up to date, soon and as often as needed.

        Args:
            meeting_id: VideoSDK's id.
            call: the one that its room was made for; see `read_states`.
        """
        self._news.add(meeting_id)
        if meeting_id not in self._followed:
            task = asyncio.create_task(self._follow(meeting_id, call))
            self._followed[meeting_id] = task

    async def close(self, meeting_id: str, call: Call) -> None:
        """Show a meeting as over that was ended for everyone.

        VideoSDK says when and how long it was, soon if not at once; of a meeting that nobody ever
        joined it has nothing to say.
        """
        self.notice(meeting_id, call)
        with suppress(VideoSDKError, CallsUnavailableError):
            sessions = await self._videosdk.sessions(meeting_id)
            if call.call_id not in read_states(sessions, call.call_id):
                await self._calls.end(call, 0)

    async def drain(self, seconds: float) -> None:
        """Bring to an end what is being brought up to date; after so many seconds, give it up."""
        self._draining.set()
        end = asyncio.get_running_loop().time() + seconds
        with suppress(TimeoutError):
            async with asyncio.timeout_at(end):
                while self._followed:
                    await asyncio.wait(self._followed.values())
        late = list(self._followed.values())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _follow(self, meeting_id: str, call: Call) -> None:
        try:
            await self._keep_up(meeting_id, call)
        finally:
            # At once with the last look at the news: what comes from now on is followed anew.
            self._news.discard(meeting_id)
            del self._followed[meeting_id]

    async def _keep_up(self, meeting_id: str, call: Call) -> None:
        """Look and match until a look sees what the one before it did, and no news came between.

        The last look is not before the pauses have grown: a listing may be behind its webhooks.
        """
        shown: dict[str, CallState] | None = None
        failures, pause, cause = 0, self._first_pause, ""
        while failures < (1 if self._draining.is_set() else self._tries):
            self._news.discard(meeting_id)
            try:
                states = read_states(await self._videosdk.sessions(meeting_id), call.call_id)
                at_rest = states == shown and meeting_id not in self._news
                if at_rest and (pause >= PAUSE or self._draining.is_set()):
                    return
                await self._match(call.workspace, states, shown or {})
            except (VideoSDKError, CallsUnavailableError) as error:
                shown, failures, cause = None, failures + 1, f"{type(error).__name__}: {error}"
                self._metrics.card_updated(type(error).__name__)
            else:
                shown, failures = states, 0
            await self._wait(pause)
            pause = min(2 * pause, _FAILURE_PAUSE if failures else PAUSE)
        LOG.error("live cards left behind", extra={"cause": cause})

    async def _wait(self, seconds: float) -> None:
        """Wait, but not while the bot is stopping."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._draining.wait()

    async def _match(
        self, workspace: Workspace, states: dict[str, CallState], shown: dict[str, CallState]
    ) -> None:
        for call_id, state in states.items():
            if state != shown.get(call_id):
                await self._show(Call(workspace, call_id), state)
                self._metrics.card_updated("done")

    async def _show(self, call: Call, state: CallState) -> None:
        """Make a card match; Slack minds who is added that is there, or removed that is not."""
        people = await self._calls.people(call)
        on_card = state.gone if people is None else people
        stay = {key for key, name in state.inside.items() if _same(on_card.get(key), name)}
        await self._calls.remove_people(call, [key for key in on_card if key not in stay])
        coming = {key: name for key, name in state.inside.items() if key not in stay}
        await self._calls.add_people(call, coming)
        if state.seconds is not None:
            await self._calls.end(call, state.seconds)


def read_states(sessions: Sequence[Session], call_id: str) -> dict[str, CallState]:
    """Return what each call's card has to show, by the call's id.

    Args:
        sessions: of one meeting, newest first.
        call_id: the call that its room was made for. People whose participant id names no call
            belong to it, or to that of those who they are with: a standing room outlives its call.
    """
    states: dict[str, CallState] = {}
    for session in reversed(sessions[:_RECENT]):
        end = session.end or (None if session is sessions[0] else sessions[0].start)
        cards = _cards(session, call_id)
        for participant, call in zip(session.participants, cards, strict=True):
            inside = participant.inside and end is None
            states.setdefault(call, CallState()).put(participant, inside=inside)
        for call in set(cards) or {call_id}:
            states.setdefault(call, CallState()).seconds = _length(session.start, end)
    return states


def _cards(session: Session, call_id: str) -> list[str]:
    """Return whose card each participant of a session is on."""
    found = [_CALL_ID.fullmatch(participant.participant_id) for participant in session.participants]
    named = [match["call"] for match in found if match]
    others = call_id if call_id in named or not named else named[-1]
    return [match["call"] if match else others for match in found]


def _length(start: datetime, end: datetime | None) -> int | None:
    return max(0, round((end - start).total_seconds())) if end else None


def _same(shown: str | None, name: str) -> bool:
    """Tell whether a card shows this name; Slack writes an ampersand as `&amp;`."""
    return shown is not None and unescape(shown) == unescape(name)

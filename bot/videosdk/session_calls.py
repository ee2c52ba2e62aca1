"""The client's calls about sessions.

A session's entry takes 0.6 to 3.4 kB for each participant, so even a few can exceed the limit of a
reply. https://docs.videosdk.live lists the newest first.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from bot.videosdk.account_calls import AccountCalls
from bot.videosdk.errors import VideoSDKTooLargeError
from bot.videosdk.models import Session
from bot.videosdk.parsing import read_sessions


class SessionCalls(AccountCalls):
    """The part of the client that lists sessions."""

    async def sessions(
        self, meeting_id: str, *, most: int = 3, deadline: float | None = None
    ) -> list[Session]:
        """Return a meeting's newest sessions, newest first.

        A session without an end is over once the meeting has a newer one, and is returned with
        that one's start as its end. If the sessions together exceed 1 MiB, only the newest is
        returned.

        Args:
            meeting_id: VideoSDK's ID; on version 2 also an ID of your own.
            most: how many sessions to return at most.
            deadline: seconds for the whole call; None takes the client's own.

        Raises:
            VideoSDKError: the sessions could not be read.
        """
        seconds = self._deadline if deadline is None else deadline
        end = asyncio.get_running_loop().time() + seconds
        try:
            payload, _ = await self._ask(self._dialect.sessions(meeting_id, most), end)
        except VideoSDKTooLargeError:
            if most == 1:
                raise
            payload, _ = await self._ask(self._dialect.sessions(meeting_id, 1), end)
        return newest_first(self._dialect.read_sessions(payload, meeting_id))[:most]

    async def recent_sessions(self, *, most: int = 20) -> list[Session]:
        """Return the account's newest sessions of any meeting, newest first.

        As in `sessions`, a session without an end is over once its meeting has a newer one. If the
        sessions together exceed 1 MiB, they are read one by one, and any that exceeds it is left
        out.

        Args:
            most: how many sessions to return at most.

        Raises:
            VideoSDKError: the sessions could not be read.
        """
        end = self._end()
        try:
            payload, _ = await self._ask(self._dialect.recent_sessions(most), end)
            found = read_sessions(payload)
        except VideoSDKTooLargeError:
            found = await self._one_by_one(most, end)
        return newest_first([session for session in found if session.meeting_id])[:most]

    async def _one_by_one(self, most: int, end: float) -> list[Session]:
        """Read the newest sessions one by one, skipping oversized ones."""
        found: list[Session] = []
        for page in range(1, most + 1):
            try:
                payload, _ = await self._ask(self._dialect.recent_sessions(1, page), end)
            except VideoSDKTooLargeError:
                continue
            found += read_sessions(payload)
            if not payload["data"]:
                break
        return found


def newest_first(sessions: Iterable[Session]) -> list[Session]:
    """Return each session once, newest first.

    A session without an end is over once its room has a newer one: it gets the newer one's start
    as its end.

    Args:
        sessions: as listed. Of two with the same start, the first is the newer.
    """
    # Pages shift when a session starts, so a listing read page by page may repeat one.
    unique = {session.session_id or str(n): session for n, session in enumerate(sessions)}
    newer: dict[str, datetime] = {}
    found = []
    for session in sorted(unique.values(), key=attrgetter("start"), reverse=True):
        end = session.end or newer.get(session.meeting_id)
        found.append(_ended(session, end) if end and session.is_running else session)
        newer[session.meeting_id] = session.start
    return found


def _ended(session: Session, end: datetime) -> Session:
    gone = tuple(replace(participant, inside=False) for participant in session.participants)
    return replace(session, end=end, participants=gone)

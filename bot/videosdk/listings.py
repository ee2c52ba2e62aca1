"""Listings of sessions, newest first.

A session's entry takes 0.6 to 3.4 kB for each participant, so even a few can exceed the limit of a
reply. https://docs.videosdk.live lists the newest first.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from bot.videosdk.connection import Connection
from bot.videosdk.dialects import Dialect
from bot.videosdk.errors import VideoSDKTooLargeError
from bot.videosdk.models import Session
from bot.videosdk.parsing import read_entries, read_sessions_in


class Listings:
    """Read an account's sessions.

    Args:
        connection: the connection to the account.
        dialect: the version of the API.
    """

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        self._ask = connection.ask
        self._dialect = dialect

    async def of_meeting(self, meeting_id: str, most: int, end: float) -> list[Session]:
        """Return a meeting's newest sessions; only the newest if several exceed a reply's limit.

        Args:
            meeting_id: VideoSDK's ID; on version 2 also the creator's own.
            most: how many sessions to ask for.
            end: the event loop's time at which the call times out.

        Raises:
            VideoSDKError: the sessions could not be read.
        """
        try:
            payload, _ = await self._ask(self._dialect.sessions(meeting_id, most), end)
        except VideoSDKTooLargeError:
            if most == 1:
                raise
            payload, _ = await self._ask(self._dialect.sessions(meeting_id, 1), end)
        return newest_first(self._dialect.read_sessions(payload, meeting_id))[:most]

    async def recent(self, most: int, end: float) -> list[Session]:
        """Return the account's newest sessions, whichever room they are in.

        Args:
            most: how many sessions to ask for.
            end: the event loop's time at which the call times out.

        Raises:
            VideoSDKError: the sessions could not be read.
        """
        try:
            payload, _ = await self._ask(self._dialect.recent_sessions(most), end)
            entries = read_entries(payload)
        except VideoSDKTooLargeError:
            entries = await self._one_by_one(most, end)
        found = [session for session in read_sessions_in(entries) if session.meeting_id]
        return newest_first(found)[:most]

    async def _one_by_one(self, most: int, end: float) -> list[dict[str, Any]]:
        """Read the newest sessions one by one, skipping oversized ones."""
        found: list[dict[str, Any]] = []
        for page in range(1, most + 1):
            try:
                payload, _ = await self._ask(self._dialect.recent_sessions(1, page), end)
            except VideoSDKTooLargeError:
                continue
            entries = read_entries(payload)
            if not entries:
                break
            found += entries
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

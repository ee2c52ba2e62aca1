"""Checks of lists of sessions, in either version of VideoSDK's API."""

from collections.abc import Mapping
from typing import Any

from bot.assumptions.account import Account
from bot.assumptions.answers import NotTriedError
from bot.assumptions.target import Target

Entry = Mapping[str, Any]


async def entries(target: Target) -> str:
    """Check the fields of the account's newest sessions."""
    for session in await _newest(target.videosdk):
        if not all(isinstance(session.get(name), str) for name in ("id", "start")):
            return "a session without id or start"
        if not _room(session):
            return "a session without its room"
        people = session.get("participants")
        if not isinstance(people, list) or not all(map(_is_participant, people)):
            return "a session without its participants"
    return "sessions"


async def order(target: Target) -> str:
    """Compare the start times of the first two sessions listed."""
    first, second = await _first_two(target.videosdk)
    is_newer = str(first.get("start")) >= str(second.get("start"))
    return "newest first" if is_newer else "oldest first"


async def pages(target: Target) -> str:
    """Read the first two sessions, one per page."""
    two = [session.get("id") for session in await _first_two(target.videosdk)]
    read = [await _list(target.videosdk, perPage="1", page=page) for page in ("1", "2")]
    as_pages = [[session.get("id") for session in page] for page in read]
    return "one on each page" if as_pages == [[key] for key in two] else "other pages"


async def of_room(target: Target) -> str:
    """List the room's sessions by VideoSDK's ID."""
    name = "roomId" if target.videosdk.version == "v2" else "meetingId"
    return await _list_room(target.videosdk, **{name: target.videosdk.room})


async def of_own_id(target: Target) -> str:
    """List the room's sessions by our own ID."""
    return await _list_room(target.videosdk, customRoomId=target.videosdk.own_id)


async def _list_room(videosdk: Account, **by: str) -> str:
    await _newest(videosdk)
    sessions = await _list(videosdk, **by)
    others = [session for session in sessions if _room(session) not in videosdk.rooms]
    return "other rooms' sessions" if others else "only the room's sessions"


async def _first_two(videosdk: Account) -> list[Entry]:
    """Return the first two sessions listed."""
    sessions = await _newest(videosdk)
    if len(sessions) < 2:  # noqa: PLR2004 - two, as the name says
        raise NotTriedError("the account has had one session: hold another and try again")
    return sessions


async def _newest(videosdk: Account) -> list[Entry]:
    """Return the first sessions listed, at most two."""
    sessions = await _list(videosdk, perPage="2")
    if not sessions:
        raise NotTriedError("the account has had no session: hold two and try again")
    return sessions[:2]


async def _list(videosdk: Account, **params: str) -> list[Entry]:
    answer = await videosdk.get(videosdk.sessions, **{"page": "1", "perPage": "1"} | params)
    found = answer.at("data")
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise NotTriedError(f"there is no listing (status {answer.status})")
    return found


def _room(session: Entry) -> Any:
    return session.get("roomId") or session.get("meetingId")


def _is_participant(entry: Any) -> bool:
    match entry:
        case {"participantId": str(), "timelog": [*visits]}:
            return all(isinstance(visit, dict) and "start" in visit for visit in visits)
    return False

"""Speak version 2 of VideoSDK's REST API, where a meeting is a room with the same id.

Source: https://docs.videosdk.live, "API reference", Rooms and Sessions.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from bot.videosdk.errors import VideoSDKError
from bot.videosdk.models import Session
from bot.videosdk.records import last_page, read_entries, read_meeting, read_sessions_in
from bot.videosdk.webhooks import EVENTS
from bot.videosdk.wire import Request

__all__ = [
    "CAN_END",
    "CAN_NOTIFY",
    "CREATES_ONCE",
    "OWN_ID",
    "REGION",
    "TOKEN_CLAIMS",
    "create",
    "create_instead",
    "deactivate",
    "end",
    "last_page",
    "read_meeting",
    "read_sessions",
    "sessions",
    "validate",
    "validate_instead",
]

CAN_END = True
CAN_NOTIFY = True
CREATES_ONCE = True  # "Reusing a customRoomId returns the existing room"
OWN_ID = "customRoomId"
REGION = "geoFence"
TOKEN_CLAIMS: Mapping[str, object] = {"version": 2, "roles": ["crawler"]}

SESSIONS_PER_PAGE = 20  # a hundred people in each fill less than a reply may have
_ROOM_ID = re.compile(r"[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}")
_NO_GEO_FENCING = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.PAYMENT_REQUIRED,
    HTTPStatus.FORBIDDEN,
}


def create(
    region: str | None, user_meeting_id: str | None, webhook_url: str | None = None
) -> Request:
    """Ask for a room, or for the one that has this id; a field without a value is left out."""
    webhook = {"endPoint": webhook_url, "events": list(EVENTS)} if webhook_url else None
    fields = {OWN_ID: user_meeting_id, REGION: region, "webhook": webhook}
    return Request("POST", "/v2/rooms", json={k: v for k, v in fields.items() if v})


def create_instead(asked: Request, error: VideoSDKError) -> Request | None:
    """Ask without a region where that may be what was refused: not every plan has geo-fencing."""
    fields = dict(asked.json or {})
    if not fields.pop(REGION, None) or error.status not in _NO_GEO_FENCING:
        return None
    return replace(asked, json=fields)


def validate(meeting_id: str) -> Request:
    """Ask whether a room exists, by either of its ids."""
    return Request("GET", f"/v2/rooms/validate/{quote(meeting_id, safe='')}")


def validate_instead(_asked: Request, _error: VideoSDKError) -> None:
    """Ask nothing else: there is one verb."""


def sessions(meeting_id: str, page: int = 1) -> Request:
    """Ask for a page of a room's sessions, by either of its ids."""
    by = "roomId" if _ROOM_ID.fullmatch(meeting_id) else OWN_ID
    params = {by: meeting_id, "page": str(page), "perPage": str(SESSIONS_PER_PAGE)}
    return Request("GET", "/v2/sessions/", params=params)


def read_sessions(payload: Mapping[str, Any], meeting_id: str) -> list[Session]:
    """Return the sessions of this room on one page, whatever else stands there.

    A listing need not repeat the customRoomId by which it was asked for. Where it does not, its
    sessions are taken if they are all of one room.

    Raises:
        VideoSDKBadReplyError: it is not a page of sessions.
    """
    entries = read_entries(payload)
    if _ROOM_ID.fullmatch(meeting_id):
        return read_sessions_in(s for s in entries if _room(s) == meeting_id)
    ours = [s for s in entries if s.get(OWN_ID) in (None, meeting_id)]
    one_room = len({str(_room(s)) for s in ours}) == 1
    return read_sessions_in(s for s in ours if one_room or s.get(OWN_ID))


def end(meeting_id: str) -> Request:
    """Ask to end the running session for everybody."""
    return Request("POST", "/v2/sessions/end", json={"roomId": meeting_id})


def deactivate(meeting_id: str) -> Request:
    """Ask to close the room for good; only VideoSDK's own id is taken."""
    return Request("POST", "/v2/rooms/deactivate", json={"roomId": meeting_id})


def _room(entry: Mapping[str, Any]) -> object:
    return entry.get("roomId") or entry.get("meetingId")

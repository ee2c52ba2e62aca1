"""Version 2 of VideoSDK's REST API, which calls a meeting a room; the IDs are the same.

Source: https://docs.videosdk.live, "API reference", Rooms and Sessions.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from bot.videosdk import parsing
from bot.videosdk.errors import VideoSDKError
from bot.videosdk.models import Session
from bot.videosdk.parsing import read_meeting
from bot.videosdk.webhooks import EVENTS
from bot.videosdk.wire import NO_MEETING, NO_SESSIONS, NOTHING_TO_END, Request

__all__ = [
    "CAN_CLOSE",
    "CAN_NOTIFY",
    "CAN_TRANSCRIBE",
    "CREATES_ONCE",
    "ENDS_BY_SESSION",
    "OWN_ID",
    "REGION",
    "TOKEN_CLAIMS",
    "create",
    "create_instead",
    "deactivate",
    "end",
    "read_meeting",
    "read_sessions",
    "recent_sessions",
    "sessions",
    "validate",
    "validate_instead",
]

CAN_CLOSE = True
CAN_NOTIFY = True
CAN_TRANSCRIBE = True
CREATES_ONCE = True  # "Reusing a customRoomId returns the existing room"
ENDS_BY_SESSION = False
OWN_ID = "customRoomId"
REGION = "geoFence"
TOKEN_CLAIMS: Mapping[str, object] = {"version": 2, "roles": ["crawler"]}

_ROOM_ID = re.compile(r"[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}")
_NO_GEO_FENCING = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.PAYMENT_REQUIRED,
    HTTPStatus.FORBIDDEN,
}


def create(
    region: str | None, user_meeting_id: str | None, webhook_url: str | None = None
) -> Request:
    """Create a room, or get the one with this ID; a field without a value is left out."""
    webhook = {"endPoint": webhook_url, "events": list(EVENTS)} if webhook_url else None
    fields = {OWN_ID: user_meeting_id, REGION: region, "webhook": webhook}
    json = {k: v for k, v in fields.items() if v}
    return Request("POST", "/v2/rooms", json=json, expected=_NO_GEO_FENCING if region else ())


def create_instead(asked: Request, error: VideoSDKError) -> Request | None:
    """Leave out a region that may have been rejected: not every plan has geo-fencing."""
    fields = dict(asked.json or {})
    if not fields.pop(REGION, None) or error.status not in _NO_GEO_FENCING:
        return None
    return replace(asked, json=fields, expected=())


def validate(meeting_id: str) -> Request:
    """Look up a room by either of its IDs."""
    path = f"/v2/rooms/validate/{quote(meeting_id, safe='')}"
    return Request("GET", path, expected=NO_MEETING, route="/v2/rooms/validate/{id}")


def validate_instead(_asked: Request, _error: VideoSDKError) -> None:
    """Return None: there is only one verb."""


def sessions(meeting_id: str, most: int) -> Request:
    """List a room's newest sessions, by either of its IDs."""
    by = "roomId" if _ROOM_ID.fullmatch(meeting_id) else OWN_ID
    params = {by: meeting_id, "page": "1", "perPage": str(most)}
    return Request("GET", "/v2/sessions/", params=params, expected=NO_SESSIONS)


def recent_sessions(most: int, page: int = 1) -> Request:
    """List the account's newest sessions."""
    params = {"page": str(page), "perPage": str(most)}
    return Request("GET", "/v2/sessions/", params=params)


def read_sessions(payload: Mapping[str, Any], meeting_id: str) -> list[Session]:
    """Parse a page of sessions, and keep this room's.

    A listing by customRoomId need not repeat that ID in its entries. Entries without it are kept
    if all of them are of one room.

    Raises:
        VideoSDKBadReplyError: the payload is not a page of sessions.
    """
    found = parsing.read_sessions(payload)
    if _ROOM_ID.fullmatch(meeting_id):
        return [session for session in found if session.meeting_id == meeting_id]
    ours = [session for session in found if session.user_meeting_id in (None, meeting_id)]
    one_room = len({session.meeting_id for session in ours}) == 1
    return [session for session in ours if one_room or session.user_meeting_id]


def end(room_id: str) -> Request:
    """End a room's running session for everyone."""
    json = {"roomId": room_id}
    return Request("POST", "/v2/sessions/end", json=json, needs_body=False, expected=NOTHING_TO_END)


def deactivate(meeting_id: str) -> Request:
    """Close a room for good; only VideoSDK's own ID is accepted."""
    return Request("POST", "/v2/rooms/deactivate", json={"roomId": meeting_id}, needs_body=False)

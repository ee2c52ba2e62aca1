"""Version 1 of VideoSDK's REST API: its requests, and how to read its replies.

Source: https://docs.videosdk.live, "Create Meeting using API". Its samples disagree on the verbs:
creating is always POST here (GET lists meetings); validating is POST, with GET as the second try.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import quote

from bot.videosdk import parsing
from bot.videosdk.errors import VideoSDKError, VideoSDKRefusedError
from bot.videosdk.models import Session
from bot.videosdk.parsing import read_meeting
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

CAN_CLOSE = False
CAN_NOTIFY = False
CAN_TRANSCRIBE = False
CREATES_ONCE = False  # what it does with a known ID is undocumented
ENDS_BY_SESSION = True
OWN_ID = "userMeetingId"
REGION = "region"
TOKEN_CLAIMS: Mapping[str, object] = {}

_ID_TAKEN = {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT}
_WRONG_VERB = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}


def create(
    region: str | None,
    user_meeting_id: str | None,
    webhook_url: str | None = None,  # noqa: ARG001 - this version sends no webhooks
) -> Request:
    """Create a meeting; a field without a value is left out, so that the API picks one."""
    fields = {REGION: region, OWN_ID: user_meeting_id}
    json = {k: v for k, v in fields.items() if v}
    return Request("POST", "/v1/meetings", json=json, expected=_ID_TAKEN if OWN_ID in json else ())


def create_instead(asked: Request, error: VideoSDKError) -> Request | None:
    """Add a fresh suffix to a rejected ID, since a taken one may be rejected (undocumented)."""
    fields = dict(asked.json or {})
    if not (isinstance(error, VideoSDKRefusedError) and error.status in _ID_TAKEN):
        return None
    if OWN_ID not in fields:
        return None
    fields[OWN_ID] += f"-{secrets.token_hex(2)}"
    return replace(asked, json=fields, expected=())


def validate(meeting_id: str, method: str = "POST") -> Request:
    """Look up a meeting."""
    path = f"/v1/meetings/{quote(meeting_id, safe='')}"
    route = "/v1/meetings/{id}"
    return Request(method, path, expected=NO_MEETING | _WRONG_VERB, route=route)


def validate_instead(asked: Request, error: VideoSDKError) -> Request | None:
    """Use the other verb if the first one was wrong."""
    return replace(asked, method="GET") if error.status in _WRONG_VERB else None


def sessions(meeting_id: str, most: int) -> Request:
    """List a meeting's newest sessions."""
    params = {"meetingId": meeting_id, "page": "1", "perPage": str(most)}
    return Request("GET", "/v1/meeting-sessions", params=params, expected=NO_SESSIONS)


def recent_sessions(most: int, page: int = 1) -> Request:
    """List the account's newest sessions."""
    params = {"page": str(page), "perPage": str(most)}
    return Request("GET", "/v1/meeting-sessions", params=params)


def read_sessions(payload: Mapping[str, Any], meeting_id: str) -> list[Session]:
    """Parse a page of sessions, and keep this meeting's.

    Raises:
        VideoSDKBadReplyError: the payload is not a page of sessions.
    """
    found = parsing.read_sessions(payload)
    return [session for session in found if session.meeting_id == meeting_id]


def end(session_id: str) -> Request:
    """End a session for everyone."""
    path = f"/v1/meeting-sessions/{quote(session_id, safe='')}/end"
    route = "/v1/meeting-sessions/{id}/end"
    return Request("POST", path, needs_body=False, expected=NOTHING_TO_END, route=route)


def deactivate(meeting_id: str) -> NoReturn:
    """Raise NotImplementedError: version 1 closes no meetings."""
    raise NotImplementedError(f"version 1 does not deactivate meetings: {meeting_id}")

"""Speak version 1 of VideoSDK's REST API: what to ask, and how to read the answers.

Source: https://docs.videosdk.live, "Create Meeting using API". Its samples disagree on the verbs:
creating is always POST here (a GET lists meetings), validating is POST with GET as the second try.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import quote

from bot.videosdk.errors import VideoSDKError, VideoSDKRefusedError
from bot.videosdk.models import Session
from bot.videosdk.records import last_page, read_entries, read_meeting, read_sessions_in
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

CAN_END = False
CAN_NOTIFY = False
CREATES_ONCE = False  # what it does with an id that is taken is undocumented
OWN_ID = "userMeetingId"
REGION = "region"
TOKEN_CLAIMS: Mapping[str, object] = {}

SESSIONS_PER_PAGE = 50
_ID_TAKEN = {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT}
_WRONG_VERB = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}


def create(
    region: str | None,
    user_meeting_id: str | None,
    webhook_url: str | None = None,  # noqa: ARG001 - this version sends no webhooks
) -> Request:
    """Ask for a new meeting; a field without a value is left out, so that the API picks."""
    fields = {REGION: region, OWN_ID: user_meeting_id}
    return Request("POST", "/v1/meetings", json={k: v for k, v in fields.items() if v})


def create_instead(asked: Request, error: VideoSDKError) -> Request | None:
    """Ask with a fresh suffix where the id was refused, as a taken one may be (undocumented)."""
    fields = dict(asked.json or {})
    if not (isinstance(error, VideoSDKRefusedError) and error.status in _ID_TAKEN):
        return None
    if OWN_ID not in fields:
        return None
    return replace(asked, json=fields | {OWN_ID: f"{fields[OWN_ID]}-{secrets.token_hex(2)}"})


def validate(meeting_id: str, method: str = "POST") -> Request:
    """Ask whether a meeting exists."""
    return Request(method, f"/v1/meetings/{quote(meeting_id, safe='')}")


def validate_instead(asked: Request, error: VideoSDKError) -> Request | None:
    """Ask by the other verb where this one was wrong."""
    return replace(asked, method="GET") if error.status in _WRONG_VERB else None


def sessions(meeting_id: str, page: int = 1) -> Request:
    """Ask for a page of a meeting's sessions."""
    params = {"meetingId": meeting_id, "page": str(page), "perPage": str(SESSIONS_PER_PAGE)}
    return Request("GET", "/v1/meeting-sessions", params=params)


def read_sessions(payload: Mapping[str, Any], meeting_id: str) -> list[Session]:
    """Return the sessions of this meeting on one page, whatever else stands there.

    Raises:
        VideoSDKBadReplyError: it is not a page of sessions.
    """
    return read_sessions_in(s for s in read_entries(payload) if s.get("meetingId") == meeting_id)


def end(meeting_id: str) -> NoReturn:
    """Tell that this version cannot: CAN_END."""
    raise NotImplementedError(f"version 1 ends no session for everybody: {meeting_id}")


def deactivate(meeting_id: str) -> NoReturn:
    """Tell that this version cannot: CAN_END."""
    raise NotImplementedError(f"version 1 deactivates no meeting: {meeting_id}")

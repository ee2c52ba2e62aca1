"""Speak version 1 of VideoSDK's REST API: what to ask, and how to read the answers.

Source: https://docs.videosdk.live, "Create Meeting using API". Its samples disagree on the verbs:
creating is always POST here (a GET lists meetings), validating is POST with GET as the second try.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bot.videosdk.errors import VideoSDKBadReplyError
from bot.videosdk.models import Meeting, Session
from bot.videosdk.wire import Request

_ID = re.compile(r"[\w.-]{1,128}", re.ASCII)  # VideoSDK's own are 4-4-4; a creator's may differ
_CODE = re.compile(r"[a-z0-9-]{1,32}")
NOT_IN_A_PATH = {"", ".", ".."}  # as part of an address, these lead to another: to creating
SESSIONS_PER_PAGE = 50


def create(region: str | None, user_meeting_id: str | None) -> Request:
    """Ask for a new meeting; a field without a value is left out, so that the API picks."""
    fields = {"region": region, "userMeetingId": user_meeting_id}
    return Request("POST", "/v1/meetings", json={k: v for k, v in fields.items() if v})


def validate(meeting_id: str, method: str = "POST") -> Request:
    """Ask whether a meeting exists."""
    return Request(method, f"/v1/meetings/{quote(meeting_id, safe='')}")


def sessions(meeting_id: str, page: int = 1) -> Request:
    """Ask for a page of a meeting's sessions."""
    params = {"meetingId": meeting_id, "page": str(page), "perPage": str(SESSIONS_PER_PAGE)}
    return Request("GET", "/v1/meeting-sessions", params=params)


def read_meeting(payload: Mapping[str, Any]) -> Meeting:
    """Return the meeting that a reply describes.

    Raises:
        VideoSDKBadReplyError: there is no meeting in it, as when a listing comes back instead.
    """
    meeting_id = payload.get("meetingId") or payload.get("roomId")
    if not isinstance(meeting_id, str) or not _ID.fullmatch(meeting_id):
        raise VideoSDKBadReplyError("an answer without a meetingId")
    own_id = payload.get("userMeetingId") or payload.get("customRoomId")
    region = payload.get("region")
    return Meeting(
        meeting_id=meeting_id,
        user_meeting_id=own_id if isinstance(own_id, str) and _ID.fullmatch(own_id) else None,
        region=region if isinstance(region, str) and _CODE.fullmatch(region) else None,
        created_at=_time(payload.get("createdAt")),
        disabled=payload.get("disabled") is True,
    )


def read_sessions(payload: Mapping[str, Any], meeting_id: str) -> list[Session]:
    """Return the sessions of this meeting on one page, whatever else stands there.

    Raises:
        VideoSDKBadReplyError: it is not a page of sessions.
    """
    data = payload.get("data")
    if not isinstance(data, list):
        raise VideoSDKBadReplyError("an answer without sessions")
    ours = [s for s in data if isinstance(s, dict) and s.get("meetingId") == meeting_id]
    return [session for session in map(_session, ours) if session]


def last_page(payload: Mapping[str, Any]) -> int:
    """Return the number of a listing's last page, 1 if it does not say."""
    info = payload.get("pageInfo")
    page = info.get("lastPage") if isinstance(info, dict) else None
    return page if isinstance(page, int) and page > 0 else 1


def _session(entry: Mapping[str, Any]) -> Session | None:
    start = _time(entry.get("start"))
    people = entry.get("participants")
    inside = sum(map(_is_inside, people)) if isinstance(people, list) else 0
    return Session(start=start, end=_time(entry.get("end")), people=inside) if start else None


def _is_inside(participant: Any) -> bool:
    """Tell whether a participant has come in and not left since."""
    log = participant.get("timelog") if isinstance(participant, dict) else None
    return isinstance(log, list) and any(isinstance(t, dict) and not t.get("end") for t in log)


def _time(value: Any) -> datetime | None:
    """Read `2022-01-05T06:41:16.018Z` and `…+00:00`; both occur."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None

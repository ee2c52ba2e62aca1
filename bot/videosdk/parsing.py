"""Parsers of meetings and sessions, which both versions of the API describe almost alike."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.videosdk.errors import VideoSDKBadReplyError
from bot.videosdk.models import Meeting, Participant, Session

_ID = re.compile(r"[\w.-]{1,128}", re.ASCII)  # VideoSDK's own are 4-4-4; a creator's may differ
_CODE = re.compile(r"[a-z0-9-]{1,32}")


def read_meeting(payload: Mapping[str, Any]) -> Meeting:
    """Parse a reply into a meeting.

    Some replies of version 2 use the names of version 1, so either are read.

    Raises:
        VideoSDKBadReplyError: the reply describes no meeting, for example because it is a listing.
    """
    meeting_id = find_meeting_id(payload)
    if not meeting_id:
        raise VideoSDKBadReplyError("an answer without a meetingId")
    own_id = payload.get("userMeetingId") or payload.get("customRoomId")
    region = payload.get("geoFence") or payload.get("region")
    webhook = payload.get("webhook")
    return Meeting(
        meeting_id=meeting_id,
        user_meeting_id=own_id if isinstance(own_id, str) and _ID.fullmatch(own_id) else None,
        region=region if isinstance(region, str) and _CODE.fullmatch(region) else None,
        created_at=read_time(payload.get("createdAt")),
        disabled=payload.get("disabled") is True,
        webhook_url=text(webhook.get("endPoint")) or None if isinstance(webhook, dict) else None,
    )


def find_meeting_id(payload: Mapping[str, Any]) -> str:
    """Return the ID of the meeting that a payload is about, `` if it names none."""
    meeting_id = payload.get("meetingId") or payload.get("roomId")
    return meeting_id if isinstance(meeting_id, str) and _ID.fullmatch(meeting_id) else ""


def read_sessions(payload: Mapping[str, Any]) -> list[Session]:
    """Parse a page of sessions, skipping those without a start time.

    Raises:
        VideoSDKBadReplyError: the payload is not such a page.
    """
    data = payload.get("data")
    if not isinstance(data, list):
        raise VideoSDKBadReplyError("an answer without sessions")
    found = [_session(entry) for entry in data if isinstance(entry, dict)]
    return [session for session in found if session]


def text(value: Any) -> str:
    """Return a value that is text, `` for anything else."""
    return value if isinstance(value, str) else ""


def _session(entry: Mapping[str, Any]) -> Session | None:
    start = read_time(entry.get("start"))
    if start is None:
        return None
    people, session_id = entry.get("participants"), entry.get("id")
    own_id = entry.get("customRoomId")
    found = [p for p in people if isinstance(p, dict)] if isinstance(people, list) else []
    end = read_time(entry["end"]) if entry.get("end") else None
    if end is None and entry.get("status") == "ended":  # just ended for all: `end` may lag behind
        end = max([start, *_exits(found)])
    return Session(
        start=start,
        end=end,
        participants=_participants(found, end),
        session_id=session_id if isinstance(session_id, str) else "",
        meeting_id=find_meeting_id(entry),
        user_meeting_id=own_id if isinstance(own_id, str) else None,
    )


def _participants(found: list[dict[str, Any]], end: datetime | None) -> tuple[Participant, ...]:
    """Return each participant once; those inside have joined and not left since.

    Public code recognises VideoSDK's recorder by the name `recorder`, or by an ID that begins
    with `RECORDER`.

    Args:
        found: a session's participants.
        end: the session's end, if it has ended.
    """
    participants: dict[str, Participant] = {}
    for one in found:
        participant_id, name = one.get("participantId"), one.get("name")
        if not isinstance(participant_id, str) or not participant_id:
            continue
        earlier = participants.get(participant_id, Participant(participant_id, "", inside=False))
        name = name if isinstance(name, str) and name else earlier.name
        log = one.get("timelog")
        visits = (
            [visit for visit in log if isinstance(visit, dict)] if isinstance(log, list) else []
        )
        stays = [visit for visit in visits if not visit.get("end")]
        is_recorder = name.strip().casefold() == "recorder"
        over = visits if end else [visit for visit in visits if visit.get("end")]
        participants[participant_id] = Participant(
            participant_id,
            name,
            inside=end is None and (bool(stays) or earlier.inside),
            is_recorder=is_recorder or participant_id.startswith("RECORDER"),
            seconds=earlier.seconds + (_seconds(over, end) if over else 0.0),
        )
    return tuple(participants.values())


def _seconds(visits: list[dict[str, Any]], end: datetime | None) -> float:
    """Return how long visits took; one without an end lasts as long as the session."""
    times = [(read_time(one.get("start")), read_time(one.get("end")) or end) for one in visits]
    return sum([max(0.0, (out - into).total_seconds()) for into, out in times if into and out])


def _exits(found: list[dict[str, Any]]) -> list[datetime]:
    logs = [log for one in found if isinstance(log := one.get("timelog"), list)]
    ends = [read_time(visit.get("end")) for log in logs for visit in log if isinstance(visit, dict)]
    return [end for end in ends if end]


def read_time(value: Any) -> datetime | None:
    """Parse `2022-01-05T06:41:16.018Z` or `…+00:00`; both occur."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None

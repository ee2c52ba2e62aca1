"""Requests and replies about transcriptions of a room's running session, and their summaries.

Source: https://docs.videosdk.live/api-reference/realtime-communication/start-realtime-transcription
and the pages after it. Where they differ from the types of npm's @videosdk.live/server-sdk 0.1.1,
both are read.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bot.videosdk.errors import VideoSDKBadReplyError
from bot.videosdk.models import Transcription
from bot.videosdk.parsing import find_meeting_id, read_time, text
from bot.videosdk.wire import NOTHING_TO_END, Request

PAGE = 20  # entries; the listing may ignore which room was asked for

_PATH = "/ai/v1/realtime-transcriptions"
_NEVER = datetime.min.replace(tzinfo=UTC)


def start(room_id: str, webhook_url: str, prompt: str, language: str | None) -> Request:
    """Transcribe a room's running session, and summarise it afterwards."""
    summary = {"enabled": True, "prompt": prompt}
    json = {"roomId": room_id, "webhookUrl": webhook_url, "summary": summary}
    json |= {"language": language} if language else {}
    return Request("POST", f"{_PATH}/start", json=json, needs_body=False, wants_body=True)


def stop(room_id: str) -> Request:
    """End a room's running transcription."""
    json = {"roomId": room_id}
    expected = NOTHING_TO_END
    return Request("POST", f"{_PATH}/end", json=json, needs_body=False, expected=expected)


def listing(room_id: str, session_id: str | None) -> Request:
    """List a room's newest transcriptions."""
    params = {"roomId": room_id, "page": "1", "perPage": str(PAGE)}
    params |= {"sessionId": session_id} if session_id else {}
    return Request("GET", f"{_PATH}/", params=params)


def one(transcription_id: str) -> Request:
    """Get one transcription.

    Raises:
        VideoSDKBadReplyError: the ID would change the path.
    """
    if transcription_id in {"", ".", ".."}:
        raise VideoSDKBadReplyError("a transcription without an ID")
    path = f"{_PATH}/{quote(transcription_id, safe='')}"
    return Request("GET", path, route=f"{_PATH}/{{id}}")


def read_transcriptions(payload: Mapping[str, Any]) -> list[Transcription]:
    """Parse a page of transcriptions, skipping entries without an ID.

    Raises:
        VideoSDKBadReplyError: the payload is not such a page.
    """
    entries = payload.get("transcriptions")
    if not isinstance(entries, list):
        raise VideoSDKBadReplyError("an answer without transcriptions")
    return [
        read_transcription(entry)
        for entry in entries
        if isinstance(entry, dict) and text(entry.get("id"))
    ]


def read_transcription(payload: Mapping[str, Any], room_id: str = "") -> Transcription:
    """Parse one transcription.

    Args:
        payload: as VideoSDK sends it.
        room_id: the room, if the payload names none.

    Raises:
        VideoSDKBadReplyError: it has no ID.
    """
    transcription_id = text(payload.get("id"))
    if not transcription_id:
        raise VideoSDKBadReplyError("an answer without a transcription")
    where = _object(_object(payload, "extension"), "extensionConfig")
    return Transcription(
        id=transcription_id,
        status=text(payload.get("status")).lower(),
        room_id=find_meeting_id(where) or find_meeting_id(payload) or room_id,
        session_id=text(where.get("sessionId")) or text(payload.get("sessionId")),
        started_at=read_time(payload.get("start")),
        ended_at=read_time(payload.get("end")),
        transcript_url=_file(payload, "transcriptionFilePaths"),
        summary_url=_file(payload, "summarizedFilePaths"),
        webhook_url=text(payload.get("webhookUrl")) or None,
    )


def newest_first(found: Iterable[Transcription]) -> list[Transcription]:
    """Sort transcriptions by their start, newest first."""
    return sorted(found, key=lambda each: each.started_at or _NEVER, reverse=True)


def _file(payload: Mapping[str, Any], field: str) -> str | None:
    """Return the URL of a file's plain text, or else of its subtitles."""
    paths = _object(payload, field)
    return text(paths.get("txt")) or text(paths.get("vtt")) or None


def _object(payload: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = payload.get(field)
    return value if isinstance(value, dict) else {}

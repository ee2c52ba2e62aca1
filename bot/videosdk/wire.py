"""Turn what VideoSDK sends back into a value or an error; nothing here touches the network."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from bot.videosdk.errors import (
    VideoSDKBadReplyError,
    VideoSDKBrokenError,
    VideoSDKError,
    VideoSDKForbiddenError,
    VideoSDKPaymentRequiredError,
    VideoSDKRateLimitedError,
    VideoSDKRefusedError,
    VideoSDKUnauthorizedError,
)

MAX_REPLY = 1024 * 1024  # bytes; a meeting is a few hundred
# What the addresses are made of, beside ids.
_PARTS = {
    "",
    "deactivate",
    "end",
    "meeting-sessions",
    "meetings",
    "public",
    "rooms",
    "rsa-public-key",
    "sessions",
    "v1",
    "v2",
    "validate",
}


@dataclass(frozen=True)
class Request:
    """What to send: the path below the endpoint, percent-encoded, and a JSON body if any."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None

    @property
    def operation(self) -> str:
        """What is asked for, without the ids: one of a few, for whoever counts calls."""
        parts = [part if part in _PARTS else "{id}" for part in self.path.split("/")]
        return f"{self.method} {'/'.join(parts)}"


@dataclass(frozen=True)
class Reply:
    """What came back, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


_REFUSALS: Mapping[int, type[VideoSDKRefusedError]] = {
    HTTPStatus.UNAUTHORIZED: VideoSDKUnauthorizedError,
    HTTPStatus.PAYMENT_REQUIRED: VideoSDKPaymentRequiredError,
    HTTPStatus.FORBIDDEN: VideoSDKForbiddenError,
}


def decipher(reply: Reply) -> dict[str, Any]:
    """Return the JSON object of a good reply.

    The status alone decides: VideoSDK's error texts have changed over the years, and bodies may be
    JSON, text or HTML.

    Raises:
        VideoSDKError: for every other reply, of the class that fits its status.
    """
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise VideoSDKBrokenError(_message(reply), status=reply.status)
    if reply.status >= HTTPStatus.BAD_REQUEST:
        raise _refusal(reply)
    if reply.status >= HTTPStatus.MULTIPLE_CHOICES:
        raise VideoSDKBadReplyError("a redirect, which is never followed", status=reply.status)
    payload = read_json(reply.body)
    if not isinstance(payload, dict):
        raise VideoSDKBadReplyError("an answer that is not a JSON object", status=reply.status)
    return payload


def _refusal(reply: Reply) -> VideoSDKError:
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = _retry_after(reply.headers.get("retry-after", ""))
        return VideoSDKRateLimitedError(_message(reply), status=reply.status, retry_after=wait)
    kind = _REFUSALS.get(reply.status, VideoSDKRefusedError)
    return kind(_message(reply), status=reply.status)


def _retry_after(value: str) -> float | None:
    """Read Retry-After in either form of RFC 9110: whole seconds or a date."""
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def read_json(body: bytes) -> Any:
    """Return the body as JSON, or None: a deep nest raises RecursionError, the rest ValueError."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _message(reply: Reply) -> str:
    """Return the server's own words on one line, for the log."""
    said = read_json(reply.body)
    if isinstance(said, dict):
        said = next(
            (said[k] for k in ("message", "error", "msg", "statusMessage") if k in said), ""
        )
    if not isinstance(said, str):
        said = reply.body[:1000].decode("utf-8", "replace")
    printable = "".join(c if c.isprintable() else " " for c in said)
    return " ".join(printable.split())[:200] or f"status {reply.status}"

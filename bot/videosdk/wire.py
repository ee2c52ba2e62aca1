"""Requests, replies and their errors; no network access here."""

import json
from collections.abc import Collection, Mapping
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

# Statuses in the documentation and in practice: no such meeting, nothing running, no sessions.
NO_MEETING = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.NOT_FOUND})
NOTHING_TO_END = NO_MEETING | {HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.CONFLICT}
NO_SESSIONS = NO_MEETING - {HTTPStatus.PAYMENT_REQUIRED}

MAX_REPLY = 1024 * 1024  # bytes; a meeting is a few hundred
# Extensions of an httpx request, for its transport
OPERATION = "videosdk.operation"  # the method and the path without IDs, for metrics
READS_BODY = "videosdk.reads_body"  # whether a successful reply's body is read


@dataclass(frozen=True)
class Request:
    """An API request.

    Attributes:
        method: the HTTP method.
        path: the path below the endpoint, percent-encoded.
        params: the query.
        json: the JSON body, if any.
        needs_body: False if any 2xx reply is a success, whatever its body.
        wants_body: True to read an unneeded body anyway, because it may have details.
        expected: statuses of rejections that are results for the caller, not failures.
        route: the path with `{id}` in place of an ID; "" if it has none.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    needs_body: bool = True
    wants_body: bool = False
    expected: Collection[int] = field(default=(), compare=False)
    route: str = field(default="", compare=False)


@dataclass(frozen=True)
class Reply:
    """A complete reply."""

    status: int
    headers: Mapping[str, str]
    body: bytes


_REFUSALS: Mapping[int, type[VideoSDKRefusedError]] = {
    HTTPStatus.UNAUTHORIZED: VideoSDKUnauthorizedError,
    HTTPStatus.PAYMENT_REQUIRED: VideoSDKPaymentRequiredError,
    HTTPStatus.FORBIDDEN: VideoSDKForbiddenError,
}


def decipher(reply: Reply, *, needs_object: bool = True) -> dict[str, Any]:
    """Return the JSON object of a successful reply.

    Args:
        reply: the reply.
        needs_object: False returns {} for a body that isn't a JSON object.

    Raises:
        VideoSDKError: the reply is anything else.
    """
    if reply.status >= HTTPStatus.MULTIPLE_CHOICES:
        raise failure(reply)
    try:
        payload = json.loads(reply.body)
    except (ValueError, RecursionError):
        payload = None
    if isinstance(payload, dict):
        return payload
    if needs_object:
        raise VideoSDKBadReplyError("an answer that is not a JSON object", status=reply.status)
    return {}


def failure(reply: Reply) -> VideoSDKError:
    """Return the error for a reply whose status isn't 2xx.

    The status alone decides: VideoSDK's error texts have changed over the years, and bodies may be
    JSON, text or HTML.
    """
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return VideoSDKBrokenError(_message(reply), status=reply.status)
    if reply.status < HTTPStatus.BAD_REQUEST:
        return VideoSDKBadReplyError("a redirect, which is never followed", status=reply.status)
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = _retry_after(reply.headers.get("retry-after", ""))
        return VideoSDKRateLimitedError(_message(reply), status=reply.status, retry_after=wait)
    kind = _REFUSALS.get(reply.status, VideoSDKRefusedError)
    return kind(_message(reply), status=reply.status)


def _retry_after(value: str) -> float | None:
    """Parse Retry-After in either form of RFC 9110: whole seconds or a date."""
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def read_json(body: bytes) -> Any:
    """Parse JSON, or return None: deep nesting raises RecursionError, other input ValueError."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _message(reply: Reply) -> str:
    """Return the server's error message on one line, for the log."""
    said = read_json(reply.body)
    if isinstance(said, dict):
        said = next(
            (said[k] for k in ("message", "error", "msg", "statusMessage") if k in said), ""
        )
    if not isinstance(said, str):
        said = reply.body[:1000].decode("utf-8", "replace")
    printable = "".join(c if c.isprintable() else " " for c in said)
    return " ".join(printable.split())[:200] or f"status {reply.status}"

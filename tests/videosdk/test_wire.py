"""Every reply becomes a JSON object, or an error whose class fits its status."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.videosdk import (
    VideoSDKBadReplyError,
    VideoSDKBrokenError,
    VideoSDKError,
    VideoSDKForbiddenError,
    VideoSDKPaymentRequiredError,
    VideoSDKRateLimitedError,
    VideoSDKRefusedError,
    VideoSDKUnauthorizedError,
    v1,
    v2,
)
from bot.videosdk.wire import Reply, decipher


def error_of(status: int, body: bytes = b"", **headers: str) -> VideoSDKError:
    """Return the error for a reply."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(VideoSDKError) as caught:
        decipher(Reply(status, named, body))
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_with_a_json_object_is_a_success(status: int) -> None:
    assert decipher(Reply(status, {}, b'{"meetingId": "a"}')) == {"meetingId": "a"}


def test_the_status_decides_and_not_the_body() -> None:
    kinds = {
        307: VideoSDKBadReplyError,
        400: VideoSDKRefusedError,
        401: VideoSDKUnauthorizedError,
        402: VideoSDKPaymentRequiredError,
        403: VideoSDKForbiddenError,
        429: VideoSDKRateLimitedError,
        499: VideoSDKRefusedError,
        500: VideoSDKBrokenError,
        599: VideoSDKBrokenError,
    }
    for status, kind in kinds.items():
        error = error_of(status, b'{"meetingId": "a"}')
        assert (type(error), error.status) == (kind, status)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b"<!doctype html>",
        b'{"meetingId": "87i6',
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"text"',
        b"7",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"9" * 10_000,
    ],
    ids=lambda body: repr(body[:12]),
)
def test_a_success_without_a_json_object_is_a_bad_reply(body: bytes) -> None:
    assert type(error_of(200, body)) is VideoSDKBadReplyError


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"statusCode": 400, "error": "Room not found."}', "Room not found."),
        (b'{"message": "first", "error": "second"}', "first"),
        (b'{"msg": "m"}', "m"),
        (b'{"statusMessage": "s"}', "s"),
        (b'"a bare string"', "a bare string"),
        (b"plain text", "plain text"),
        (b"<h1>Please\r\n  come back</h1>", "<h1>Please come back</h1>"),
        (b'{"error": {"code": 7}}', '{"error": {"code": 7}}'),
        (b'{"error": "two\\nlines \\u202e\\ud800\\u0000 and more"}', "two lines and more"),
        (b'{"other": 1}', "status 400"),
        (b'{"error": ""}', "status 400"),
        (b"", "status 400"),
        (b"x" * 5_000, "x" * 200),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_the_text_of_an_error_is_the_servers_message_on_one_line(body: bytes, said: str) -> None:
    assert str(error_of(400, body)) == said


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("30", 30),
        ("9" * 30, 999_999_999),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Mon, 01 Jan 0001 00:00:00 -0000", 0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("Wed, 21 Oct 99999999999999999999 07:28:00 GMT", None),
        ("Wed, 42 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(value: str, seconds: float | None) -> None:
    assert error_of(429, retry_after=value).retry_after == seconds


@pytest.mark.parametrize("zone", [UTC, None])
def test_a_date_in_the_future_is_the_seconds_until_then(zone: object) -> None:
    date = datetime.now(UTC) + timedelta(seconds=90)
    written = format_datetime(date.replace(tzinfo=None) if zone is None else date)

    wait = error_of(429, retry_after=written).retry_after
    assert wait is not None
    assert 85 < wait <= 90


def test_a_far_date_at_the_edge_of_the_calendar_is_a_long_wait() -> None:
    wait = error_of(429, retry_after="Fri, 31 Dec 9999 23:59:59 -2359").retry_after

    assert wait is not None
    assert wait > 1e9


def test_only_429_has_a_time_to_retry() -> None:
    assert error_of(503, retry_after="1").retry_after is None
    assert error_of(429).retry_after is None


@settings(max_examples=60, deadline=None)
@given(
    status=st.integers(200, 599),
    body=st.binary()
    | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode),
    retry_after=st.text() | st.from_regex(r"\w{3}, \d+ Jan \d+ \d+:\d+:\d+ ([+-]\d+|GMT)"),
)
def test_no_reply_raises_anything_else(status: int, body: bytes, retry_after: str) -> None:
    try:
        assert isinstance(decipher(Reply(status, {"retry-after": retry_after}, body)), dict)
    except VideoSDKError as error:
        assert error.status == status  # noqa: PT017 - either outcome is right
        assert str(error).isprintable()  # noqa: PT017 - as above


def test_requests_are_named_without_ids() -> None:
    asked = [v1.validate("standup"), v1.create(None, "standup"), v2.validate("a/b"), v2.end("x")]
    asked.append(v1.end("62c4"))

    assert [f"{each.method} {each.route or each.path}" for each in asked] == [
        "POST /v1/meetings/{id}",
        "POST /v1/meetings",
        "GET /v2/rooms/validate/{id}",
        "POST /v2/sessions/end",
        "POST /v1/meeting-sessions/{id}/end",
    ]

"""Only requests that Slack has signed pass; all others get a 4xx."""

import hashlib
import hmac
import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict
from slack_sdk.signature import SignatureVerifier

from bot.web.guard import MAX_AGE, SSL_CHECK, Guard, RejectedError

SECRET = "8f742231b10e8888abcd99baac75a5f1"
NOW = 1_760_000_000
FORM = "application/x-www-form-urlencoded"
COMMAND = b"team_id=T1&channel_id=C1&command=%2Fmeet&text=standup+us001"

guard = Guard(SECRET, clock=lambda: NOW)
quick = settings(max_examples=50, derandomize=True, deadline=None)


def signed(body: bytes, *, at: int = NOW, secret: str = SECRET) -> CIMultiDict[str]:
    """Return Slack's headers for a body."""
    base = b"v0:%d:%s" % (at, body)
    headers = {
        "Content-Type": FORM,
        "X-Slack-Request-Timestamp": str(at),
        "X-Slack-Signature": "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest(),
    }
    return CIMultiDict(headers)


def changed(name: str, value: str) -> CIMultiDict[str]:
    """Return the headers of a signed command, with one changed."""
    headers = signed(COMMAND)
    headers[name] = value
    return headers


def status_of(headers: CIMultiDict[str], body: bytes) -> int:
    """Return the status with which a request is rejected, or 200."""
    try:
        payload: object = guard.admit(headers, body)
    except RejectedError as rejected:
        return rejected.status
    assert isinstance(payload, dict)
    return 200


def test_a_signed_command_passes_with_its_fields() -> None:
    assert guard.admit(signed(COMMAND), COMMAND) == {
        "team_id": "T1",
        "channel_id": "C1",
        "command": "/meet",
        "text": "standup us001",
    }


def test_what_slacks_own_kit_signs_passes() -> None:
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=str(NOW), body=COMMAND)

    assert signed(COMMAND)["X-Slack-Signature"] == signature
    assert status_of(signed(COMMAND), COMMAND) == 200


def test_a_signed_click_passes_as_its_payload() -> None:
    click = {"type": "block_actions", "actions": [{"action_id": "share_meeting"}]}
    body = urlencode({"payload": json.dumps(click)}).encode()

    assert guard.admit(signed(body), body) == click


def test_a_command_with_a_payload_in_its_text_is_still_a_command() -> None:
    body = urlencode({"command": "/meet", "text": "payload={}", "payload": "{}"}).encode()

    assert guard.admit(signed(body), body)["text"] == "payload={}"


@pytest.mark.parametrize(
    "content_type", [FORM, f"{FORM}; charset=utf-8", FORM.upper(), f" {FORM} ;charset=UTF-8"]
)
def test_a_form_is_known_in_every_spelling(content_type: str) -> None:
    assert status_of(changed("Content-Type", content_type), COMMAND) == 200


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("Content-Type", "", 415),
        ("Content-Type", "application/jsonp", 415),
        ("Content-Type", f"text/plain; {FORM}", 415),
        ("X-Slack-Signature", "", 401),
        ("X-Slack-Signature", "v0=", 401),
        ("X-Slack-Signature", f"v1={'0' * 64}", 401),
        ("X-Slack-Signature", f"v0={'0' * 64}", 401),
        ("X-Slack-Signature", f"v0={'ü' * 64}", 401),
        ("X-Slack-Request-Timestamp", "", 401),
        ("X-Slack-Request-Timestamp", "now", 401),
        ("X-Slack-Request-Timestamp", f"{NOW}.0", 401),
        ("X-Slack-Request-Timestamp", f"-{NOW}", 401),
        ("X-Slack-Request-Timestamp", "9" * 400, 401),
        ("X-Slack-Request-Timestamp", "١٧٦٠٠٠٠٠٠٠", 401),
    ],
)
def test_headers_that_slack_does_not_send_are_rejected(name: str, value: str, status: int) -> None:
    assert status_of(changed(name, value), COMMAND) == status


@pytest.mark.parametrize("name", ["Content-Type", "X-Slack-Signature", "X-Slack-Request-Timestamp"])
def test_a_request_with_a_missing_header_is_rejected(name: str) -> None:
    headers = signed(COMMAND)
    del headers[name]

    assert status_of(headers, COMMAND) in {401, 415}


@pytest.mark.parametrize(
    ("off", "status"), [(0, 200), (MAX_AGE, 200), (-MAX_AGE, 200), (301, 401), (-301, 401)]
)
def test_a_timestamp_may_be_five_minutes_off(off: int, status: int) -> None:
    assert status_of(signed(COMMAND, at=NOW + off), COMMAND) == status


def test_a_body_may_have_256_kib() -> None:
    largest = COMMAND + b"+" * (256 * 1024 - len(COMMAND))

    assert status_of(signed(largest), largest) == 200
    assert status_of(signed(largest + b"+"), largest + b"+") == 413


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text=standup",
        b"\xff\xfe",
        b"payload=",
        b"payload={",
        b"payload=[]",
        b"payload=null",
        b"payload=" + b"[" * 60_000,
        b"payload=1" + b"0" * 5_000,
        b"&&&===%zz",
    ],
)
def test_a_signed_body_that_is_neither_command_nor_click_is_rejected(body: bytes) -> None:
    assert status_of(signed(body), body) == 400


def test_an_event_is_admitted() -> None:
    event = {"type": "event_callback", "event": {"type": "app_uninstalled"}}
    body = json.dumps(event).encode()
    headers = signed(body)
    headers["Content-Type"] = "application/json; charset=utf-8"

    assert guard.admit(headers, body) == event


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 60_000, b"\xff", b"null"])
def test_a_signed_event_that_is_no_object_is_rejected(body: bytes) -> None:
    headers = signed(body)
    headers["Content-Type"] = "application/json"

    assert status_of(headers, body) == 400


def test_another_apps_signature_is_wrong() -> None:
    assert status_of(signed(COMMAND, secret="f" * 32), COMMAND) == 401


header_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
near_misses = st.sampled_from([FORM, str(NOW), f"v0={'0' * 64}", "v0=", "0"])
headers_ = st.dictionaries(
    st.sampled_from(["content-type", "x-slack-request-timestamp", "x-slack-signature"]),
    header_text | near_misses,
)


@quick
@given(headers_, st.binary())
@example({"content-type": FORM, "x-slack-signature": f"v0={'0' * 64}"}, b"")
def test_any_headers_and_bytes_are_rejected_with_a_4xx(
    headers: dict[str, str], body: bytes
) -> None:
    assert 400 <= status_of(CIMultiDict(headers), body) < 500


@quick
@given(st.binary() | st.text().map(lambda text: f"payload={quote(text)}".encode()))
def test_any_signed_bytes_are_a_payload_or_rejected(body: bytes) -> None:
    assert status_of(signed(body), body) in {200, 400}


@quick
@given(st.dictionaries(st.text(), st.text(), max_size=8), st.text(), st.integers(-MAX_AGE, MAX_AGE))
def test_every_correctly_signed_command_passes(fields: dict[str, str], text: str, off: int) -> None:
    fields = fields | {"command": "/meet", "text": text}
    body = urlencode(fields, errors="replace").encode()

    admitted = guard.admit(signed(body, at=NOW + off), body)
    assert admitted["text"] == text.encode(errors="replace").decode()


@quick
@given(st.binary(max_size=40), st.data())
def test_one_flipped_bit_never_passes(tail: bytes, data: st.DataObject) -> None:
    body = COMMAND + tail.replace(b"&", b"+")
    headers = signed(body)
    parts = {
        "body": body,
        "X-Slack-Request-Timestamp": headers["X-Slack-Request-Timestamp"].encode(),
        "X-Slack-Signature": headers["X-Slack-Signature"].encode(),
    }
    name = data.draw(st.sampled_from(sorted(parts)))
    bit = data.draw(st.integers(0, 8 * len(parts[name]) - 1))
    flipped = bytearray(parts[name])
    flipped[bit // 8] ^= 1 << bit % 8
    if name == "body":
        body = bytes(flipped)
    else:
        headers[name] = flipped.decode("latin-1")

    assert status_of(headers, body) == 401


@pytest.mark.parametrize(
    ("body", "is_check"),
    [
        (b"ssl_check=1", True),
        (b"ssl_check=1&token=gIkuvaNzQIHg97ATvDxqgjtO", True),
        (b"token=gIkuvaNzQIHg97ATvDxqgjtO&ssl_check=1", True),
        (b"ssl_check=0", False),
        (b"ssl_check=1&command=%2Fmeet", False),
        (COMMAND, False),
        (b"", False),
    ],
)
def test_slacks_test_of_the_certificate_is_known(body: bytes, is_check: bool) -> None:  # noqa: FBT001 - a table's column
    assert bool(SSL_CHECK.fullmatch(body)) is is_check

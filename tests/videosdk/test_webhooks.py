"""Webhooks are parsed whatever they contain, and only VideoSDK's signature is valid."""

import asyncio
import base64
import json
import traceback
from collections.abc import Callable
from functools import cache
from typing import Any, cast

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.faults import Fault
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.videosdk import (
    VideoSDK,
    VideoSDKBadReplyError,
    VideoSDKBrokenError,
    WebhookEvent,
    is_signed_by,
    read_event,
    v2,
)
from bot.videosdk.connection import Connection
from bot.videosdk.webhook_calls import WebhookCalls
from bot.videosdk.wire import Request
from tests.conftest import API_KEY, SECRET_KEY

# From https://docs.videosdk.live, "User webhooks".
BODY = (
    b'{"webhookType":"participant-joined","data":{"meetingId":"87i6-bvw8-dtn1",'
    b'"sessionId":"62c4","participantId":"R0A-x7","participantName":"Ann"}}'
)


def body(kind: Any, data: Any) -> bytes:
    return json.dumps({"webhookType": kind, "data": data}).encode()


def test_an_event_about_a_participant_is_read() -> None:
    assert read_event(BODY) == WebhookEvent(
        "participant-joined", "87i6-bvw8-dtn1", "62c4", "R0A-x7", "Ann"
    )


def test_an_event_about_a_session_is_read() -> None:
    data = {"sessionId": "62c4", "meetingId": "m", "start": "2022-07-05T15:55:35.047+00:00"}

    assert read_event(body("session-started", data)) == WebhookEvent("session-started", "m", "62c4")


def test_an_event_of_an_unknown_kind_is_read() -> None:
    data = {"roomId": "m", "sessionId": 7, "participantId": ["a"], "participantName": ""}

    assert read_event(body("dragon-sighted", data)) == WebhookEvent("dragon-sighted", "m", "")


def test_the_type_of_an_event_has_two_names() -> None:
    data = {"meetingId": "m"}
    bodies = [
        {"type": "session-ended", "data": data},
        {"type": "post", "webhookType": "session-ended", "data": data},
        {"type": "session-ended", "webhookType": None, "data": data},
    ]

    for one in bodies:
        assert read_event(json.dumps(one).encode()) == WebhookEvent("session-ended", "m", "")


def test_an_event_without_a_meeting_is_read() -> None:
    data = {"id": "6a1f", "type": "composer"}

    assert read_event(body("resource-acquired", data)) == WebhookEvent(
        "resource-acquired", None, "", resource_id="6a1f"
    )


def test_an_event_about_a_transcription_has_its_id() -> None:
    data = {"id": "40b0a4ed-9842", "type": "realtime", "meetingId": "m", "sessionId": "s"}
    older = {"id": "40b0a4ed-9842", "roomId": "m"}

    assert read_event(body("transcription-stopped", data)) == WebhookEvent(
        "transcription-stopped", "m", "s", resource_id="40b0a4ed-9842"
    )
    assert read_event(body("transcription-completed", older)) == WebhookEvent(
        "transcription-completed", "m", "", resource_id="40b0a4ed-9842"
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b'"a"',
        b"[" * 100_000,
        b"{}",
        body(None, {"meetingId": "m"}),
        body("session-ended", None),
        body("session-ended", {"meetingId": "<!channel>"}),
    ],
)
def test_a_body_that_is_not_an_event_is_a_bad_reply(raw: bytes) -> None:
    with pytest.raises(VideoSDKBadReplyError):
        read_event(raw)


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    form: PublicFormat = PublicFormat.SubjectPublicKeyInfo,
) -> str:
    return private.public_key().public_bytes(Encoding.PEM, form).decode()


def signature(raw: bytes = BODY) -> str:
    return base64.b64encode(key().sign(raw, padding.PKCS1v15(), SHA256())).decode()


def test_a_signature_is_valid_only_for_its_exact_bytes() -> None:
    assert is_signed_by(pem(key()), signature(), BODY)
    assert not is_signed_by(pem(key()), signature(), BODY.replace(b'":', b'": '))
    assert not is_signed_by(pem(key()), signature(b""), BODY)


@pytest.mark.parametrize("form", [PublicFormat.PKCS1, PublicFormat.SubjectPublicKeyInfo])
async def test_a_key_is_read_in_either_form_and_with_a_leading_newline(
    form: PublicFormat,
    transport: httpx.AsyncBaseTransport,
    videosdk_url: str,
    videosdk_standin: VideoSDKStandIn,
) -> None:
    answer = json.dumps({"publicKey": "\n" + pem(key(), form)}).encode()
    videosdk_standin.faults.plan(Fault(200, answer))
    videosdk = VideoSDK(
        API_KEY, SECRET_KEY, version="v2", endpoint=videosdk_url, transport=transport
    )

    assert await videosdk.is_authentic(signature(), BODY)


@pytest.mark.parametrize(
    "write",
    [
        lambda made: made.rstrip("="),
        lambda made: f" {made}\r\n",
        lambda made: "\n".join(made[at : at + 76] for at in range(0, len(made), 76)),
        lambda made: made.replace("+", "-").replace("/", "_"),
        lambda made: made.replace("+", "-").replace("/", "_").rstrip("="),
    ],
    ids=["no padding", "whitespace around", "lines", "URL-safe", "URL-safe without padding"],
)
def test_a_signature_is_read_however_its_base64_is_written(write: Callable[[str], str]) -> None:
    for number in range(20):  # enough signatures to contain both characters that differ
        raw = BODY + b" " * number
        assert is_signed_by(pem(key()), write(signature(raw)), raw)


@pytest.mark.parametrize(
    "raw", ["", "!", "äöü", "AAAA", "\ud800", "AAA", "A", "=", "===", "A" * 100_000]
)
def test_a_malformed_signature_is_invalid(raw: str) -> None:
    assert not is_signed_by(pem(key()), raw, BODY)


def test_a_signature_of_another_algorithm_is_invalid() -> None:
    pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.MAX_LENGTH)
    others = [
        key().sign(BODY, pss, SHA256()),
        key().sign(BODY, padding.PKCS1v15(), SHA1()),  # noqa: S303 - it has to be refused
    ]

    for other in others:
        assert not is_signed_by(pem(key()), base64.b64encode(other).decode(), BODY)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40), st.text(max_size=400), st.binary(max_size=40))
def test_any_other_signature_is_invalid_and_no_error(public: str, made: str, raw: bytes) -> None:
    assert not is_signed_by(public, made, raw)
    assert not is_signed_by(pem(key()), made, raw)


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_the_key_is_fetched_once_for_all_events(
    version: str,
    transport: httpx.AsyncBaseTransport,
    videosdk_url: str,
    videosdk_standin: VideoSDKStandIn,
) -> None:
    videosdk = VideoSDK(
        API_KEY, SECRET_KEY, version=version, endpoint=videosdk_url, transport=transport
    )
    signed = videosdk_standin.webhooks.sign(BODY)

    told = await asyncio.gather(*(videosdk.is_authentic(signed, BODY) for _ in range(20)))
    assert told == [True] * 20
    paths = [request.path for request in videosdk_standin.requests]
    assert paths == ["/v2/public/rsa-public-key"]


async def test_a_new_key_is_found_and_forgeries_cause_no_further_calls(
    transport: httpx.AsyncBaseTransport, videosdk_url: str, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk = VideoSDK(
        API_KEY, SECRET_KEY, version="v2", endpoint=videosdk_url, transport=transport
    )
    webhooks = videosdk_standin.webhooks
    old = webhooks.sign(BODY)
    assert await videosdk.is_authentic(old, BODY)

    webhooks.rotate_key()
    told = [videosdk.is_authentic(one, BODY) for one in [webhooks.sign(BODY), "AAAA"] * 9]
    assert await asyncio.gather(*told) == [True, False] * 9
    assert not await videosdk.is_authentic(old, BODY)
    assert len(videosdk_standin.requests) == 2


# Keys that aren't RSA keys: one on an elliptic curve, and one of an unknown kind.
ELLIPTIC = pem(ec.generate_private_key(ec.SECP256R1()))
UNHEARD_OF = "-----BEGIN PUBLIC KEY-----\nMAswBQYDKgMEAwIAAA==\n-----END PUBLIC KEY-----\n"


@pytest.mark.parametrize(
    "answer",
    [None, 7, "", "-----BEGIN", ELLIPTIC, UNHEARD_OF],
    ids=["null", "number", "empty", "cut off", "elliptic", "unheard of"],
)
async def test_an_answer_without_a_key_is_a_bad_reply(
    answer: object,
    transport: httpx.AsyncBaseTransport,
    videosdk_url: str,
    videosdk_standin: VideoSDKStandIn,
) -> None:
    videosdk_standin.faults.plan(Fault(200, json.dumps({"publicKey": answer}).encode()))
    videosdk = VideoSDK(
        API_KEY, SECRET_KEY, version="v2", endpoint=videosdk_url, transport=transport
    )

    with pytest.raises(VideoSDKBadReplyError, match="without a public key"):
        await videosdk.is_authentic(signature(), BODY)


class Keys:
    """The endpoint of the public key: its answer, the time, and the number of requests."""

    def __init__(self) -> None:
        self.answer: str | VideoSDKBrokenError = pem(key())
        self.deadline = 1.0
        self.asked = 0
        self.now = 0.0

    def client(self) -> WebhookCalls:
        """Return a client that asks this endpoint."""
        return WebhookCalls(cast("Connection", self), v2, clock=lambda: self.now)

    async def ask(self, asked: Request) -> tuple[dict[str, str], Request]:
        """Answer like a connection."""
        self.asked += 1
        await asyncio.sleep(0)
        if isinstance(self.answer, str):
            return {"publicKey": self.answer}, asked
        raise self.answer


async def test_a_newer_key_is_looked_for_once_a_minute() -> None:
    keys = Keys()
    client = keys.client()
    assert not await client.is_authentic("AAAA", BODY)
    assert keys.asked == 1
    for keys.now, asked in ((0.0, 2), (1.0, 2), (59.9, 2), (60.0, 3), (119.9, 3), (500.0, 4)):
        assert not await client.is_authentic("AAAA", BODY)
        assert await client.is_authentic(signature(), BODY)
        assert keys.asked == asked


async def test_while_a_newer_key_cannot_be_fetched_a_signature_is_not_called_invalid() -> None:
    keys = Keys()
    client = keys.client()
    assert await client.is_authentic(signature(), BODY)

    keys.answer = VideoSDKBrokenError("down", status=500)
    for keys.now, asked in ((0.0, 2), (0.9, 2), (1.0, 3), (1.9, 3)):
        with pytest.raises(VideoSDKBrokenError, match="down"):
            await client.is_authentic("AAAA", BODY)
        assert await client.is_authentic(signature(), BODY)
        assert keys.asked == asked

    keys.now, keys.answer = 2.0, pem(key())
    assert not await client.is_authentic("AAAA", BODY)
    keys.answer = VideoSDKBrokenError("down", status=500)
    keys.now = 61.9
    assert not await client.is_authentic("AAAA", BODY)
    assert keys.asked == 4


async def test_everyone_waiting_for_a_first_key_gets_the_same_error() -> None:
    keys = Keys()
    keys.answer = VideoSDKBrokenError("down", status=500)
    client = keys.client()

    many = [client.is_authentic(signature(), BODY) for _ in range(20)]
    errors = await asyncio.gather(*many, return_exceptions=True)
    assert errors == [keys.answer] * 20
    with pytest.raises(VideoSDKBrokenError):
        await client.is_authentic(signature(), BODY)
    assert keys.asked == 1

    keys.now, keys.answer = 1.0, pem(key())
    assert await client.is_authentic(signature(), BODY)


async def test_a_webhook_that_is_cancelled_leaves_the_fetch_to_the_others() -> None:
    keys = Keys()
    client = keys.client()

    first, second = (asyncio.create_task(client.is_authentic(signature(), BODY)) for _ in range(2))
    while not keys.asked:
        await asyncio.sleep(0)
    first.cancel()
    assert await second
    assert keys.asked == 1
    assert first.cancelled()


async def test_an_error_that_is_raised_again_does_not_grow() -> None:
    keys = Keys()
    keys.answer = VideoSDKBrokenError("down", status=500)
    client = keys.client()

    lengths = set()
    for _ in range(3):
        with pytest.raises(VideoSDKBrokenError) as caught:
            await client.is_authentic("AAAA", BODY)
        lengths.add(len(traceback.extract_tb(caught.value.__traceback__)))
    assert len(lengths) == 1

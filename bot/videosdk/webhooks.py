"""Webhooks: parse their events and verify their signatures.

A meeting that was created with a `webhook_url` reports the EVENTS `participant-joined`,
`participant-left`, `session-started` and `session-ended`. Deliveries have no timestamp and no
number: the same one may come twice, late, out of order or never.

Source: https://docs.videosdk.live, "User webhooks" and "Webhook verification".
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bot.videosdk.errors import VideoSDKBadReplyError
from bot.videosdk.parsing import find_meeting_id, text
from bot.videosdk.wire import Request, read_json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

# cryptography takes a fifth of the bot's memory, so the first webhook imports it.

EVENTS = ("participant-joined", "participant-left", "session-started", "session-ended")
_STANDARD_ALPHABET = str.maketrans("-_", "+/")


@dataclass(frozen=True)
class WebhookEvent:
    """A webhook event. It may be stale: query the API for the current state.

    Attributes:
        type: one of EVENTS, `transcription-…` or any other type.
        meeting_id: the meeting's ID, None in events without one, such as `resource-acquired`.
        session_id: the session's ID, `` if unknown.
        participant_id: who joined or left, in events about a participant.
        participant_name: the name they joined with.
        resource_id: VideoSDK's ID of the transcription or recording that the event is about.
    """

    type: str
    meeting_id: str | None
    session_id: str
    participant_id: str | None = None
    participant_name: str | None = None
    resource_id: str | None = None


def read_event(body: bytes) -> WebhookEvent:
    """Parse a webhook's body.

    The type is in `webhookType`, or in `type`: npm's `@videosdk.live/server-sdk` 0.1.1 reads both.

    Args:
        body: the raw bytes. Verify their signature first.

    Raises:
        VideoSDKBadReplyError: the body isn't an event.
    """
    payload = read_json(body)
    fields = payload if isinstance(payload, dict) else {}
    heads = {name: value for name, value in fields.items() if isinstance(value, str)}
    kind = heads.get("webhookType") or heads.get("type")
    data = fields.get("data")
    if not kind or not isinstance(data, dict):
        raise VideoSDKBadReplyError("a webhook without an event")
    meeting_id = find_meeting_id(data) or None
    if meeting_id is None and (data.get("meetingId") or data.get("roomId")):
        raise VideoSDKBadReplyError("a webhook with an unreadable meetingId")
    texts = {name: value for name, value in data.items() if isinstance(value, str) and value}
    return WebhookEvent(
        type=kind,
        meeting_id=meeting_id,
        session_id=texts.get("sessionId", ""),
        participant_id=texts.get("participantId"),
        participant_name=texts.get("participantName"),
        resource_id=texts.get("id"),
    )


def is_signed_by(public_key_pem: str, signature_b64: str, body: bytes) -> bool:
    """Return whether the key's owner signed the body: RSA, SHA-256, PKCS #1 v1.5.

    Args:
        public_key_pem: VideoSDK's public key, in PEM; `VideoSDK.is_authentic` fetches it itself.
        signature_b64: the header `videosdk-signature`: base64 of either alphabet, with or without
            padding and whitespace. Anything else is invalid.
        body: the raw bytes; JSON that was parsed and serialised again may differ.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    digits = "".join(signature_b64.split()).rstrip("=").translate(_STANDARD_ALPHABET)
    try:
        signature = b64decode(digits + "=" * (-len(digits) % 4), validate=True)
        _rsa_key(public_key_pem).verify(signature, body, PKCS1v15(), SHA256())
    except (ValueError, InvalidSignature):
        return False
    return True


def public_key() -> Request:
    """Get the public key of VideoSDK's signatures."""
    return Request("GET", "/v2/public/rsa-public-key")


def read_public_key(payload: Mapping[str, Any]) -> str:
    """Return the public key in a reply, in PEM.

    Raises:
        VideoSDKBadReplyError: the reply has no RSA key.
    """
    pem = text(payload.get("publicKey"))
    try:
        _rsa_key(pem)
    except ValueError:
        raise VideoSDKBadReplyError("an answer without a public key") from None
    return pem


@lru_cache(4)
def _rsa_key(pem: str) -> "RSAPublicKey":
    """Parse a PKCS #1 or SubjectPublicKeyInfo key, or raise ValueError."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem.encode())
    except UnsupportedAlgorithm as error:
        raise ValueError("an unknown kind of key") from error
    if not isinstance(key, RSAPublicKey):
        raise ValueError("another kind of key")  # noqa: TRY004 - the text is wrong, not its type
    return key

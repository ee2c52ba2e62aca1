"""Read VideoSDK's webhooks, and check who signed them; nothing here touches the network.

Source: https://docs.videosdk.live, "User webhooks" and "Webhook verification". Deliveries carry no
time and no number: the same one may come twice, late, out of order or never.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.videosdk.errors import VideoSDKBadReplyError
from bot.videosdk.records import read_meeting_id, text
from bot.videosdk.wire import Request, read_json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

# cryptography, a fifth of the bot's memory, is loaded with the first webhook.

EVENTS = ("participant-joined", "participant-left", "session-started", "session-ended")


@dataclass(frozen=True)
class WebhookEvent:
    """What VideoSDK tells of a meeting, possibly late; how things are now is for the API to say.

    Attributes:
        type: one of EVENTS, or another that VideoSDK thinks of.
        meeting_id: the meeting's id; webhooks use version 1's name for it.
        session_id: the session's id, `` if it is not said.
        participant_id: who came or left, in events about a participant.
        participant_name: what they call themselves.
    """

    type: str
    meeting_id: str
    session_id: str
    participant_id: str | None = None
    participant_name: str | None = None


def read_event(body: bytes) -> WebhookEvent:
    """Return the event that a webhook's body describes.

    Raises:
        VideoSDKBadReplyError: it describes none.
    """
    payload = read_json(body)
    kind = payload.get("webhookType") if isinstance(payload, dict) else None
    data = payload.get("data") if isinstance(payload, dict) else None
    if not isinstance(kind, str) or not isinstance(data, dict):
        raise VideoSDKBadReplyError("a webhook without an event")
    return WebhookEvent(
        type=kind,
        meeting_id=read_meeting_id(data),
        session_id=text(data.get("sessionId")),
        participant_id=text(data.get("participantId")) or None,
        participant_name=text(data.get("participantName")) or None,
    )


def is_signed_by(public_key_pem: str, signature_b64: str, body: bytes) -> bool:
    """Tell whether the key's owner signed the body: RSA, SHA-256, PKCS #1 v1.5.

    Args:
        public_key_pem: VideoSDK's public key.
        signature_b64: the header `videosdk-signature`, possibly anything.
        body: the bytes as they came; JSON that was read and written again is another text.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        key = _rsa_key(public_key_pem)
        key.verify(b64decode(signature_b64, validate=True), body, PKCS1v15(), SHA256())
    except (ValueError, InvalidSignature):
        return False
    return True


def public_key() -> Request:
    """Ask for the key with which VideoSDK signs."""
    return Request("GET", "/v2/public/rsa-public-key")


def read_public_key(payload: Mapping[str, Any]) -> str:
    """Return the key that a reply carries, in PEM.

    Raises:
        VideoSDKBadReplyError: there is no such key in it.
    """
    pem = text(payload.get("publicKey"))
    try:
        _rsa_key(pem)
    except ValueError:
        raise VideoSDKBadReplyError("an answer without a public key") from None
    return pem


def _rsa_key(pem: str) -> "RSAPublicKey":
    """Return the key, or raise ValueError."""
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

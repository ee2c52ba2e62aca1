"""Checks of VideoSDK's tokens, and of its webhooks' public key."""

from http import HTTPStatus

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from bot.assumptions.answers import Answer, NotTriedError
from bot.assumptions.target import Target

_REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_PKCS1 = "-----BEGIN RSA PUBLIC KEY-----"


async def scheme(target: Target) -> str:
    """Send an API token with `Bearer ` before it."""
    videosdk = target.videosdk
    authorization = f"Bearer {videosdk.token(videosdk.version)}"
    params = {"page": "1", "perPage": "1"}
    return _admitted(
        await videosdk.ask("GET", videosdk.sessions, params=params, authorization=authorization)
    )


async def participant_in_api(target: Target) -> str:
    """Send a participant's token to the API."""
    authorization = target.videosdk.participant_token()
    params = {"page": "1", "perPage": "1"}
    return _admitted(
        await target.videosdk.ask("GET", "/v2/rooms", params=params, authorization=authorization)
    )


async def find_room(target: Target) -> str:
    """Look the room up with a participant's token, the hosted page's first request."""
    room = target.videosdk.room
    answer = await target.videosdk.ask(
        "POST",
        f"/v1/prebuilt/meetings/{room}",
        fields={"region": "sg001"},
        authorization=target.videosdk.participant_token(),
    )
    return answer.failure or ("the room" if answer.at("meetingId") == room else "another room")


async def enter(target: Target) -> str:
    """Request the configuration that the hosted page needs to join, with a participant's token."""
    answer = await _enter(target)
    has_data = isinstance(answer.at("data"), dict)
    return answer.failure or ("let in" if has_data else "no data")


async def enter_closed(target: Target) -> str:
    """Request the configuration after the room was closed."""
    if target.videosdk.room in target.videosdk.open:
        raise NotTriedError("the room could not be closed")
    answer = await _enter(target)
    return "let in so far" if answer.ok and answer.at("error") is None else "refused"


async def public_key(target: Target) -> str:
    """Read the public key of webhook signatures."""
    answer = await target.videosdk.get("/v2/public/rsa-public-key")
    if answer.failure:
        return answer.failure
    pem = str(answer.at("publicKey")).strip()
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError:
        return "no key"
    if not isinstance(key, RSAPublicKey):
        return "another kind of key"
    return "RSA in PKCS#1" if pem.startswith(_PKCS1) else "RSA in SPKI"


async def _enter(target: Target) -> Answer:
    return await target.videosdk.ask(
        "POST",
        "/infra/v1/meetings/init-config",
        fields={"roomId": target.videosdk.room},
        authorization=target.videosdk.participant_token(),
    )


def _admitted(answer: Answer) -> str:
    if answer.status in _REFUSED:
        return "refused"
    return answer.failure or "accepted"

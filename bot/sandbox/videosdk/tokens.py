"""Check JSON Web Tokens like VideoSDK: for the API, for its version 2, and for joining."""

from collections.abc import Mapping
from typing import Any

import jwt
from jwt.types import Options

Claims = Mapping[str, Any]

_OPTIONS: Options = {
    "require": ["apikey", "permissions", "exp"],
    "verify_exp": False,  # valid_claims checks it, by the stand-in's clock
    "verify_iat": False,
}
_NEED_VERSION_2 = {"roles", "roomId", "participantId"}


def valid_claims(token: str, api_key: str, secret_key: str, now: float) -> Claims | None:
    """Return a token's claims, or None if it is malformed, unsigned, expired or for another key.

    Args:
        token: the token, as received.
        api_key: the API key that it must name.
        secret_key: the key that it must be signed with (HS256).
        now: seconds since 1970.
    """
    try:
        claims = jwt.decode(token, secret_key, algorithms=["HS256"], options=_OPTIONS)
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return None
    expiry = claims["exp"]
    fresh = isinstance(expiry, (int, float)) and expiry > now
    return claims if fresh and claims["apikey"] == api_key else None


def v2_refusal(claims: Claims) -> str:
    """Return why version 2 of the API rejects a valid token; "" if it accepts it."""
    if not _has_its_version(claims):
        return "Unauthorised access to V2 API, please provide valid payload version."
    if "roles" in claims and "crawler" not in _listed(claims, "roles"):
        return "Your role must be a CRAWLER in token payload to use V2 API."
    return ""


def join_refusal(claims: Claims, meeting_id: str, participant_id: str) -> int | None:
    """Return the SDK's error code if a valid token doesn't let somebody join, else None."""
    permissions = _listed(claims, "permissions")
    if not _has_its_version(claims):
        return 4002  # INVALID_TOKEN
    if "roles" in claims and "rtc" not in _listed(claims, "roles"):
        return 4024  # UNAUTHORIZED_ROLE
    if "allow_join" not in permissions or "ask_join" in permissions:
        return 4008  # INVALID_PERMISSIONS, even with both
    if claims.get("roomId", meeting_id) != meeting_id:
        return 4022  # UNAUTHORIZED_MEETING_ID
    if claims.get("participantId", participant_id) != participant_id:
        return 4023  # UNAUTHORIZED_PARTCIPANT_ID
    return None


def _has_its_version(claims: Claims) -> bool:
    """Return whether the version is 2, or is missing from a token that doesn't need it."""
    if "version" in claims:
        return bool(claims["version"] == 2)  # noqa: PLR2004 - the API's number
    return not _NEED_VERSION_2 & claims.keys()


def _listed(claims: Claims, name: str) -> list[object]:
    value = claims.get(name)
    return value if isinstance(value, list) else []

"""Check a JSON Web Token as VideoSDK does: for the API, for its version 2, and to join."""

from collections.abc import Mapping
from typing import Any

import jwt
from jwt.types import Options

Claims = Mapping[str, Any]

_OPTIONS: Options = {
    "require": ["apikey", "permissions", "exp"],
    "verify_exp": False,  # held against the stand-in's own clock
    "verify_iat": False,
}
_NEED_VERSION_2 = {"roles", "roomId", "participantId"}


def valid_claims(token: str, api_key: str, secret_key: str, now: float) -> Claims | None:
    """Return what the token says if it is HS256, signed, for the key, and not yet expired.

    Args:
        token: as it came, so possibly anything.
        api_key: whose token it must be.
        secret_key: signs it.
        now: epoch seconds.
    """
    try:
        claims = jwt.decode(token, secret_key, algorithms=["HS256"], options=_OPTIONS)
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return None
    expiry = claims["exp"]
    fresh = isinstance(expiry, (int, float)) and expiry > now
    return claims if fresh and claims["apikey"] == api_key else None


def v2_refusal(claims: Claims) -> str:
    """Return why version 2 of the API refuses a valid token, "" if it does not."""
    if not _has_its_version(claims):
        return "Unauthorised access to V2 API, please provide valid payload version."
    if "roles" in claims and "crawler" not in _listed(claims, "roles"):
        return "Your role must be a CRAWLER in token payload to use V2 API."
    return ""


def join_refusal(claims: Claims, meeting_id: str, participant_id: str) -> int | None:
    """Return the SDK's error code for somebody who may not join with a valid token."""
    permissions = _listed(claims, "permissions")
    if not _has_its_version(claims):
        return 4002  # INVALID_TOKEN
    if "roles" in claims and "rtc" not in _listed(claims, "roles"):
        return 4024  # UNAUTHORIZED_ROLE
    if "allow_join" not in permissions or "ask_join" in permissions:
        return 4008  # INVALID_PERMISSIONS, also for both of them
    if claims.get("roomId", meeting_id) != meeting_id:
        return 4022  # UNAUTHORIZED_MEETING_ID
    if claims.get("participantId", participant_id) != participant_id:
        return 4023  # UNAUTHORIZED_PARTCIPANT_ID
    return None


def _has_its_version(claims: Claims) -> bool:
    """Tell whether the version is 2, or is absent where nothing needs it."""
    if "version" in claims:
        return bool(claims["version"] == 2)  # noqa: PLR2004 - the API's number
    return not _NEED_VERSION_2 & claims.keys()


def _listed(claims: Claims, name: str) -> list[object]:
    value = claims.get(name)
    return value if isinstance(value, list) else []

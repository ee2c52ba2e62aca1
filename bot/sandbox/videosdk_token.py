"""Check a JSON Web Token as VideoSDK's API does."""

import jwt
from jwt.types import Options

_OPTIONS: Options = {
    "require": ["apikey", "permissions", "exp"],
    "verify_exp": False,  # held against the stand-in's own clock
    "verify_iat": False,
}


def is_valid_token(token: str, api_key: str, secret_key: str, now: float) -> bool:
    """Say whether the token is HS256, signed with the secret, for the key, and not yet expired.

    Args:
        token: as it came, so possibly anything.
        api_key: whose token it must be.
        secret_key: signs it.
        now: epoch seconds.
    """
    try:
        claims = jwt.decode(token, secret_key, algorithms=["HS256"], options=_OPTIONS)
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return False
    expiry = claims["exp"]
    return isinstance(expiry, (int, float)) and expiry > now and claims["apikey"] == api_key

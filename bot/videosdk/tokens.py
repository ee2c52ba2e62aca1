"""Mint the JSON Web Tokens that VideoSDK asks for, on this machine and without asking anybody."""

import time
import warnings
from collections.abc import Callable

import jwt

LIFETIME = 600  # seconds a token is good for
RENEW_BEFORE = 60  # seconds before its end from which a new one is made


def mint_token(api_key: str, secret_key: str, *, now: int, lifetime: int = LIFETIME) -> str:
    """Return a signed token for VideoSDK's REST API.

    Args:
        api_key: the project's API key, from app.videosdk.live/api-keys.
        secret_key: the project's secret; it signs the token and is not part of it.
        now: the issue time in seconds since 1970, UTC. VideoSDK's own samples pass naive local
            times, which are wrong by the UTC offset: only whole seconds are taken here.
        lifetime: seconds until the token ends.

    Source: https://docs.videosdk.live, "Authentication and tokens" (claims `apikey`, in this
    spelling, and `permissions`; HS256).
    """
    claims = {
        "apikey": api_key,
        "permissions": ["allow_join", "allow_mod"],
        "iat": now,
        "exp": now + lifetime,
    }
    with warnings.catch_warnings():
        # The secret's length is VideoSDK's choice: a warning on every call would change nothing.
        warnings.simplefilter("ignore", jwt.warnings.InsecureKeyLengthWarning)
        return jwt.encode(claims, secret_key, algorithm="HS256")


class Tokens:
    """Keep one token ready, and make the next one a minute before it ends."""

    def __init__(
        self, api_key: str, secret_key: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._api_key = api_key
        self._secret_key = secret_key
        self._clock = clock
        self._token = ""
        self._issued = 0

    def current(self) -> str:
        """Return a token that is good for at least another minute."""
        now = int(self._clock())
        age = now - self._issued
        if not self._token or not 0 <= age < LIFETIME - RENEW_BEFORE:
            self._token = mint_token(self._api_key, self._secret_key, now=now)
            self._issued = now
        return self._token

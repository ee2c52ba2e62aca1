"""Cookies with signed claims: the browser keeps this state, because the bot is stateless."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import jwt
from aiohttp import web
from jwt.types import Options

_ALGORITHM = "HS256"


class SignedCookie:
    """A JSON Web Token in a cookie, with a key of its own.

    Over https the cookie's name begins with `__Host-`: browsers accept such a cookie from this host
    only, not from a neighbour under the same domain, and its path has to be the root
    (draft-ietf-httpbis-rfc6265bis, "Cookie Name Prefixes").

    Args:
        name: the cookie's name without the prefix, and the token's audience.
        key: a secret of this deployment, used only for this cookie.
        public_url: the bot's public address.
        seconds: how long it is valid.
        clock: returns seconds since 1970.
    """

    def __init__(
        self,
        name: str,
        key: bytes,
        public_url: str,
        seconds: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._audience = name
        self._key = key
        address = urlsplit(public_url)
        self._secure = address.scheme == "https"
        self._name = f"__Host-{name}" if self._secure else name
        self._path = "/" if self._secure else f"{address.path}/"
        self._seconds = seconds
        self._clock = clock

    def read(self, request: web.Request) -> dict[str, Any] | None:
        """Return the claims in a request's cookie, or None if there is no valid one."""
        # PyJWT would check `exp` by the machine's clock, not by ours.
        options: Options = {"require": ["aud", "exp"], "verify_exp": False}
        try:
            claims: dict[str, Any] = jwt.decode(
                request.cookies.get(self._name, ""),
                self._key,
                algorithms=[_ALGORITHM],
                audience=self._audience,
                options=options,
            )
        except jwt.InvalidTokenError:
            return None
        return claims if claims["exp"] > self._clock() else None

    def set(self, response: web.StreamResponse, claims: Mapping[str, Any]) -> None:
        """Set the cookie to these claims."""
        kept = {**claims, "aud": self._audience, "exp": int(self._clock()) + self._seconds}
        response.set_cookie(
            self._name,
            jwt.encode(kept, self._key, algorithm=_ALGORITHM),
            max_age=self._seconds,
            path=self._path,
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )

    def delete(self, response: web.StreamResponse) -> None:
        """Delete the cookie."""
        response.del_cookie(
            self._name, path=self._path, secure=self._secure, httponly=True, samesite="Lax"
        )

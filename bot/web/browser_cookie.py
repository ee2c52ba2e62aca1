"""The cookie that binds an install to the browser that started it."""

import hashlib
import hmac
import re
import secrets
from urllib.parse import urlsplit

from aiohttp import web

_NAME = "meet-install"
_SECRET = re.compile(r"[\w-]{22}", re.ASCII)


class BrowserCookie:
    """A browser's secret, in a cookie that only the bot can set.

    An HMAC proves that the bot created the secret.

    Args:
        key: signs the secrets.
        public_url: the bot's address.
        seconds: the cookie's lifetime.
    """

    def __init__(self, key: bytes, public_url: str, seconds: int) -> None:
        self._key = key
        self._name, self._path = host_cookie(_NAME, public_url, "/slack")
        self._seconds = seconds

    def read(self, request: web.Request) -> str | None:
        """Return the browser's secret, or None if it has no cookie that the bot set."""
        secret, _, signature = request.cookies.get(self._name, "").partition(".")
        is_own = _SECRET.fullmatch(secret) and hmac.compare_digest(
            signature.encode(errors="replace"), self._sign(secret).encode()
        )
        return secret if is_own else None

    def set(self, response: web.Response, secret: str) -> None:
        """Set the cookie on a response."""
        response.set_cookie(
            self._name,
            f"{secret}.{self._sign(secret)}",
            max_age=self._seconds,
            path=self._path,
            secure=True,
            httponly=True,
            samesite="Lax",
        )

    def _sign(self, secret: str) -> str:
        return hmac.new(self._key, secret.encode(), hashlib.sha256).hexdigest()


def host_cookie(name: str, public_url: str, below: str = "/") -> tuple[str, str]:
    """Return the full name of a cookie, and its path.

    Over https its name begins with `__Host-`: browsers accept such a cookie from this host only,
    not from a neighbour under the same domain, and its path has to be the root
    (draft-ietf-httpbis-rfc6265bis, "Cookie Name Prefixes").

    Args:
        name: the name without the prefix.
        public_url: the bot's public address.
        below: the cookie's path below that, for plain http on this machine.
    """
    parts = urlsplit(public_url)
    is_https = parts.scheme == "https"
    return (f"__Host-{name}", "/") if is_https else (name, f"{parts.path}{below}")


def new_secret() -> str:
    """Return a random secret for a new browser."""
    return secrets.token_urlsafe(16)

"""The cookie that ties an install to the browser that began it."""

import hashlib
import hmac
import re
import secrets
from urllib.parse import urlsplit

from aiohttp import web

_NAME = "meet-install"
_SECRET = re.compile(r"[\w-]{22}", re.ASCII)


class BrowserCookie:
    """A secret of one browser, in a cookie that nobody else can set.

    The code behind the secret shows that the bot made it.

    Args:
        key: a secret of this deployment, for these cookies alone.
        public_url: where the bot is reachable.
        seconds: that the cookie is good for.
    """

    def __init__(self, key: bytes, public_url: str, seconds: int) -> None:
        self._key = key
        self._name, self._path = host_cookie(_NAME, public_url, "/slack")
        self._seconds = seconds

    def read(self, request: web.Request) -> str | None:
        """Return the browser's secret, or None if its cookie is not one that the bot has set."""
        secret, _, code = request.cookies.get(self._name, "").partition(".")
        is_own = _SECRET.fullmatch(secret) and hmac.compare_digest(
            code.encode(errors="replace"), self._code(secret).encode()
        )
        return secret if is_own else None

    def set(self, response: web.Response, secret: str) -> None:
        """Let the browser keep its secret, for as long as an install may take."""
        response.set_cookie(
            self._name,
            f"{secret}.{self._code(secret)}",
            max_age=self._seconds,
            path=self._path,
            secure=True,
            httponly=True,
            samesite="Lax",
        )

    def _code(self, secret: str) -> str:
        return hmac.new(self._key, secret.encode(), hashlib.sha256).hexdigest()


def host_cookie(name: str, public_url: str, below: str = "/") -> tuple[str, str]:
    """Return the full name of a cookie, and its path.

    Over https its name begins with `__Host-`: browsers take such a cookie from this host only, not
    from a neighbour under the same domain, and its path has to be the root
    (draft-ietf-httpbis-rfc6265bis, "Cookie Name Prefixes").

    Args:
        name: without the prefix.
        public_url: where the bot is reachable.
        below: the path below that, on this machine's plain http.
    """
    parts = urlsplit(public_url)
    is_https = parts.scheme == "https"
    return (f"__Host-{name}", "/") if is_https else (name, f"{parts.path}{below}")


def new_secret() -> str:
    """Return a secret for a browser that has none."""
    return secrets.token_urlsafe(16)

"""Log requests to unknown paths, such as a mistyped Request URL in Slack."""

import logging
import re

from aiohttp import hdrs, web

from bot.web.front import nothing_here

LOG = logging.getLogger(__name__)

_LONGEST = 100  # characters of a path
_TOKEN = re.compile(r"[^/]{33,}")  # join links and webhook addresses contain tokens


def answer_unknown_address(request: web.Request) -> web.StreamResponse | None:
    """Log a request that matches no route; return a page for a browser, None for other clients."""
    unknown = request.match_info.http_exception
    if unknown is None:
        return None
    facts = {"method": request.method, "path": _readable(request.path)}
    LOG.info("no such address", extra=facts | {"status": unknown.status})
    is_browser = "text/html" in request.headers.get(hdrs.ACCEPT, "")
    return nothing_here(unknown) if is_browser else None


def _readable(path: str) -> str:
    """Return a path cut to 100 characters, without tokens and control characters."""
    return "".join(c if c.isprintable() else "?" for c in _TOKEN.sub("…", path))[:_LONGEST]

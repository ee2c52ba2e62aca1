"""Log requests to addresses that the bot does not have: a wrong address in Slack shows here."""

import logging
import re

from aiohttp import hdrs, web

from bot.web.front import nothing_here

LOG = logging.getLogger(__name__)

_MOST = 100  # characters of a path
_TOKEN = re.compile(r"[^/]{33,}")  # join links and webhook addresses carry tokens


def answer_unknown_address(request: web.Request) -> web.StreamResponse | None:
    """Log a request that no route takes, and return a page if it is a browser's."""
    unknown = request.match_info.http_exception
    if unknown is None:
        return None
    facts = {"method": request.method, "path": _readable(request.path)}
    LOG.info("no such address", extra=facts | {"status": unknown.status})
    is_browser = "text/html" in request.headers.get(hdrs.ACCEPT, "")
    return nothing_here(unknown) if is_browser else None


def _readable(path: str) -> str:
    """Return a path without tokens, control characters and length."""
    return "".join(c if c.isprintable() else "?" for c in _TOKEN.sub("…", path))[:_MOST]

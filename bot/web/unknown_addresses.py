"""Log requests to unknown paths, such as a mistyped Request URL in Slack."""

import logging
import re

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from bot.web.front import nothing_here

LOG = logging.getLogger(__name__)

_LONGEST = 100  # characters of a path
_TOKEN = re.compile(r"[^/]{33,}")  # join links and webhook addresses contain tokens


@web.middleware
async def log_unknown_address(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log a request that matches no route, and answer a browser with a page."""
    if unknown := request.match_info.http_exception:
        facts = {"method": request.method, "path": _readable(request.path)}
        LOG.info("no such address", extra=facts | {"status": unknown.status})
        if "text/html" in request.headers.get(hdrs.ACCEPT, ""):
            return nothing_here(unknown)
    return await handler(request)


def _readable(path: str) -> str:
    """Return a path cut to 100 characters, without tokens and control characters."""
    return "".join(c if c.isprintable() else "?" for c in _TOKEN.sub("…", path))[:_LONGEST]

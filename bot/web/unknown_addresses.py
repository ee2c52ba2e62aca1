"""Log requests to addresses that the bot does not have: a wrong address in Slack shows here."""

import logging
import re

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from bot.web.front import nothing_here

LOG = logging.getLogger(__name__)

_MOST = 100  # characters of a path
_TOKEN = re.compile(r"[^/]{33,}")  # join links and webhook addresses carry tokens


@web.middleware
async def log_unknown_address(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log a request that no route takes, and answer a browser with a page."""
    if unknown := request.match_info.http_exception:
        facts = {"method": request.method, "path": _readable(request.path)}
        LOG.info("no such address", extra=facts | {"status": unknown.status})
        if "text/html" in request.headers.get(hdrs.ACCEPT, ""):
            return nothing_here(unknown)
    return await handler(request)


def _readable(path: str) -> str:
    """Return a path without tokens, control characters and length."""
    return "".join(c if c.isprintable() else "?" for c in _TOKEN.sub("…", path))[:_MOST]

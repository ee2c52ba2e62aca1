"""Know requests that open a page for nobody: link previews, prefetches, and HEAD."""

import re

from aiohttp import web

# What services that preview links call themselves; a Cubot is a phone.
_AGENTS = re.compile(
    r"(?<!cu)bot\b|crawler|spider|preview|facebookexternalhit|facebot|whatsapp|telegram|slack-imgproxy"
    r"|skypeuripreview|embedly|iframely|pinterest|vkshare|nuzzel|outbrain|quora|mastodon|misskey"
    r"|google-safety|googleother|google-read-aloud|lighthouse|yahoo! slurp|bitlybot|flipboard",
    re.IGNORECASE,
)
_PREFETCH = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)
_PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def is_preview(request: web.Request) -> bool:
    """Return whether nobody is going to join by this request."""
    return (
        request.method == "HEAD"
        or any(_PREFETCH.search(request.headers.get(name, "")) for name in _PURPOSES)
        or _AGENTS.search(request.headers.get("User-Agent", "")) is not None
    )

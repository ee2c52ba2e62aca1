"""Requests from programs rather than people: link previews, prefetches, and HEAD."""

import re

from aiohttp import web

# User agents of services that read links: https://github.com/monperrus/crawler-user-agents.
# People's browsers must not match: those inside apps name the app (`Telegram-Android/11.3`,
# https://core.telegram.org/bots/webapps#additional-data-in-user-agent), and a Cubot is a phone.
_AGENTS = re.compile(
    r"(?<!cu)bot\b|crawler|spider|preview|facebookexternalhit|^whatsapp|slack-imgproxy|embedly"
    r"|iframely|vkshare|mastodon|misskey|google-safety|googleother|google-read-aloud|lighthouse"
    r"|yahoo! slurp|flipboardproxy",
    re.IGNORECASE,
)
_PREFETCH = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)
_PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def is_preview(request: web.Request) -> bool:
    """Return whether no person will see the page that is requested."""
    return (
        request.method == "HEAD"
        or any(_PREFETCH.search(request.headers.get(name, "")) for name in _PURPOSES)
        or _AGENTS.search(request.headers.get("User-Agent", "")) is not None
    )

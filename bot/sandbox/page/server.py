"""Serve the sandbox's page from the Slack stand-in's server.

The page is only for browsers on this machine. Requests with another host name or from another site
are rejected, so that no website can use the sandbox through somebody's browser.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.bot import SandboxBot
from bot.sandbox.faults import Faults
from bot.sandbox.page.api import PageApi
from bot.sandbox.page.streams import Streams
from bot.sandbox.slack.standin import SlackStandIn
from bot.web.pages import MARK

STATIC = Path(__file__).parent / "static"
PING_SECONDS = 15.0

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_REFUSAL = "This page opens as http://localhost or http://127.0.0.1, on its own machine only.\n"


def mount(  # noqa: PLR0913 - callers use keywords
    slack: SlackStandIn,
    *,
    commands: Sequence[Mapping[str, str]],
    shortcuts: Sequence[Mapping[str, str]] = (),
    faults: Faults,
    bot: SandboxBot | None = None,
    ping_seconds: float = PING_SECONDS,
) -> None:
    """Add the page to the Slack stand-in's server.

    Args:
        slack: the workspace to show.
        commands: the commands, each with `command`, `hint` and `description`.
        shortcuts: the shortcuts, each with `callback_id`, `name` and `type` (global or message).
        faults: the VideoSDK stand-in's faults, which the page can set.
        bot: the bot, which the page can restart with another version of VideoSDK's API.
        ping_seconds: interval between pings on an idle event stream.
    """
    streams = Streams(ping_seconds)
    page = PageApi(
        slack,
        streams,
        commands=commands,
        shortcuts=shortcuts,
        faults=faults,
        bot=bot or SandboxBot(),
    )
    slack.app.middlewares.append(_reject_other_sites)
    slack.app.on_response_prepare.append(_add_headers)
    slack.app.on_shutdown.append(streams.end)
    slack.app.add_routes(
        [
            web.get("/", _index),
            web.get("/app_redirect", _open_app),
            web.get("/static/favicon.svg", _icon),
            web.static("/static", STATIC),
            web.get("/sandbox/state", page.state),
            web.get("/sandbox/events", streams.serve),
            web.post("/sandbox/command", page.command),
            web.post("/sandbox/click", page.click),
            web.post("/sandbox/shortcut", page.shortcut),
            web.post("/sandbox/submit", page.submit),
            web.post("/sandbox/close", page.close),
            web.post("/sandbox/version", page.version),
            web.post("/sandbox/fault", page.fault),
        ]
    )


async def _index(_: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html")


async def _icon(_: web.Request) -> web.Response:
    return web.Response(text=MARK, content_type="image/svg+xml")


async def _open_app(_: web.Request) -> web.Response:
    """Redirect links that open the app in Slack to the page."""
    raise web.HTTPFound("/")


@web.middleware
async def _reject_other_sites(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Reject requests from other sites, and from host names that resolve to this machine."""
    host = request.headers.get("Host", "")
    origin = request.headers.get("Origin")
    if not _is_loopback(host) or origin not in (None, f"http://{host}"):
        raise web.HTTPForbidden(text=_REFUSAL)
    return await handler(request)


def _is_loopback(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in _LOOPBACK
    except ValueError:
        return False


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)

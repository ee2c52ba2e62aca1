"""Serve the page on which people talk to the bot, beside the Slack stand-in.

The page is for the browsers of this machine alone: a request that names another host or comes from
another site's page is refused, so that no website can reach it through a browser's back.
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


def mount(  # noqa: PLR0913 - each is named by the caller
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
        commands: each with its `command`, `hint` and `description`.
        shortcuts: each with its `callback_id`, `name` and `type`, "global" or "message".
        faults: of the VideoSDK stand-in; the page can spoil its next call.
        bot: the page can restart it with another version of VideoSDK's API.
        ping_seconds: how often a silent stream of events gives a sign of life.
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
    slack.app.middlewares.append(_only_from_here)
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
            web.post("/sandbox/compose", page.compose),
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
    """Lead people who come from the bot's own pages to the conversation, as Slack does."""
    raise web.HTTPFound("/")


@web.middleware
async def _only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a page of another site, and a site whose name was made to lead here."""
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

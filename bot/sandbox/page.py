"""Serve the page on which people talk to the bot, beside the Slack stand-in.

The page is for the browsers of this machine alone: a request that names another host or comes from
another site's page is refused, so that no website can reach it through a browser's back.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.delivery import json_object
from bot.sandbox.faults import PRESETS, Faults
from bot.sandbox.journal import Exchange
from bot.sandbox.slack import SlackStandIn
from bot.sandbox.workspace import BOT_NAME, TEAM_NAME, Change, Message

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
_SIGN_OF_LIFE = b": ping\n\n"


def mount(
    slack: SlackStandIn,
    *,
    commands: Sequence[Mapping[str, str]],
    faults: Faults,
    ping_seconds: float = PING_SECONDS,
) -> None:
    """Add the page to the Slack stand-in's server.

    Args:
        slack: the workspace to show.
        commands: each with its `command`, `hint` and `description`.
        faults: of the VideoSDK stand-in; the page can spoil its next call.
        ping_seconds: how often a silent stream of events gives a sign of life.
    """
    page = _Page(slack, commands, faults, ping_seconds)
    slack.app.middlewares.append(_only_from_here)
    slack.app.on_response_prepare.append(_add_headers)
    slack.app.on_shutdown.append(page.end_streams)
    slack.app.add_routes(
        [
            web.get("/", _index),
            web.static("/static", STATIC),
            web.get("/sandbox/state", page.state),
            web.get("/sandbox/events", page.events),
            web.post("/sandbox/command", page.command),
            web.post("/sandbox/click", page.click),
            web.post("/sandbox/fault", page.fault),
        ]
    )


class _Page:
    """The page's own API."""

    def __init__(
        self,
        slack: SlackStandIn,
        commands: Sequence[Mapping[str, str]],
        faults: Faults,
        ping_seconds: float,
    ) -> None:
        self._slack = slack
        self._commands = [dict(command) for command in commands]
        self._faults = faults
        self._ping_seconds = ping_seconds
        self._streams: set[asyncio.Queue[bytes]] = set()
        slack.workspace.subscribe(self._tell_message)
        slack.journal.subscribe(self._tell_exchange)

    async def state(self, _: web.Request) -> web.Response:
        """Answer everything that the page shows."""
        workspace = self._slack.workspace
        return web.json_response(
            {
                "team": {"name": TEAM_NAME},
                "bot": {"name": BOT_NAME, "initials": BOT_NAME[0]},
                "users": [asdict(user) for user in workspace.users.values()],
                "channels": [asdict(channel) for channel in workspace.channels.values()],
                "commands": self._commands,
                "messages": [asdict(message) for message in workspace.messages.values()],
                "exchanges": [asdict(exchange) for exchange in self._slack.journal.exchanges],
                "faults": [{"key": key, "label": label} for key, (label, _) in PRESETS.items()],
                "mode": self._slack.mode,
            }
        )

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Stream what changes, as server-sent events, until the page or the server goes."""
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._streams.add(queue)
        try:
            with suppress(ConnectionError):  # the page may be closed at any moment
                await stream.prepare(request)
                await stream.write(_SIGN_OF_LIFE)
                while event := await self._next(queue):
                    await stream.write(event)
        finally:
            self._streams.discard(queue)
        return stream

    async def end_streams(self, _: web.Application) -> None:
        """Let every stream of events end."""
        self._send(b"")

    async def command(self, request: web.Request) -> web.Response:
        """Type a line: a command, or something to say."""
        user, channel, text = await _fields(request, "user", "channel", "text")
        workspace = self._slack.workspace
        if user not in workspace.users or channel not in workspace.channels:
            raise _bad_request("There is no such user or channel.")
        if not text.startswith("/"):
            workspace.post(channel, "user", text, user=user)
            return web.json_response({"error": ""})
        delivery = await self._slack.command(text, user=user, channel=channel)
        return web.json_response({"error": delivery.error})

    async def click(self, request: web.Request) -> web.Response:
        """Press a button."""
        user, message_id, action_id, block_id = await _fields(
            request, "user", "message", "action_id", "block_id"
        )
        try:
            message = self._slack.workspace.messages[message_id]
            delivery = await self._slack.click(message, action_id, user=user, block_id=block_id)
        except LookupError:
            raise _bad_request("There is no such button any more.") from None
        return web.json_response({"error": delivery.error})

    async def fault(self, request: web.Request) -> web.Response:
        """Spoil the next call to VideoSDK, in place of what was chosen before; "" spoils none."""
        (key,) = await _fields(request, "fault")
        if key and key not in PRESETS:
            raise _bad_request("There is no such fault.")
        self._faults.forget()
        if key:
            self._faults.plan(PRESETS[key][1])
        return web.json_response({"error": ""})

    async def _next(self, queue: asyncio.Queue[bytes]) -> bytes:
        try:
            async with asyncio.timeout(self._ping_seconds):
                return await queue.get()
        except TimeoutError:
            return _SIGN_OF_LIFE

    def _tell_message(self, change: Change, message: Message) -> None:
        data = {"id": message.id} if change == "removed" else asdict(message)
        self._send(_event(change, data))

    def _tell_exchange(self, exchange: Exchange) -> None:
        self._send(_event("exchange", asdict(exchange)))

    def _send(self, event: bytes) -> None:
        for queue in self._streams:
            queue.put_nowait(event)


async def _index(_: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html")


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
    response.headers.update(_HEADERS)


def _event(name: str, data: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


async def _fields(request: web.Request, *names: str) -> list[str]:
    """Return the fields of a posted JSON object, all of which must be strings."""
    body = json_object(await request.read()) or {}
    values = [body.get(name) for name in names]
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) != len(names):
        raise _bad_request(f"A JSON object with these texts is needed: {', '.join(names)}.")
    return texts


def _bad_request(reason: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": reason}), content_type="application/json")

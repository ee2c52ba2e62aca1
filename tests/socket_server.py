"""Slack's side of Socket Mode, scripted by tests."""

import json
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.faults import Fault, Faults
from tests.conftest import APP_TOKEN, BOT_TOKEN, environment, serving

Script = Callable[[web.WebSocketResponse], Awaitable[None]]

HELLO = json.dumps({"type": "hello", "num_connections": 1})


class SocketServer:
    """Answers `apps.connections.open` and `auth.test`, and follows a script on each WebSocket.

    Attributes:
        url: its address.
        openings: the times of all `apps.connections.open` calls, in monotonic seconds.
        received: all messages received over the WebSockets, parsed.
        sockets: the WebSockets that were opened.
        scripts: the scripts of the next WebSockets, one each.
        script: the script of later WebSockets.
        faults: faults of answers: path `connections.open`, or `/socket` for the WebSocket.
    """

    def __init__(self, script: Script | None = None) -> None:
        self.url = ""
        self.openings: list[float] = []
        self.received: list[dict[str, Any]] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.scripts: deque[Script] = deque()
        self.script = script or says(HELLO)
        self.faults = Faults()
        self.app = web.Application(middlewares=[self._count, self.faults.middleware])
        self.app.router.add_post("/api/{method}", self._answer)
        self.app.router.add_get("/socket", self._serve)

    def environment(self, **changes: str | None) -> dict[str, str]:
        """Return the settings of a bot that connects to this server."""
        app = {"SLACK_APP_TOKEN": APP_TOKEN, "SLACK_SIGNING_SECRET": None}
        return environment(
            SLACK_BOT_TOKEN=BOT_TOKEN, SLACK_API_URL=f"{self.url}/api", **app | changes
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["SocketServer"]:
        """Serve until the block ends."""
        async with serving(self.app) as self.url:
            yield self

    @web.middleware
    async def _count(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path.endswith("connections.open"):
            self.openings.append(time.monotonic())
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _answer(self, request: web.Request) -> web.Response:
        if request.match_info["method"] == "auth.test":
            return web.json_response({"ok": True, "team_id": "T1", "user": "meet"})
        return web.json_response({"ok": True, "url": f"ws://{request.host}/socket"})

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        with suppress(ConnectionError):  # the bot may disconnect at any time
            await (self.scripts.popleft() if self.scripts else self.script)(socket)
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self.received.append(json.loads(message.data))
        return socket


def says(*messages: str | bytes) -> Script:
    """Return a script that sends these messages, then listens."""

    async def script(socket: web.WebSocketResponse) -> None:
        for message in messages:
            await (socket.send_str if isinstance(message, str) else socket.send_bytes)(message)  # type: ignore[arg-type] # each takes its own

    return script


def hangs_up(*messages: str, code: int = 1000) -> Script:
    """Return a script that sends these messages, then closes the WebSocket."""

    async def script(socket: web.WebSocketResponse) -> None:
        await says(*messages)(socket)
        await socket.close(code=code)

    return script


async def breaks_off(socket: web.WebSocketResponse) -> None:
    """Send hello, then drop the connection without closing it."""
    await socket.send_str(HELLO)
    if socket._req and socket._req.transport:
        socket._req.transport.abort()


def disconnect(reason: object) -> str:
    """Return Slack's message that asks the bot to reconnect."""
    return json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-2"}})


def envelope(envelope_id: str, payload: object) -> str:
    """Return the message with a slash command."""
    return json.dumps(
        {
            "envelope_id": envelope_id,
            "type": "slash_commands",
            "payload": payload,
            "accepts_response_payload": True,
        }
    )


def refusal(error: str, status: int = 200) -> Fault:
    """Return the fault that makes Slack answer with an error."""
    return Fault(status, json.dumps({"ok": False, "error": error}).encode())

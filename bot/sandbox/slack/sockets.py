"""Socket Mode: send payloads through the WebSockets that the bot has opened.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import secrets
import time
import uuid
from collections import deque
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from aiohttp import WSCloseCode, web

from bot.sandbox.journal import Journal
from bot.sandbox.slack.delivery import FAILED, TIMED_OUT, Ack, Retry, json_object, since
from bot.sandbox.slack.payloads import APP_ID, Payload, is_event


class Sockets:
    """The open WebSockets; payloads go to them in turn."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._tickets: set[str] = set()
        self._open: set[web.WebSocketResponse] = set()
        self._in_turn: deque[web.WebSocketResponse] = deque()
        self._pending: dict[str, asyncio.Future[dict[str, Any]]] = {}

    @property
    def connected(self) -> int:
        """The number of sockets that take payloads."""
        return len(self._in_turn)

    def issue_ticket(self) -> str:
        """Return a ticket, which lets a client open one socket."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve a socket until either side closes it."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._open.add(socket)
        try:
            with suppress(ConnectionError):  # the bot may disconnect at any time
                await self._converse(socket)
        finally:
            self._open.remove(socket)
            self._retire(socket)
        return socket

    async def deliver(self, payload: Payload, seconds: float, retry: Retry | None = None) -> Ack:
        """Send a payload through the next socket, and wait at most `seconds` for the answer."""
        envelope = _envelope(payload, retry)
        exchange = self._journal.begin(
            source="Slack",
            target="bot",
            method="SOCKET",
            path=envelope["type"],
            request=json.dumps(payload, indent=2, ensure_ascii=False),
        )
        start = time.perf_counter()
        status, answer, error = None, {}, ""
        try:
            async with asyncio.timeout(seconds):
                answer = await self._send(envelope)
            status = int(HTTPStatus.OK)
        except TimeoutError:
            error = TIMED_OUT
        except ConnectionError:
            error = FAILED
        ack = Ack(status, since(start), error, answer)
        response = json.dumps(answer, indent=2, ensure_ascii=False) if answer else ""
        self._journal.end(exchange, status=status, ms=ack.ms, response=response)
        return ack

    async def refresh(self) -> None:
        """Ask the bot to replace every socket, and send no more payloads through them."""
        for socket in list(self._in_turn):
            self._retire(socket)
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})

    async def close(self) -> None:
        """Close all sockets."""
        for socket in list(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    async def _converse(self, socket: web.WebSocketResponse) -> None:
        await socket.send_json(_hello(self.connected + 1))
        self._in_turn.append(socket)
        async for message in socket:
            self._take_ack(json_object(message.data) or {})

    async def _send(self, envelope: dict[str, Any]) -> dict[str, Any]:
        socket = self._in_turn[0]
        self._in_turn.rotate(-1)
        envelope_id = envelope["envelope_id"]
        acknowledged: asyncio.Future[dict[str, Any]] = asyncio.Future()
        self._pending[envelope_id] = acknowledged
        try:
            await socket.send_json(envelope)
            return await acknowledged
        finally:
            del self._pending[envelope_id]

    def _take_ack(self, ack: dict[str, Any]) -> None:
        awaited = self._pending.get(str(ack.get("envelope_id")))
        if awaited and not awaited.done():
            payload = ack.get("payload")
            awaited.set_result(payload if isinstance(payload, dict) else {})

    def _retire(self, socket: web.WebSocketResponse) -> None:
        if socket in self._in_turn:
            self._in_turn.remove(socket)


def _hello(connections: int) -> dict[str, Any]:
    return {
        "type": "hello",
        "connection_info": {"app_id": APP_ID},
        "num_connections": connections,
        "debug_info": {"host": "sandbox", "approximate_connection_time": 18060},
    }


def _envelope(payload: Payload, retry: Retry | None) -> dict[str, Any]:
    envelope_id = str(uuid.uuid4())
    if is_event(payload):
        return {
            "envelope_id": envelope_id,
            "type": "events_api",
            "payload": payload,
            "accepts_response_payload": False,
            "retry_attempt": retry.number if retry else 0,
            "retry_reason": retry.reason if retry else "",
        }
    is_command = "command" in payload
    return {
        "envelope_id": envelope_id,
        "type": "slash_commands" if is_command else "interactive",
        "payload": payload,
        "accepts_response_payload": is_command or payload.get("type") == "view_submission",
    }

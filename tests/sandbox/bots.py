"""A minimal bot for tests of the Slack stand-in, which answers as configured."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

from bot.sandbox.slack.standin import SlackStandIn
from tests.conftest import APP_TOKEN


@dataclass(frozen=True)
class Received:
    """A request as it was received."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def payload(self) -> dict[str, Any]:
        """Slack's payload: for a command the form itself, for a click the JSON in a form field."""
        form: dict[str, Any] = dict(parse_qsl(self.body.decode(), keep_blank_values=True))
        return json.loads(form["payload"]) if "payload" in form else form


class TinyBot:
    """Receives payloads and acknowledges them.

    Attributes:
        ack: the acknowledgement's body; a dict is sent as JSON.
        status: the acknowledgement's status.
        content_type: the content type of a text `ack`.
        first: a message to post to the response_url before the acknowledgement.
        release: while it is cleared, acknowledgements wait.
        received: all requests.
    """

    def __init__(self) -> None:
        self.ack: str | dict[str, Any] = ""
        self.status = 200
        self.content_type = "text/plain"
        self.first: dict[str, Any] | None = None
        self.release = asyncio.Event()
        self.release.set()
        self.received: list[Received] = []
        self.app = web.Application()
        self.app.router.add_post("/slack/events", self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        self.received.append(Received(request.headers, await request.read()))
        await self.release.wait()
        if self.first is not None:
            await self.respond(self.first)
        if isinstance(self.ack, dict):
            return web.json_response(self.ack, status=self.status)
        return web.Response(text=self.ack, status=self.status, content_type=self.content_type)

    async def respond(self, message: object, times: int = 1) -> tuple[int, str]:
        """Post a message to the newest response_url, and return the last status and body."""
        url = self.received[-1].payload["response_url"]
        async with aiohttp.ClientSession() as session:
            for _ in range(times):
                async with session.post(url, json=message) as answer:
                    status, text = answer.status, await answer.text()
        return status, text


async def call(
    slack: SlackStandIn,
    method: str,
    token: str | None = None,
    form: Mapping[str, str] | None = None,
) -> tuple[dict[str, Any], Mapping[str, str]]:
    """Call a method of the Web API, and return its answer with the headers."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{slack.url}/api/{method}", data=form) as answer,
    ):
        return await answer.json(), answer.headers


@asynccontextmanager
async def socket_to(slack: SlackStandIn) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Open a Socket Mode connection, and read its hello."""
    opened, _ = await call(slack, "apps.connections.open", APP_TOKEN)
    async with aiohttp.ClientSession() as session, session.ws_connect(opened["url"]) as socket:
        assert (await socket.receive_json())["type"] == "hello"
        yield socket

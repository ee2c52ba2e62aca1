"""Scenes with a bot that is slow, busy or about to stop."""

import asyncio
from typing import Any

from aiohttp import web
from slack_bolt.async_app import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import Message, private
from bot.slack.one_workspace import OneWorkspace
from bot.slack.request import SlackRequest
from bot.slack.responder import Answers, Listener
from bot.slack.response_urls import ResponseUrls
from bot.slack.wording.errors import Purpose
from bot.transport import open_http
from tests.conftest import serving
from tests.sentences.sheet import Sheet

_DONE = "Done."


class Answering:
    """A listener whose speed and outcome a scene chooses.

    Args:
        seconds: how long the work takes.
        error: raised after the work, if any.
        stops: whether the bot stops before the work is done.
        limits: arguments of `Answers`.
    """

    def __init__(
        self, seconds: float, error: Exception | None = None, *, stops: bool = False, **limits: Any
    ) -> None:
        self.stops = stops
        self.limits = limits
        self._seconds = seconds
        self._error = error

    async def handle(self, _: SlackRequest) -> Message:
        """Answer a command."""
        await asyncio.sleep(self._seconds)
        if self._error:
            raise self._error
        return private(_DONE)


async def answered(sheet: Sheet, when: str, purpose: Purpose, work: Answering) -> None:
    """Send a command, and write down everything that reaches Slack."""
    sent: list[str] = []

    async def ack(message: dict[str, Any]) -> None:
        sent.append(message["text"])

    async def follow(request: web.Request) -> web.Response:
        sent.append((await request.json())["text"])
        return web.Response()

    slack = web.Application()
    slack.router.add_post("/response", follow)
    async with serving(slack) as url, open_http() as http:
        workspaces = OneWorkspace(AsyncWebClient())
        answers = Answers(ResponseUrls(http, url), workspaces, **work.limits)
        if work.stops:
            await answers.drain(0)
        listener = Listener("a command", work.handle, purpose)
        context = AsyncBoltContext({"team_id": "T1", "response_url": f"{url}/response"})
        await answers.to_command(listener)(ack, {}, context)
        await answers.drain(5)
    sheet.write(when, [text for text in sent if text != _DONE])

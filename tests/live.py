"""Put live cards between the two stand-ins, without a whole bot around them."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.calls import Call
from bot.sandbox.faults import Faults
from bot.sandbox.slack import SlackStandIn
from bot.sandbox.videosdk import VideoSDKStandIn
from bot.sandbox.workspace import USERS
from bot.slack.calls import Calls
from bot.slack.live import FIRST_PAUSE, TRIES, LiveCards
from bot.videosdk import VideoSDK
from tests.conftest import (
    API_KEY,
    APP_TOKEN,
    BOT_TOKEN,
    NOBODY,
    SECRET_KEY,
    SIGNING_SECRET,
    serving,
)


class StrictSlack(Faults):
    """A Slack that minds who is added that is there, or removed that is not: it does nothing then.

    `bad_users`, beside `"ok": true`: docs.slack.dev/reference/methods/calls.participants.add
    """

    def __init__(self) -> None:
        super().__init__()
        self.people: Callable[[str], set[str]] = lambda _: set()
        self.refusals = 0

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what Slack refuses, and spoil what is to be spoilt."""

        async def strict(request: web.Request) -> web.StreamResponse:
            if "participants" in request.path and self._minds(request.path, await request.json()):
                self.refusals += 1
                return web.json_response({"ok": True, "error": "bad_users"})
            return await handler(request)

        answer: web.StreamResponse = await super().middleware(request, strict)
        return answer

    def _minds(self, path: str, body: dict[str, Any]) -> bool:
        there = self.people(body["id"])
        asked = {user["external_id"] for user in body["users"]}
        return bool(asked & there if path.endswith("add") else asked - there)


@dataclass
class Rig:
    """The stand-ins, and clients of both.

    Attributes:
        slack: the one stand-in; as strict as can be.
        standin: the other; its webhooks are held back.
        calls: what live cards change in Slack.
        videosdk: what they ask.
        made: the live cards that were made, to be drained in the end.
    """

    slack: SlackStandIn
    standin: VideoSDKStandIn
    calls: Calls
    videosdk: VideoSDK
    made: list[LiveCards] = field(default_factory=list)

    def cards(self, *, first_pause: float = FIRST_PAUSE, tries: int = TRIES) -> LiveCards:
        """Return live cards, as another process would have them."""
        self.made.append(LiveCards(self.calls, self.videosdk, first_pause=first_pause, tries=tries))
        return self.made[-1]

    def add_call(self) -> Call:
        """Register a call as a command does."""
        calls = self.slack.workspace.calls
        return calls.add(f"run-{len(calls.by_id)}", NOBODY, USERS[0].id)

    async def add_room(self) -> str:
        """Create a room as a command does, and return its id."""
        meeting = await self.videosdk.create(user_meeting_id="standup", webhook_url=NOBODY)
        return meeting.meeting_id

    def call(self, call_id: str) -> Call:
        """Return a call as it is now."""
        return self.slack.workspace.calls.get(call_id)

    def names(self, call_id: str) -> list[str]:
        """Return the names that a card shows now."""
        return sorted(person.name for person in self.call(call_id).participants)

    async def settle(self) -> None:
        """Let all cards come to rest."""
        for cards in self.made:
            await cards.drain(5)


@asynccontextmanager
async def rig(clock: Callable[[], float] = time.time) -> AsyncIterator[Rig]:
    """Serve the stand-ins, VideoSDK's with this clock."""
    strict = StrictSlack()
    slack = SlackStandIn(SIGNING_SECRET, BOT_TOKEN, APP_TOKEN, faults=strict)
    strict.people = lambda call_id: {
        person.external_id or "" for person in slack.workspace.calls.get(call_id).participants
    }
    standin = VideoSDKStandIn(API_KEY, SECRET_KEY, clock=clock)
    standin.webhooks.paused = True
    async with (
        serving(slack.app) as slack.url,
        serving(standin.app) as videosdk_url,
        aiohttp.ClientSession() as session,
        VideoSDK(API_KEY, SECRET_KEY, version="v2", endpoint=videosdk_url) as videosdk,
    ):
        client = AsyncWebClient(
            token=BOT_TOKEN,
            base_url=f"{slack.url}/api/",
            session=session,
            retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=3)],
        )
        made = Rig(slack, standin, Calls(client), videosdk)
        try:
            yield made
        finally:
            await made.settle()

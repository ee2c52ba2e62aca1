"""Test live cards with both stand-ins, but without a complete bot."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.links import SignedLinks
from bot.participant_ids import CallRef, participant_id
from bot.sandbox.slack.calls import SlackCall
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import TEAM_ID, USERS
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.slack.calls import Calls
from bot.slack.followers import Pace
from bot.slack.live_cards import LiveCards
from bot.slack.notes.plain_notes import PlainNotes
from bot.slack.one_workspace import OneWorkspace
from bot.telemetry.metrics import NO_METRICS, Metrics
from bot.transport import open_transport
from bot.videosdk import VideoSDK
from bot.web.webhooks import SignedEvents, Webhooks
from bot.workspace import Workspace
from tests.conftest import (
    API_KEY,
    APP_TOKEN,
    BOT_TOKEN,
    NOBODY,
    SECRET_KEY,
    SIGNING_SECRET,
    serving,
)

HOME = Workspace(TEAM_ID)
FAST = Pace(first=0.005, longest=0.04, busy=0.01, linger=0.3, life=60, webhook_timeout=10)
KEY = b"a key for the tests' links " * 2


@dataclass
class Rig:
    """The stand-ins, and clients of both.

    Attributes:
        slack: Slack's stand-in.
        standin: VideoSDK's stand-in, which doesn't send its webhooks by itself.
        session: the session for Slack's Web API.
        videosdk: the client that live cards use.
        clock: the clock of both stand-ins, in seconds since 1970.
        made: all live cards created, to drain at the end.
    """

    slack: SlackStandIn
    standin: VideoSDKStandIn
    session: aiohttp.ClientSession
    videosdk: VideoSDK
    clock: Callable[[], float]
    stack: AsyncExitStack
    made: list[LiveCards] = field(default_factory=list)

    @property
    def client(self) -> AsyncWebClient:
        """A client of Slack's Web API, like the bot's."""
        return AsyncWebClient(
            token=BOT_TOKEN,
            base_url=f"{self.slack.url}/api/",
            session=self.session,
            retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=3)],
        )

    def calls(self) -> Calls:
        """Return a new client of Slack's calls, like another process's."""
        return Calls(OneWorkspace(self.client))

    def cards(
        self,
        *,
        pace: Pace = FAST,
        clock: Callable[[], float] | None = None,
        metrics: Metrics = NO_METRICS,
    ) -> LiveCards:
        """Return new live cards, like another process's."""
        clock = clock or self.clock
        cards = LiveCards(self.calls(), self.videosdk, metrics=metrics, pace=pace, clock=clock)
        self.made.append(cards)
        return cards

    def add_call(self, age: float = 0) -> CallRef:
        """Register a call, as if a command had done so `ago` seconds ago."""
        calls = self.slack.workspace.calls
        call = calls.add(f"run-{len(calls.by_id)}", NOBODY, USERS[0].id)
        return CallRef(call.id, Workspace(TEAM_ID), int(self.clock() - age))

    async def add_room(self, webhook_url: str = NOBODY, name: str = "standup") -> str:
        """Create a room like a command, and return its ID."""
        meeting = await self.videosdk.create(user_meeting_id=name, webhook_url=webhook_url)
        return meeting.meeting_id

    async def serve_webhooks(self, cards: LiveCards) -> str:
        """Serve the webhook endpoint, and return its URL for one workspace."""
        links = SignedLinks(NOBODY, KEY)
        hooks = Webhooks(links, SignedEvents(self.videosdk), cards, PlainNotes())
        app = web.Application()
        app.router.add_post("/videosdk/{token}", hooks.handle)
        url = await self.stack.enter_async_context(serving(app))
        return links.webhook_url(Workspace(TEAM_ID)).replace(NOBODY, url)

    async def announce(self, cards: LiveCards, room_id: str) -> CallRef | None:
        """Return the call for a new card of a new room."""
        return await cards.announce(
            room_id,
            [],
            workspace=HOME,
            title="standup",
            user_id=USERS[0].id,
            make_url=lambda call: f"{NOBODY}/{call.call_id if call else ''}",
        )

    def call(self, call: CallRef) -> SlackCall:
        """Return the current state of a call."""
        return self.slack.workspace.calls.get(call.call_id)

    def names(self, call: CallRef) -> list[str]:
        """Return the names that a card currently shows."""
        return sorted(person.name for person in self.call(call).participants)

    def has_ended(self, call: CallRef) -> bool:
        """Return whether a card shows that its meeting has ended."""
        return self.call(call).ended_at is not None

    def methods(self) -> Counter[str]:
        """Return the number of calls of each of Slack's methods."""
        return Counter(method for method, _ in self.slack.api_calls)

    def looks(self) -> int:
        """Return the number of requests that listed sessions."""
        return sum(request.path.startswith("/v2/sessions") for request in self.standin.requests)

    async def settle(self) -> None:
        """Wait until all cards are up to date."""
        for cards in self.made:
            await cards.drain(5)


def who(call: CallRef, name: str) -> str:
    """Return the participant ID of somebody who joins from a card."""
    return participant_id(call, name.lower())


@asynccontextmanager
async def rig(clock: Callable[[], float] = time.time) -> AsyncIterator[Rig]:
    """Serve both stand-ins, with the same clock."""
    slack = SlackStandIn(SIGNING_SECRET, BOT_TOKEN, APP_TOKEN, clock=clock)
    standin = VideoSDKStandIn(API_KEY, SECRET_KEY, clock=clock)
    standin.webhooks.paused = True
    async with (
        serving(slack.app) as slack.url,
        serving(standin.app) as videosdk_url,
        aiohttp.ClientSession() as session,
        open_transport() as transport,
        VideoSDK(
            API_KEY, SECRET_KEY, version="v2", endpoint=videosdk_url, transport=transport
        ) as videosdk,
        AsyncExitStack() as stack,
    ):
        made = Rig(slack, standin, session, videosdk, clock, stack)
        try:
            yield made
        finally:
            await made.settle()

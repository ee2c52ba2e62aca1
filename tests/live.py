"""Put live cards between the two stand-ins, without a whole bot around them."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.calls import Call
from bot.sandbox.slack import SlackStandIn
from bot.sandbox.videosdk import VideoSDKStandIn
from bot.sandbox.workspace import TEAM_ID, USERS
from bot.slack.calls import Call as KnownCall
from bot.slack.calls import Calls
from bot.slack.live import FIRST_PAUSE, TRIES, LiveCards
from bot.slack.workspaces import OneWorkspace, Workspace
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


@dataclass
class Rig:
    """The stand-ins, and clients of both.

    Attributes:
        slack: the one stand-in.
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


HOME = Workspace(TEAM_ID)


def ours(call_id: str) -> KnownCall:
    """Return a call of the workspace as the bot knows it."""
    return KnownCall(HOME, call_id)


@asynccontextmanager
async def rig(clock: Callable[[], float] = time.time) -> AsyncIterator[Rig]:
    """Serve the stand-ins, VideoSDK's with this clock."""
    slack = SlackStandIn(SIGNING_SECRET, BOT_TOKEN, APP_TOKEN)
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
        made = Rig(slack, standin, Calls(OneWorkspace(client)), videosdk)
        try:
            yield made
        finally:
            await made.settle()

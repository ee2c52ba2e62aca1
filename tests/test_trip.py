"""How many functions of bot/ a request enters, from its bytes to its answer.

Each is a step that a reader has to take. One that is entered twice counts twice, and so do lambdas.
Run it with `-s` to see the whole trip.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox.slack.payloads import encode, sign, slash_command
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import CHANNELS, USERS
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import ROOT, SIGNING_SECRET, LiveSettings, environment, free_port
from tests.process import BotProcess, bot_process
from tests.test_live import call_of, inside, participant_id

MOST_OF_A_COMMAND = 71
MOST_OF_A_WEBHOOK = 72

_REST = 0.08  # seconds without a step, after which a request is over

pytestmark = pytest.mark.skipif(sys.version_info < (3, 12), reason="it needs sys.monitoring")


class Trip:
    """The functions that a process has entered since the last time somebody asked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.path.touch()

    async def steps(self) -> list[str]:
        """Return the functions, once the process rests."""
        size = -1
        while size != self.path.stat().st_size:
            size = self.path.stat().st_size
            await asyncio.sleep(_REST)
        steps = self.path.read_text(encoding="utf-8").splitlines()
        os.truncate(self.path, 0)
        return steps

    async def check(self, most: int) -> None:
        """Print the functions, and fail if there are too many."""
        steps = await self.steps()
        sys.stdout.write("".join(f"{n:3} {step}\n" for n, step in enumerate(steps, 1)))
        sys.stdout.write(f"{len(steps)} steps, {len(set(steps))} functions\n")
        assert 0 < len(steps) <= most


@asynccontextmanager
async def traced_bot(trip: Trip, settings: dict[str, str]) -> AsyncIterator[BotProcess]:
    """Run the bot, and write down its steps."""
    paths = f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'tracing'}"
    traced = {**settings, "PYTHONPATH": paths, "TRIP": f"{trip.path}"}
    async with bot_process(traced, fresh=True) as bot:
        await bot.until("serving")
        yield bot


def meet() -> bytes:
    """Return `/meet standup us001` as Slack sends it, on a connection that stays."""
    body = encode(slash_command(USERS[0], CHANNELS[0], "/meet standup us001", "https://x.y"))
    headers = {
        "Host": "bot",
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
        **sign(body, time.time(), SIGNING_SECRET),
    }
    lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
    return f"POST /slack/events HTTP/1.1\r\n{''.join(lines)}\r\n".encode() + body


async def test_a_command_takes_few_steps(
    slack_standin: SlackStandIn, videosdk_url: str, tmp_path: Path
) -> None:
    trip = Trip(tmp_path / "trip")
    settings = environment(
        SLACK_API_URL=f"{slack_standin.url}/api",
        VIDEOSDK_API_ENDPOINT=videosdk_url,
        PUBLIC_URL="https://meet.example.com",
    )
    async with traced_bot(trip, settings) as bot:
        reader, writer = await asyncio.open_connection("127.0.0.1", bot.event("serving")["port"])
        for _ in range(2):  # the first one connects, and makes a token
            await trip.steps()
            writer.write(meet())
            assert b"standup: " in await reader.readuntil(b"replace_original")
        await trip.check(MOST_OF_A_COMMAND)
        writer.close()


async def test_a_webhook_takes_few_steps_to_the_card(
    live_settings: LiveSettings, videosdk_standin: VideoSDKStandIn, tmp_path: Path
) -> None:
    trip, slack, port = Trip(tmp_path / "trip"), live_settings.slack, free_port()
    videosdk_standin.listing_lag = 0
    async with traced_bot(trip, live_settings.environment(port)) as bot:
        slack.events_url = f"{bot.url}/slack/events"
        call = call_of(slack, await slack.command("/meet standup us001"))
        [meeting_id] = videosdk_standin.meetings
        people = [await participant_id(call.join_url) for _ in range(2)]
        for name, person in zip(("Ann", "Ben"), people, strict=True):
            await trip.steps()  # Ann's webhooks fetch the key that signs them
            videosdk_standin.join(meeting_id, name, person)
            await videosdk_standin.webhooks.settled()
        await trip.check(MOST_OF_A_WEBHOOK)
        assert inside(slack, call) == ["Ann", "Ben"]

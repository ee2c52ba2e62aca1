"""A bot that takes notes, between stand-ins, with the actions of people."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bot.app import open_bot
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import CHANNELS, USERS, Block, ChannelMessage
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.settings import Settings
from bot.slack.cards import NOTES
from bot.slack.notes.reply import DELETE, REFRESH, STOP
from tests.conftest import LiveSettings, free_port, until

ANN, BEN = USERS[0].id, USERS[1].id
PRIVATE, DIRECT = CHANNELS[1].id, CHANNELS[2].id


@dataclass
class NotesBot:
    """A bot with notes, between stand-ins.

    Attributes:
        port: the bot's port.
    """

    slack: SlackStandIn
    videosdk: VideoSDKStandIn
    port: int

    async def card(self, channel: str = CHANNELS[0].id) -> ChannelMessage:
        """Start a meeting, and return its card."""
        return (await self.slack.command("/meet standup", channel=channel)).messages[-1]

    async def held(self, channel: str = CHANNELS[0].id) -> ChannelMessage:
        """Start a meeting, let Ann and Ben join, and return its card."""
        card = await self.card(channel)
        for name in ("Ann", "Ben"):
            self.videosdk.join(self.room, name, name.lower())
        return card

    @property
    def room(self) -> str:
        """The newest room's ID."""
        return list(self.videosdk.meetings)[-1]

    async def take(self, card: ChannelMessage, user: str = ANN) -> str:
        """Press "Take notes", and return the private answer."""
        return await self.press(card, NOTES, user)

    async def press(self, message: ChannelMessage, action: str, user: str = ANN) -> str:
        """Press a button, and return the private answer."""
        answer = (await self.slack.click(message, action, user=user)).messages[-1]
        assert answer.visible_to == user
        return answer.text

    async def stop(self, user: str = ANN) -> str:
        """Press "Stop" on the reply."""
        return await self.press(self.reply, STOP, user)

    async def refresh(self, user: str = BEN) -> str:
        """Press "Refresh" on the reply."""
        return await self.press(self.reply, REFRESH, user)

    async def delete(self, user: str = ANN) -> str:
        """Press "Delete notes" on the reply."""
        return await self.press(self.reply, DELETE, user)

    @property
    def replies(self) -> list[ChannelMessage]:
        """The bot's replies in threads."""
        return [one for one in self.slack.workspace.messages.values() if is_reply(one)]

    @property
    def reply(self) -> ChannelMessage:
        """The bot's one reply."""
        [reply] = self.replies
        return reply

    @property
    def shown(self) -> str:
        """The reply's whole text."""
        return json.dumps(self.reply.blocks, ensure_ascii=False)

    @property
    def blocks(self) -> list[Block]:
        """The reply's blocks."""
        return self.reply.blocks or []

    async def shows(self, text: str) -> None:
        """Wait until the reply contains a text."""
        await until(lambda: len(self.replies) == 1 and text in self.shown)

    @property
    def is_transcribing(self) -> bool:
        """Whether the newest room is being transcribed."""
        return bool(self.videosdk.transcriptions.running(self.room))

    def say(self, *lines: str) -> None:
        """Say something as Ann."""
        for line in lines:
            self.videosdk.say(self.room, "ann", line)


def is_reply(message: ChannelMessage) -> bool:
    """Return whether a message is the bot's public reply in a thread."""
    return message.kind == "app" and message.thread is not None and message.visible_to is None


@asynccontextmanager
async def notes_bot(
    live_settings: LiveSettings, videosdk: VideoSDKStandIn, **changes: Any
) -> AsyncIterator[NotesBot]:
    """Run a bot with notes."""
    port = free_port()
    environ = live_settings.environment(port, **({"NOTES": "transcript"} | changes))
    videosdk.listing_lag = 0
    videosdk.summary_delay = 0.05
    videosdk.webhooks.paused = True
    async with open_bot(Settings.from_env(environ)):
        live_settings.slack.events_url = f"http://127.0.0.1:{port}/slack/events"
        yield NotesBot(live_settings.slack, videosdk, port)

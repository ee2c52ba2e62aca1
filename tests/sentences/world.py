"""Bots between stand-ins, for the scenes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.sandbox.faults import Fault
from bot.sandbox.slack.payloads import slash_command
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import CHANNELS, USERS, ChannelMessage
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import (
    API_KEY,
    APP_TOKEN,
    BOT_TOKEN,
    SECRET_KEY,
    SIGNING_SECRET,
    LiveSettings,
    serving,
)
from tests.sentences.sheet import Sheet
from tests.web.joining import JoinBot, join_bot

ANN, BEN = USERS[0].id, USERS[1].id


@dataclass
class World:
    """A bot between stand-ins, and the sheet that its words are written on."""

    bot: JoinBot
    sheet: Sheet
    environ: dict[str, str]

    @property
    def slack(self) -> SlackStandIn:
        """The Slack stand-in."""
        return self.bot.slack

    @property
    def videosdk(self) -> VideoSDKStandIn:
        """The VideoSDK stand-in."""
        return self.bot.videosdk

    @property
    def newest(self) -> str:
        """The ID of the newest meeting."""
        return list(self.videosdk.meetings)[-1]

    async def type(self, line: str, when: str = "", user: str = ANN) -> ChannelMessage:
        """Type a command, write down the answer, and return it."""
        answer = (await self.slack.command(line, user=user)).messages[-1]
        self.sheet.message(when or line, answer)
        return answer

    async def click(
        self, message: ChannelMessage, action: str, when: str, user: str = ANN
    ) -> ChannelMessage:
        """Press a button, or choose the one option of a menu, and write down the answer."""
        [menu] = [b["accessory"] for b in message.blocks or [] if "accessory" in b] or [{}]
        value = menu["options"][0]["value"] if menu.get("action_id") == action else ""
        answer = (await self.slack.click(message, action, user=user, value=value)).messages[-1]
        self.sheet.message(when, answer)
        return answer

    async def type_unknown(self, line: str) -> None:
        """Type a command that the Slack app has but the bot doesn't."""
        payload = slash_command(USERS[0], CHANNELS[0], line, f"{self.slack.url}/response/x")
        ack = await self.slack.deliver(payload)
        self.sheet.write(line, [ack.answer["text"]])

    async def spoilt(self, line: str, fault: Fault, when: str, path: str = "") -> None:
        """Type a command while VideoSDK misbehaves, and write down the answer."""
        self.videosdk.faults.always(fault, path=path)
        await self.type(line, f"{line}, {when}")
        self.videosdk.faults.forget()

    async def look(self, path: str, when: str, how: str = "") -> str:
        """Open a join page, or press one of its buttons, and write the page down."""
        page = await (self.bot.press(path, how) if how else self.bot.open(path))
        if page.status == 303:
            page = await self.bot.open(page.goes_to)
        self.sheet.page(when, page.text)
        return page.text


@asynccontextmanager
async def world(sheet: Sheet, **changes: str | None) -> AsyncIterator[World]:
    """Open a bot with live cards, unless the settings are changed."""
    slack = SlackStandIn(SIGNING_SECRET, BOT_TOKEN, APP_TOKEN)
    videosdk = VideoSDKStandIn(API_KEY, SECRET_KEY)
    async with serving(slack.app) as slack.url, serving(videosdk.app) as videosdk_url:
        live_settings = LiveSettings(slack, videosdk_url)
        async with join_bot(live_settings, videosdk, **changes) as bot:
            yield World(bot, sheet, live_settings.environment(0))

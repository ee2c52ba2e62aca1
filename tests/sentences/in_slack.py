"""Scenes in Slack: cards, checks, ended meetings, mistakes and failures."""

import asyncio
import re
import tempfile
from typing import Any

from bot.app import open_bot
from bot.manifest import manifest_for
from bot.sandbox.faults import PRESETS, Fault
from bot.sandbox.slack.blockkit import with_ids
from bot.sandbox.slack.workspace import CHANNELS, Block, ChannelMessage
from bot.settings.settings import Settings
from bot.slack.blocks import actions, plain
from bot.slack.cards import CLOSE, MENU, SHARE
from bot.slack.listeners.shortcuts import ANYWHERE, HERE
from bot.slack.wording.errors import CHECKING, STARTING
from bot.videosdk import VideoSDKBusyError, VideoSDKTimeoutError
from tests.conftest import NOBODY
from tests.many import many
from tests.sentences.answering import Answering, answered
from tests.sentences.sheet import Sheet, words_in
from tests.sentences.world import ANN, BEN, World, world

CLOSED_PORT = "postgres://bot:password@127.0.0.1:1/name"


def menus(sheet: Sheet) -> None:
    """Slack's menus, as the manifest fills them."""
    sheet.chapter("In Slack's menus")
    manifest = manifest_for({}, url="https://bot.example.com")
    shown = r"^ +(?:- )?((?:command|name|description|usage_hint): .*)$"
    sheet.write("The manifest", re.findall(shown, manifest, re.MULTILINE))


async def starting(sheet: Sheet) -> None:
    """Cards and the help."""
    sheet.chapter("/meet")
    async with world(sheet) as live:
        await live.type("/meet Weekly sync us001", "/meet Weekly sync us001: a live card")
        [call] = live.bot.calls()
        sheet.write("Its title in Slack's own part of the card", [str(call.title)])
        await live.type("/meet")
        await live.type("/meet help")
        await mistakes(live)
        await shortcuts(live)
    async with world(sheet, LIVE_CARDS="off") as plain_cards:
        await plain_cards.type("/meet Weekly sync us001", "/meet Weekly sync us001: a plain card")
        await regions(plain_cards)
    async with world(sheet, VIDEOSDK_API_VERSION="v1", PUBLIC_URL=None) as first:
        await first.type("/meet", "/meet, where the bot has no public address")
    async with world(sheet, VIDEOSDK_API_VERSION="v1") as first:
        first.videosdk.echoes_region = False
        await first.type("/meet retro eu001", "/meet retro eu001, and VideoSDK doesn't say where")
    async with world(sheet, MEETINGS_PER_USER="1") as limited:
        await limited.slack.command("/meet")
        await limited.type("/meet", "/meet, too often")
        await limited.slack.command("/meet-check standup")
        await limited.type("/meet-check standup", "/meet-check, too often")
    async with world(sheet, MEETINGS_PER_TEAM="2") as limited:
        await asyncio.gather(limited.slack.command("/meet"), limited.slack.command("/meet"))
        await limited.type("/meet", "/meet, too often in a workspace")


async def mistakes(live: World) -> None:
    """Mistakes in what people type."""
    await live.type("/meet standup uk001")
    await live.type("/meet standup xx999")
    await live.type("/meet us001 standup")
    await live.type("/meet --record standup")
    await live.type(f"/meet {'x' * 81}", "/meet and a very long name")
    await live.type_unknown("/zoom")


async def shortcuts(live: World) -> None:
    """Starting a meeting from a message and from the form."""
    source = live.slack.workspace.post(CHANNELS[0].id, "user", "Red again", user=ANN)
    card = (await live.slack.shortcut(HERE, source)).messages[-1]
    live.sheet.message("“Start a meeting here”, on the message “Red again”", card)
    await live.slack.shortcut(ANYWHERE)
    live.sheet.write("“Start a meeting”: the form", words_in(live.slack.views.of(ANN)))


async def regions(cards: World) -> None:
    """Regions that a meeting can't run in."""
    await cards.slack.command("/meet standup us001")
    await cards.type("/meet standup eu001", "/meet standup eu001, a room in another region")
    elsewhere = Fault(fields={"geoFence": "sg001"})
    cards.videosdk.faults.plan(elsewhere, path="POST /v2/rooms")
    await cards.type("/meet eu001", "/meet eu001, and VideoSDK takes another region")
    cards.videosdk.geo_fencing = False
    await cards.type("/meet plan eu001", "/meet plan eu001, on a plan without geo-fencing")


async def checking(sheet: Sheet) -> None:
    """Answers to /meet-check, and sharing a checked meeting."""
    sheet.chapter("/meet-check")
    async with world(sheet, LIVE_CARDS="off") as cards:
        await cards.slack.command("/meet Weekly sync us001")
        line = f"/meet-check {cards.newest}"
        found = await cards.type(line, "/meet-check of a meeting that nobody has been in")
        await cards.click(found, SHARE, "Share here", BEN if found.visible_to == BEN else ANN)
        people = [cards.videosdk.join(cards.newest, name, ago=9000) for name in ("Ann", "Ben")]
        await cards.type(line, "/meet-check of a meeting with two people in it")
        cards.videosdk.faults.plan(Fault(change=without_people), path="/v2/sessions")
        await cards.type(line, "/meet-check of a meeting that is on, with nobody in it")
        for person in people:
            cards.videosdk.leave(cards.newest, person)
        await cards.type(line, "/meet-check of a meeting that was held")
        cards.videosdk.faults.plan(PRESETS["500"][1], PRESETS["500"][1], path="/v2/sessions")
        await cards.type(line, "/meet-check, and VideoSDK doesn't list the sessions")
        cards.videosdk.faults.forget()
        await cards.type("/meet-check aaaa-bbbb-cccc")
        await cards.type("/meet-check aaaa-bbbb-cccc dddd-eeee-ffff")
        await cards.type("/meet-check no such name")
        await cards.type("/meet-check sync with tina", "/meet-check of a name that could be an ID")
        cards.videosdk.meetings[cards.newest]["disabled"] = True
        await cards.type(line, "/meet-check of a meeting whose links were closed")
    async with world(sheet, VIDEOSDK_API_VERSION="v1") as first:
        await first.type("/meet-check", "/meet-check alone, with version 1 of VideoSDK's API")
        await first.type("/meet-check no such name", "the same, with a name")


def without_people(listing: Any) -> Any:
    """Return a list of sessions with their participants removed."""
    return listing | {"data": [one | {"participants": []} for one in listing["data"]]}


async def ending(sheet: Sheet) -> None:
    """Ending a meeting for everyone, closing its links, and who may do that."""
    sheet.chapter("The end")
    async with world(sheet, LIVE_CARDS="off") as cards:
        card = (await cards.slack.command("/meet standup")).messages[-1]
        await cards.click(card, MENU, "End for everyone, before anybody joined")
        cards.videosdk.join(cards.newest, "Ann")
        await cards.click(card, MENU, "End for everyone, by somebody else", BEN)
        ended = await cards.click(card, MENU, "End for everyone")
        await cards.click(card, MENU, "End for everyone, again")
        await cards.click(ended, CLOSE, "Close join links, by somebody else", BEN)
        await cards.click(ended, CLOSE, "Close join links")
        for action, when in ((MENU, "End for everyone"), (CLOSE, "Close join links")):
            cards.videosdk.faults.always(Fault(status=400))
            await cards.click(card if action == MENU else ended, action, f"{when}, and it fails")
            cards.videosdk.faults.always(PRESETS["500"][1])
            await cards.click(card if action == MENU else ended, action, f"{when}, and it may fail")
            cards.videosdk.faults.forget()
    async with world(sheet, VIDEOSDK_API_VERSION="v1") as first:
        await first.click(
            post(first, ended.blocks or []), CLOSE, "Close join links, with version 1"
        )


def post(world: World, blocks: list[Block]) -> ChannelMessage:
    """Post a message as another version of the bot would."""
    return world.slack.workspace.post(CHANNELS[0].id, "app", "posted", blocks=with_ids(blocks))


async def failing(sheet: Sheet, away: ChannelMessage) -> None:
    """Failures of VideoSDK and of the bot itself."""
    sheet.chapter("When something fails")
    async with world(sheet, LIVE_CARDS="off") as cards:
        for key in ("401", "402", "403", "404", "429", "500", "html", "huge", "reset"):
            label, fault = PRESETS[key]
            await cards.spoilt("/meet standup", fault, f"and VideoSDK: {label}")
        await cards.spoilt("/meet standup", Fault(status=400), "and VideoSDK: 400")
        button = {"type": "button", "action_id": SHARE, "text": plain("Share here"), "value": "{"}
        await cards.click(post(cards, [actions(button)]), SHARE, "An unreadable button")
        await cards.slack.command("/meet standup")
        id_ = cards.newest
        await cards.spoilt(f"/meet-check {id_}", PRESETS["500"][1], "and VideoSDK: 500")
    async with world(sheet, VIDEOSDK_API_ENDPOINT=NOBODY) as lost:
        await lost.type("/meet standup", "/meet standup, and VideoSDK can't be reached")
    await slow(sheet)
    await workspaces(sheet)
    sheet.message("/meet standup, and the database is down", away)


async def slow(sheet: Sheet) -> None:
    """Promises of a late answer, and what the bot says if it can't keep them."""
    await answered(sheet, "/meet, and VideoSDK is slow", STARTING, Answering(0.01, deadline=0))
    await answered(
        sheet, "/meet-check, and VideoSDK is slow", CHECKING, Answering(0.01, deadline=0)
    )
    await answered(
        sheet, "/meet, and it takes 17 seconds", STARTING, Answering(9, deadline=0.05, longest=0.01)
    )
    for purpose in (STARTING, CHECKING):
        late = Answering(0, VideoSDKTimeoutError("late"))
        await answered(sheet, "VideoSDK doesn't answer in time", purpose, late)
    busy = Answering(0, VideoSDKBusyError("busy"))
    await answered(sheet, "Half of the calls to VideoSDK are one workspace's", STARTING, busy)
    await answered(sheet, "The bot has too much to do", STARTING, Answering(0, max_work=0))
    await answered(sheet, "The bot is about to stop", STARTING, Answering(0, stops=True))


async def workspaces(sheet: Sheet) -> None:
    """Workspaces that haven't installed the bot, and IDs that belong to no workspace."""
    with tempfile.TemporaryDirectory() as folder:
        database_url = f"sqlite:///{folder}/installs.db"
        async with many(database_url) as bots, open_bot(Settings.from_env(bots.settings)):
            answer = (await bots.slack.command("/meet standup")).messages[-1]
            sheet.message("/meet standup, and the bot isn't installed", answer)
            await bots.install()
            meeting_id = bots.videosdk._rooms.create(None, None)["meetingId"]
            found = (await bots.slack.command(f"/meet-check {meeting_id}")).messages[-1]
            sheet.message("/meet-check of an ID of no workspace, with many of them", found)


async def without_database() -> ChannelMessage:
    """Return the answer of a bot whose database is down; the bot retries when it starts."""
    async with many(CLOSED_PORT) as bots, open_bot(Settings.from_env(bots.settings)):
        return (await bots.slack.command("/meet standup")).messages[-1]

"""Scenes in which people are invited."""

from dataclasses import replace

from bot.sandbox.faults import Fault
from bot.sandbox.slack.payloads import slash_command
from bot.sandbox.slack.workspace import CHANNELS, USERS, ChannelMessage
from bot.slack.direct_messages import MAX_MESSAGES
from tests.sentences.sheet import Sheet
from tests.sentences.world import ANN, World, world

LINE = "/meet standup with @jonas @priya"
HINT, DIRECT = "ephemeral", "direct"


async def inviting(sheet: Sheet) -> None:
    """Cards that mention people, direct messages, and hints for the inviter."""
    sheet.chapter("Invitations")
    async with world(sheet, LIVE_CARDS="off") as cards:
        await cards.type(f"{LINE} us001")
        await too_many(cards)
        cards.slack.escaped = set()
        await follows(cards, "/meet standup @jonas", "with the manifest of 1.0.0", HINT)
    async with world(sheet, LIVE_CARDS="off", INVITES="message") as cards:
        await cards.type("/meet help", "/meet help, with INVITES=message")
        await follows(cards, LINE, "with INVITES=message: the direct message", DIRECT)
        cards.slack.faults.always(Fault(reset=True), path="chat.postMessage")
        await follows(cards, LINE, "and the direct messages aren't sent", HINT)
        cards.slack.faults.forget()
        cards.slack.workspace.messages_tab = False
        await follows(cards, LINE, "and the app has no Messages tab", HINT)
        cards.slack.workspace.messages_tab = True
        for _ in range(MAX_MESSAGES // 2):
            await cards.slack.command("/meet @jonas @priya")
        await follows(cards, LINE, "too often", HINT)


async def too_many(cards: World) -> None:
    """More people than one command may invite."""
    people = " ".join(f"<@U{number:05}|p{number}>" for number in range(21))
    payload = slash_command(USERS[0], CHANNELS[0], f"/meet {people}", f"{cards.slack.url}/x")
    ack = await cards.slack.deliver(payload)
    cards.sheet.write("/meet and 21 people", [ack.answer["text"]])


async def follows(cards: World, line: str, when: str, sought: str) -> None:
    """Type a command, wait for everything after its card, and write that down."""
    before = len(cards.slack.workspace.messages)
    await cards.slack.command(line)

    def found(messages: list[ChannelMessage]) -> list[ChannelMessage]:
        channels = cards.slack.workspace.channels
        direct = [one for one in messages[before:] if channels[one.channel].kind == "app"]
        hints = [one for one in messages[before:] if one.visible_to]
        return hints if sought == HINT else direct[1:]  # of two people

    messages = await cards.slack.messages_until(lambda messages: bool(found(messages)))
    cards.sheet.message(f"{line}, {when}", replace(found(messages)[-1], visible_to=ANN))

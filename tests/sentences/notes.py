"""Scenes with notes: turned on, rejected, stopped and deleted."""

from bot.links import Conversation, NotesLink
from bot.sandbox.faults import Fault
from bot.sandbox.slack.workspace import CHANNELS
from bot.slack.cards import NOTES
from bot.slack.notes.reply import DELETE, REFRESH, STOP, reply
from bot.slack.notes.state import NotesState, Stage
from bot.slack.wording import notes as words
from bot.workspace import Workspace
from tests.sentences.sheet import Sheet, words_in
from tests.sentences.world import ANN, BEN, World, world
from tests.slack.notes.taking import NotesBot

PRIVATE = CHANNELS[1].id
LINK = NotesLink(
    Conversation(Workspace("T1"), "C1"), "1795428000.000100", "abcd-efgh-ijkl", ANN, ANN
)


async def notes(sheet: Sheet) -> None:
    """All scenes with notes."""
    sheet.chapter("Notes")
    async with world(sheet, NOTES="transcript") as live:
        await taken(live, NotesBot(live.slack, live.videosdk, 0))
    async with world(sheet, NOTES="transcript") as live:
        await refused(live, NotesBot(live.slack, live.videosdk, 0))
    odd(sheet)
    async with world(sheet, NOTES="transcript") as live:
        card = (await live.slack.command("/meet standup")).messages[-1]
    async with world(sheet) as live:
        shown = live.slack.workspace.post(card.channel, "app", card.text, blocks=card.blocks)
        await live.click(shown, NOTES, "Take notes, where notes have been turned off since")


async def taken(live: World, bot: NotesBot) -> None:
    """Notes from the button to their end."""
    live.videosdk.summary_delay = 0
    card = await live.type("/meet standup", "/meet standup: a card that offers notes")
    await live.click(card, NOTES, "Take notes, before anybody joined")
    live.videosdk.join(live.newest, "Ann", "ann")
    await live.click(card, NOTES, "Take notes")
    await bot.shows("Taking notes")
    live.sheet.message("The reply, from then on", bot.reply)
    await live.look(live.bot.link(card), "The join page meanwhile")
    await live.click(card, NOTES, "Take notes, again", BEN)
    await live.click(bot.reply, REFRESH, "Refresh", BEN)
    await live.click(bot.reply, STOP, "Stop, by somebody else", BEN)
    live.videosdk.summary_delay = 60
    live.videosdk.transcriptions.say(live.newest, "ann", "I'll write the minutes.")
    await live.click(bot.reply, STOP, "Stop")
    await bot.shows("writing them up")
    live.sheet.message("The reply, until there is a summary", bot.reply)
    live.videosdk.end(live.newest)
    live.videosdk.transcriptions.write_summaries()
    await bot.refresh()
    live.sheet.message("The reply, with the summary", bot.reply)
    await live.click(bot.reply, DELETE, "Delete notes, by somebody else", BEN)
    await live.click(bot.reply, DELETE, "Delete notes")


async def refused(live: World, bot: NotesBot) -> None:
    """Notes that can't be turned on."""
    card = (await live.slack.command("/meet standup", channel=PRIVATE)).messages[-1]
    live.videosdk.join(live.newest, "Ann", "ann")
    await live.click(card, NOTES, "Take notes, in a private channel that I'm not in")
    card = (await live.slack.command("/meet retro")).messages[-1]
    live.videosdk.join(live.newest, "Ann", "ann")
    live.slack.scopes = {"commands", "calls:write"}
    await live.click(card, NOTES, "Take notes, without the scope")
    live.slack.scopes = {"commands", "calls:write", "chat:write", "chat:write.public"}
    live.slack.faults.plan(Fault(200, b'{"ok": false, "error": "fatal_error"}'), path="postMessage")
    await live.click(card, NOTES, "Take notes, and Slack fails")
    for status in (401, 402, 403, 404):
        live.videosdk.faults.plan(Fault(status), path="/start")
        await live.click(card, NOTES, f"Take notes, and VideoSDK answers {status}")
        if status == 404:
            live.sheet.message("The reply then", bot.replies[-1])
    live.slack.faults.plan(Fault(200, b'{"ok": false, "error": "fatal_error"}'), path="chat.delete")
    await live.click(bot.replies[-1], DELETE, "Delete notes, and Slack fails")
    card = (await live.slack.command("/meet over")).messages[-1]
    await live.bot.enter(live.bot.link(card), "Ann", ago=900)
    live.videosdk.end(live.newest)
    await live.click(card, NOTES, "Take notes, on the card of a meeting that is over")


def odd(sheet: Sheet) -> None:
    """Replies that are seldom seen."""
    for when, state in (
        ("the transcription is starting", NotesState(Stage.STARTING)),
        ("VideoSDK has no transcription", NotesState(Stage.MISSING)),
        ("the transcription failed", NotesState(Stage.FAILED)),
        ("no summary came", NotesState(Stage.WITHOUT_SUMMARY)),
        ("the summary can't be read", NotesState(Stage.READY, summary_url="https://a.example")),
        ("the summary is elsewhere", NotesState(Stage.READY, is_foreign=True)),
    ):
        sheet.write(f"The reply, when {when}", words_in(reply(LINK, state)["blocks"]))
    sheet.write("Stop or Delete notes, and the notes may be another's", [words.OTHERS])
    sheet.write("Refresh, and VideoSDK or Slack fails", [words.NOT_REFRESHED])

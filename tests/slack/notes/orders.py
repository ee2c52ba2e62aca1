"""A run with notes and two processes, with webhooks in any order and killed processes."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.links import Conversation, NotesLink, SignedLinks
from bot.sandbox.slack.workspace import CHANNELS, TEAM_ID, USERS, ChannelMessage
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.slack.notes import literal
from bot.slack.notes.notes import Notes
from bot.slack.notes.options import TranscriptionOptions
from bot.slack.notes.replies import Replies
from bot.slack.one_workspace import OneWorkspace
from bot.videosdk import read_event
from bot.workspace import Workspace
from tests.conftest import NOBODY, until
from tests.live import FAST, KEY, Rig
from tests.slack.notes.taking import is_reply

ANN = USERS[0].id
FATES = ("now", "twice", "late", "lost", "killed")  # of a webhook, or of the process it goes to
# The result of a second start, and the form of the answer. Success with a sentence is left out:
# nobody could tell whose transcription it is.
SECOND: tuple[tuple[Any, Any], ...] = (
    (409, "object"),
    (409, "string"),
    ("same", "object"),
    ("another", "object"),
)
LINKS = SignedLinks(NOBODY, KEY)


@dataclass
class Story:
    """A run with notes.

    Attributes:
        room: VideoSDK's room ID.
        card: the message whose thread has the notes.
        processes: the notes of each process; clicks and webhooks go to a random one.
        tasks: clicks and webhooks in flight.
    """

    rig: Rig
    chance: random.Random
    room: str
    card: ChannelMessage
    processes: list[Notes] = field(default_factory=list)
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)
    late: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def place(self) -> Conversation:
        """The card's thread."""
        return Conversation(Workspace(TEAM_ID), self.card.channel, self.card.id)

    def start(self) -> Notes:
        """Start another process, and return its notes."""
        replies = Replies(OneWorkspace(self.rig.client))
        return Notes(
            self.rig.videosdk, LINKS, replies, TranscriptionOptions("Summarise."), pace=FAST
        )

    def kill(self, number: int) -> None:
        """Kill a process at any point, and start another."""
        for task in list(self.processes[number]._followers.tasks):
            task.cancel()
        self.processes[number] = self.start()

    async def turn_on(self, clicks: int) -> None:
        """Press "Take notes", each time on another process."""
        async with asyncio.TaskGroup() as group:
            for process in self.processes[:clicks]:
                group.create_task(process.take(self.place, self.room, ANN, ANN))

    async def pass_on(self) -> None:
        """Deliver, lose, delay or repeat the webhooks that were sent."""
        held = self.rig.standin.webhooks.held
        events = [(event.url, event.body) for event in held]
        held.clear()
        for event in events:
            fate = self.chance.choice(FATES)
            self.late += [event] if fate == "late" else []
            for _ in range({"now": 1, "twice": 2, "killed": 1}.get(fate, 0)):
                self.deliver(*event)
            await asyncio.sleep(self.chance.choice([0, 0, 0.004, 0.02]))
            if fate == "killed":
                self.kill(self.chance.randrange(len(self.processes)))

    def deliver(self, url: str, body: bytes) -> None:
        """Deliver a webhook to one of the processes."""
        link = LINKS.find_notes(url)
        if link is None:  # of the room
            return
        process = self.chance.choice(self.processes)
        came = process.follow(link, read_event(body).resource_id or "").catch_up()
        self.tasks.append(asyncio.create_task(came))

    def refresh(self) -> None:
        """Press "Refresh" on each reply."""
        for reply in self.replies:
            # As a button has it of a reply that was never edited.
            link = NotesLink(self.place, reply.id, self.room, ANN, ANN)
            self.tasks.append(
                asyncio.create_task(self.chance.choice(self.processes).follow(link).catch_up())
            )

    @property
    def replies(self) -> list[ChannelMessage]:
        """The replies below the card."""
        messages = self.rig.slack.workspace.messages.values()
        return [one for one in messages if is_reply(one) and one.thread == self.card.id]

    def is_correct(self) -> bool:
        """Return whether one reply shows what VideoSDK has."""
        return is_correct(self.rig.standin, self.room, self.replies, "Ann")


def is_correct(
    standin: VideoSDKStandIn, room: str, replies: Sequence[ChannelMessage], *people: str
) -> bool:
    """Return whether one reply shows the people and the first transcription's summary."""
    records = [one for one in standin.transcriptions.all if one.meeting_id == room]
    first = min(records, key=lambda one: one.start, default=None)
    summary = standin.transcriptions.file(f"{first.id}-summary") if first else None
    if summary is None or len(replies) != 1:
        return False
    shown = "\n".join(texts(replies[0]))
    listed = shown.partition("Who was there: ")[2]
    return literal.lines(summary) in shown and all(f"{name} (" in listed for name in people)


def choose_habits(standin: VideoSDKStandIn, chance: random.Random) -> None:
    """Choose what VideoSDK does where nothing is documented."""
    standin.second_transcription, standin.transcription_answers = chance.choice(SECOND)
    standin.listing_lag = chance.choice([0, 0, 0.05])
    standin.stopped_webhook = chance.choice(["at_end", "with_summary", "both"])
    standin.leaves_out_empty = chance.random() < 0.5
    standin.transcription_room = chance.choice(["extension", "top"])
    standin.transcription_webhook = chance.choice(["changed", "fetched", "listed"])
    standin.filters_transcriptions = chance.random() < 0.5
    standin.summary_delay = chance.choice([0, 0.01, 0.06])


def texts(message: ChannelMessage) -> list[str]:
    """Return the texts of a message's sections."""
    return [one["text"]["text"] for one in message.blocks or [] if one["type"] == "section"]


async def play(rig: Rig, seed: int) -> None:
    """Play a run with notes, and wait until its one reply is up to date."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, and no secret
    standin, workspace = rig.standin, rig.slack.workspace
    choose_habits(standin, chance)
    workspace.joined.add(CHANNELS[0].id)
    card = workspace.post(CHANNELS[0].id, "app", "a card")
    story = Story(rig, chance, await rig.add_room(name=f"room-{seed}"), card)
    story.processes = [story.start() for _ in range(2)]
    standin.join(story.room, "Ann", "ann")

    await story.turn_on(chance.choice([1, 1, 2]))
    await story.pass_on()
    standin.say(story.room, "ann", f"Seed {seed} says <@U1>")
    if chance.random() < 0.5:
        standin.end(story.room)
    else:
        standin.leave(story.room, "ann")
        standin.transcriptions.end(story.room)
    await story.pass_on()
    chance.shuffle(story.late)
    for event in story.late:
        story.deliver(*event)
    standin.transcriptions.write_summaries()
    await story.pass_on()
    story.refresh()  # whatever was lost, somebody makes it good

    await until(story.is_correct, seconds=5)
    for process in story.processes:
        await process.drain(5)
    for task in story.tasks:
        task.cancel()
    assert story.is_correct()

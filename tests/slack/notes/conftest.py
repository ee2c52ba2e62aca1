"""A run of a room, between stand-ins, with processes that take notes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from bot.links import Conversation, NotesLink
from bot.sandbox.faults import Fault
from bot.sandbox.slack.workspace import CHANNELS, TEAM_ID, USERS, ChannelMessage
from bot.slack.notes.notes import Notes, TakeResult
from bot.slack.notes.options import TranscriptionOptions
from bot.slack.notes.replies import Replies
from bot.slack.notes.reply import reply
from bot.slack.notes.state import NotesState, Stage
from bot.slack.one_workspace import OneWorkspace
from bot.workspace import Workspace
from tests.live import FAST, Rig, rig
from tests.slack.notes.orders import LINKS, texts
from tests.slack.notes.taking import is_reply

ANN = USERS[0].id
FAILED, REFUSED = "fatal_error", "cant_update_message"  # transient, and not


@dataclass
class Run:
    """A run of a room, with processes that take notes.

    Attributes:
        ahead: seconds by which the processes' clocks are ahead.
        made: the processes' notes, drained at the end.
    """

    rig: Rig
    room: str
    card: ChannelMessage
    ahead: float = 0.0
    made: list[Notes] = field(default_factory=list)

    def process(self) -> Notes:
        """Start another process, and return its notes."""
        replies = Replies(OneWorkspace(self.rig.client))
        clock = lambda: self.rig.clock() + self.ahead  # noqa: E731 - a clock
        notes = Notes(
            self.rig.videosdk, LINKS, replies, TranscriptionOptions("p"), pace=FAST, clock=clock
        )
        self.made.append(notes)
        return notes

    @property
    def place(self) -> Conversation:
        """The card's thread."""
        return Conversation(Workspace(TEAM_ID), self.card.channel, self.card.id)

    async def take(self, notes: Notes) -> tuple[TakeResult, str]:
        """Press "Take notes"."""
        return await notes.take(self.place, self.room, ANN, ANN)

    async def orphan(self) -> NotesLink:
        """Post a reply like a process that is killed right afterwards, and return its link."""
        link = NotesLink(self.place, "", self.room, ANN, ANN)
        message = reply(link, NotesState(Stage.STARTING))
        return replace(
            link, ts=await Replies(OneWorkspace(self.rig.client)).post(self.place, message)
        )

    @property
    def replies(self) -> list[ChannelMessage]:
        """The replies below the card."""
        return [one for one in self.rig.slack.workspace.messages.values() if is_reply(one)]

    @property
    def shown(self) -> str:
        """The one reply's text."""
        [reply] = self.replies
        return "\n".join(texts(reply))

    @property
    def link(self) -> NotesLink:
        """The link that identifies the first reply."""
        return self.link_of(self.replies[0])

    def link_of(self, shown: ChannelMessage) -> NotesLink:
        """Return the link that identifies a reply."""
        place = Conversation(Workspace(TEAM_ID), self.card.channel)
        return NotesLink(place, shown.id, self.room, ANN, ANN)

    def slack_fails(self, method: str, error: str) -> None:
        """Make Slack reject the next call of a method."""
        body = f'{{"ok": false, "error": "{error}"}}'.encode()
        self.rig.slack.faults.plan(Fault(200, body), path=method)

    def end(self, *, summarised: bool = True) -> None:
        """End the run and, unless told otherwise, write the summary."""
        self.rig.standin.end(self.room)
        if summarised:
            self.rig.standin.transcriptions.write_summaries()


@pytest.fixture
async def run() -> AsyncIterator[Run]:
    async with rig() as opened:
        opened.standin.listing_lag = 0
        opened.standin.summary_delay = 60
        room = await opened.add_room()
        opened.standin.join(room, "Ann", "ann")
        card = opened.slack.workspace.post(CHANNELS[0].id, "app", "a card")
        opened.slack.workspace.joined.add(CHANNELS[0].id)
        run = Run(opened, room, card)
        yield run
        opened.slack.faults.end()
        for notes in run.made:
            await notes.drain(5)

"""Notes that two processes follow, with webhooks in any order, and kills."""

import asyncio
import logging
import random
from contextlib import suppress
from dataclasses import dataclass, field

from bot.sandbox.faults import Fault
from bot.sandbox.slack.blockkit import find_button
from bot.sandbox.slack.workspace import USERS, ChannelMessage
from bot.sandbox.videosdk.transcriptions import TranscriptionRecord
from bot.sandbox.videosdk.webhooks import Event
from bot.slack.cards import NOTES, read_end
from bot.slack.notes.reply import DELETE, REFRESH
from bot.slack.notes.state import GRACE
from tests.battery.lab import Lab, Stage
from tests.battery.pair import Pair, pair
from tests.battery.table import Row, none_of
from tests.conftest import until
from tests.slack.notes.orders import choose_habits, is_correct
from tests.slack.notes.taking import is_reply

_IN_A_ROUND = 5  # runs at once
_KILLED_WITHIN = 2.0  # seconds from the clicks
_DOWN = 0.5  # seconds until the next start, at most
_SLOWER = 10  # times: real processes look less often than those in tests/slack/notes
_FATES = ("now", "twice", "late", "lost")  # what can happen to a webhook
_PAUSES = (0.0, 0.05, 0.3)  # seconds between webhooks
_AGAIN = 0.5  # seconds until somebody repeats a click that failed
_CLICKS = 20
_DELAYS = (0.0, 0.1, 0.3)  # seconds until VideoSDK answers
_REFRESHES = 3  # presses of "Refresh" on two replies, before one is deleted by hand
_PATIENCE = 20.0  # seconds from "Refresh" to the right reply


@dataclass
class Story:
    """A run with notes.

    Attributes:
        seed: the seed of its random events.
        killing: done when the killed process runs again.
        doubles: the texts of replies that somebody had to delete by hand.
    """

    stage: Stage
    seed: int
    killing: asyncio.Future[None]
    card: ChannelMessage = field(init=False)
    room: str = field(init=False)
    late: list[Event] = field(default_factory=list)
    doubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - reproducible, and no secret

    async def begin(self) -> None:
        """Start a meeting, and let two people in."""
        delivered = await self.stage.slack.command(f"/meet w3 {self.seed}")
        self.card = delivered.messages[-1]
        _, button = find_button(self.card.blocks or [], NOTES, "")
        self.room = read_end(button["value"]).meeting_id
        for name in ("Ann", "Ben"):
            self.stage.videosdk.join(self.room, name, name.lower())

    async def play(self) -> None:
        """Take notes until, after the kill, somebody refreshes them."""
        sdk = self.stage.videosdk
        await self._turn_on()
        if not self.records:  # killed between the reply and the start
            return
        await self._pass_on()
        sdk.say(self.room, "ann", f"Seed {self.seed} says <@U1>")
        if self.chance.random() < 0.5:
            sdk.end(self.room)
        else:
            sdk.transcriptions.end(self.room)
            sdk.leave(self.room, "ann")
            sdk.leave(self.room, "ben")
        await self._pass_on()
        self.chance.shuffle(self.late)
        self._send(self.late)
        await until(lambda: all(one.summarised for one in self.records))
        await self._pass_on()
        await self.killing
        await self.refresh()
        await until(lambda: all(map(self._shows, self.replies)), seconds=_PATIENCE)
        await self.settle_double()
        await until(self.is_correct, seconds=_PATIENCE)

    async def refresh(self) -> None:
        """Press "Refresh", where there is such a button: a reply that is complete has none."""
        for reply in self.replies:
            with suppress(LookupError):
                await self.stage.slack.click(reply, REFRESH)

    async def settle_double(self) -> None:
        """Make one reply of two: press "Refresh", and if that doesn't help, "Delete notes".

        What a reply knows depends on the process that the click goes to.
        """
        for _ in range(_REFRESHES):
            if len(self.replies) > 1:
                await self.refresh()
        for reply in self.replies[1:]:
            self.doubles.append(f"seed {self.seed}: {reply.text[:60]}")
            await self.stage.slack.click(reply, DELETE)

    def is_correct(self) -> bool:
        """Return whether one reply shows what VideoSDK has, which may be no transcription."""
        if not self.records:
            return len(self.replies) == 1 and "has no transcription" in self.replies[0].text
        return len(self.replies) == 1 and self._shows(self.replies[0])

    def _shows(self, reply: ChannelMessage) -> bool:
        return is_correct(self.stage.videosdk, self.room, [reply], "Ann", "Ben")

    @property
    def replies(self) -> list[ChannelMessage]:
        """The replies below the card."""
        messages = self.stage.slack.workspace.messages.values()
        return [one for one in messages if is_reply(one) and one.thread == self.card.id]

    @property
    def records(self) -> list[TranscriptionRecord]:
        """The room's transcriptions."""
        return [
            one for one in self.stage.videosdk.transcriptions.all if one.meeting_id == self.room
        ]

    async def _turn_on(self) -> None:
        """Let people press "Take notes", and again if Slack shows an error and there's no reply."""
        await asyncio.sleep(self.chance.uniform(0, 1))
        people = USERS[: self.chance.choice([1, 1, 2])]
        await asyncio.gather(*(self._click(person.id) for person in people))

    async def _click(self, user: str) -> None:
        for _ in range(_CLICKS):
            clicked = await self.stage.slack.click(self.card, NOTES, user=user)
            if not clicked.error or self.replies:
                return
            await asyncio.sleep(_AGAIN)

    async def _pass_on(self) -> None:
        """Deliver, repeat, delay or drop the webhooks that were sent."""
        hooks = self.stage.videosdk.webhooks
        own = [event for event in hooks.held if self.room.encode() in event.body]
        hooks.held = [event for event in hooks.held if event not in own]
        for event in own:
            fate = self.chance.choice(_FATES)
            self.late += [event] if fate == "late" else []
            self._send([event] * {"now": 1, "twice": 2}.get(fate, 0))
            await asyncio.sleep(self.chance.choice(_PAUSES))

    def _send(self, events: list[Event]) -> None:
        """Send webhooks, while those of other runs stay held."""
        hooks = self.stage.videosdk.webhooks
        others, hooks.held = hooks.held, list(events)
        hooks.paused = False
        hooks.paused = True
        hooks.held = others

    def __str__(self) -> str:
        shown = [reply.text[:60] for reply in self.replies]
        return f"seed {self.seed}: {len(self.records)} transcriptions, replies {shown}"


async def orders(lab: Lab) -> Row:
    """W3: however webhooks come, and whichever process is killed, one reply is right."""
    count = lab.size.notes_orders
    stories, wrong = list[Story](), list[str]()
    logging.disable()  # the balancer logs errors about killed processes
    chance = random.Random(4711)  # noqa: S311 - reproducible, and no secret
    async with pair(lab, chance, NOTES="transcript") as two:
        two.stage.videosdk.webhooks.paused = True
        for first in range(0, count, _IN_A_ROUND):
            seeds = range(first, min(first + _IN_A_ROUND, count))
            stories += await _play_round(two, seeds, wrong)
        unstarted = [story for story in stories if not story.records]
        await _settle(unstarted)
        wrong += [f"in the end, {story}" for story in stories if not story.is_correct()]
        doubles = [text for story in stories for text in story.doubles]
    logging.disable(logging.NOTSET)
    what = (
        f"{count} calls with notes and two processes: one or two people turn notes on at once; "
        "webhooks are lost, repeated, late and shuffled; SIGKILL ends one process in every "
        f"{_IN_A_ROUND} calls; then people refresh up to "
        f"{1 + _REFRESHES} times; {len(unstarted)} calls were never transcribed"
    )
    return Row(
        "W3",
        what,
        [
            none_of("call without exactly one correct reply", wrong),
            none_of("second reply that had to be deleted by hand", doubles),
        ],
    )


async def _play_round(two: Pair, seeds: range, wrong: list[str]) -> list[Story]:
    """Play some runs at once, while a process is killed; return those that went well."""
    chance = random.Random(seeds[0])  # noqa: S311 - reproducible, and no secret
    choose_habits(two.stage.videosdk, chance)
    two.stage.videosdk.summary_delay *= _SLOWER
    two.stage.videosdk.faults.forget()
    two.stage.videosdk.faults.always(Fault(delay=chance.choice(_DELAYS)))
    killing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    stories = [Story(two.stage, seed, killing) for seed in seeds]
    await asyncio.gather(*(story.begin() for story in stories))
    playing = [asyncio.create_task(story.play()) for story in stories]
    await _kill_once(two, chance)
    killing.set_result(None)
    ends = await asyncio.gather(*playing, return_exceptions=True)
    failed = [(one, end) for one, end in zip(stories, ends, strict=True) if end is not None]
    wrong += [f"{story}: {end!r}" for story, end in failed]
    return [one for one, end in zip(stories, ends, strict=True) if end is None]


async def _settle(unstarted: list[Story]) -> None:
    """Refresh the replies of runs that were never transcribed, once they can tell."""
    if unstarted:
        await asyncio.sleep(GRACE)  # until then, a transcription may not be listed yet
    for story in unstarted:
        await story.refresh()
        await story.settle_double()


async def _kill_once(two: Pair, chance: random.Random) -> None:
    number = chance.randrange(len(two.ports))
    await asyncio.sleep(chance.uniform(0, _KILLED_WITHIN))
    await two.kill(number)
    await asyncio.sleep(chance.uniform(0, _DOWN))
    await two.start(number)

"""Live cards become correct, whatever the number and order of webhooks."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.participant_ids import CallRef
from bot.sandbox.faults import Fault
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.videosdk.rooms import Record
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.slack.followers import PACE
from bot.slack.live_cards import LiveCards
from bot.videosdk import read_event
from tests.conftest import until
from tests.live import FAST, HOME, Rig, rig, who
from tests.test_live import call_of, inside, participant_id

RUNS = 2  # in two runs of a room, people come by two cards
BY_PHONE = "Dana"  # she comes without a card, when somebody is there already
PEOPLE = ("Ann", "Ben", "Cleo", BY_PHONE)
FATES = ("now", "twice", "late", "lost", "killed")  # of a webhook, or of the process it goes to
LAG = 0.03  # seconds by which listings lag behind webhooks

Card = tuple[list[str], bool, int | None]  # who is in, whether it is over, and after how long


class Clock:
    """A clock that tests can advance."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class Story:
    """People who join and leave a named room.

    Attributes:
        calls: the calls of each run of the room.
        inside: the participant IDs of the people inside, by name.
        processes: the processes that webhooks go to, at random.
        later: how many seconds their clocks are ahead.
        right_since: when Slack last differed from VideoSDK.
        tasks: the webhooks and starts in progress.
    """

    rig: Rig
    clock: Clock
    chance: random.Random
    meeting_id: str = ""
    calls: list[CallRef] = field(default_factory=list)
    inside: dict[str, str] = field(default_factory=dict)
    processes: list[LiveCards] = field(default_factory=list)
    later: float = 0
    right_since: float = field(default_factory=time.monotonic)
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    def turn(self, name: str) -> list[bytes]:
        """Let somebody join or leave, and return the webhooks about it."""
        self.clock.ahead += 7
        if name in self.inside:
            self.rig.standin.leave(self.meeting_id, self.inside.pop(name))
        elif self.inside or (name != BY_PHONE and len(self.calls) < RUNS):
            if not self.inside:
                self.calls.append(self.rig.add_call())
            card = "phone" if name == BY_PHONE else who(self.calls[-1], name)
            self.inside[name] = self.rig.standin.join(self.meeting_id, name, card)
        held = self.rig.standin.webhooks.held
        bodies = [event.body for event in held]
        held.clear()
        return bodies

    def deliver(self, bodies: list[bytes]) -> None:
        """Deliver webhooks, each to one of the processes."""
        for event in map(read_event, bodies):
            process = self.chance.choice(self.processes)
            came = process.follow(event.meeting_id or "", HOME).catch_up()
            self.tasks.append(asyncio.create_task(came))

    def start(self) -> LiveCards:
        """Start live cards with a clock further ahead than VideoSDK's tokens would allow."""
        return self.rig.cards(clock=lambda: self.clock() + self.later)

    def kill(self, *, number: int) -> None:
        """Kill a process at any point, and start another."""
        for task in list(self.processes[number]._followers.tasks):
            task.cancel()
        self.processes[number] = self.start()
        self.tasks.append(asyncio.create_task(self.processes[number].sweep()))

    def truth(self) -> list[Card]:
        """Return the state of each run in VideoSDK."""
        return [_truth(session) for session in self.rig.standin._sessions.records]

    def shown(self) -> list[Card]:
        """Return the state of each run in Slack."""
        return [self._shown(call) for call in self.calls]

    def _shown(self, ref: CallRef) -> Card:
        # An ended call counts as empty: whoever was last on its card can't change any more.
        call = self.rig.call(ref)
        names = [] if call.ended_at else self.rig.names(ref)
        return names, call.ended_at is not None, call.duration

    def is_correct(self) -> bool:
        """Return whether Slack has agreed with VideoSDK for a while."""
        now = time.monotonic()
        if self.shown() != self.truth():
            self.right_since = now
        return now - self.right_since > LAG + FAST.longest


def _truth(session: Record) -> Card:
    logs = {person["name"]: person["timelog"] for person in session["participants"]}
    names = sorted(name for name, log in logs.items() if log[-1]["end"] is None)
    if session["end"] is None:
        return names, False, None
    start, end = (datetime.fromisoformat(session[moment]) for moment in ("start", "end"))
    return names, True, round((end - start).total_seconds())


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(PEOPLE), st.sampled_from(FATES)), min_size=1, max_size=14
    ),
    seed=st.integers(0, 99),
    lag=st.sampled_from([0, LAG]),
    bad_users=st.sampled_from(["refuses_batch", "skips", "error"]),
)
async def test_every_card_ends_up_with_videosdks_state(
    steps: list[tuple[str, str]], seed: int, lag: float, bad_users: Any
) -> None:
    chance, clock = random.Random(seed), Clock()  # noqa: S311 - reproducible, and no secret
    async with rig(clock) as opened:
        opened.standin.listing_lag = lag
        opened.slack.oddities.bad_users = bad_users
        story = Story(opened, clock, chance, await opened.add_room())
        story.processes = [story.start() for _ in range(2)]
        late: list[bytes] = []

        for name, fate in steps:
            webhooks = story.turn(name)
            late += webhooks if fate == "late" else []
            story.deliver(
                {"now": webhooks, "twice": webhooks * 2, "killed": webhooks}.get(fate, [])
            )
            await asyncio.sleep(chance.choice([0, 0, 0.004, 0.02]))
            if fate == "killed":
                story.kill(number=chance.randrange(2))
        chance.shuffle(late)
        story.deliver(late)
        story.later = 600  # so that nothing counts as a microphone test
        story.kill(number=0)  # the next start corrects whatever was lost

        await until(story.is_correct, seconds=5)
        for task in story.tasks:
            task.cancel()


def slack_methods(slack: SlackStandIn, since: int) -> Counter[str]:
    """Return how often each method was called."""
    return Counter(method for method, _ in slack.api_calls[since:])


def followers() -> list[asyncio.Task[object]]:
    """Return the tasks of live cards that follow rooms."""
    return [
        task
        for task in asyncio.all_tasks()
        if getattr(task.get_coro(), "__qualname__", "") == "LiveCards._run"
    ]


async def test_a_flood_of_webhooks_stays_within_slacks_rate_limits(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    call = call_of(live_slack, await live_slack.command("/meet standup"))
    [meeting_id] = videosdk_standin.meetings
    videosdk_standin.join(meeting_id, "Ann", await participant_id(call.join_url))
    await videosdk_standin.webhooks.settled()
    called, began, ben = len(live_slack.api_calls), time.monotonic(), f"{call.id}-ben"

    for _ in range(2):
        for _ in range(100):
            videosdk_standin.join(meeting_id, "Ben", ben)
            videosdk_standin.leave(meeting_id, ben)
        await videosdk_standin.webhooks.settled()
        assert len(followers()) <= 1
    videosdk_standin.join(meeting_id, "Cleo", f"{call.id}-cleo")
    await videosdk_standin.webhooks.settled()
    await until(lambda: inside(live_slack, call) == ["Ann", "Cleo"], seconds=3)

    lasted = time.monotonic() - began
    deliveries = videosdk_standin.webhooks.deliveries
    assert len(deliveries) > 400
    assert {delivery.status for delivery in deliveries} == {200}
    assert max(slack_methods(live_slack, called).values()) <= 6 + lasted / PACE.busy
    assert len(followers()) <= 1


async def test_slacks_rate_limit_is_waited_out(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    call = call_of(live_slack, await live_slack.command("/meet standup"))
    [meeting_id] = videosdk_standin.meetings
    limited = Fault(429, b'{"ok": false, "error": "ratelimited"}', headers={"Retry-After": "1"})
    live_slack.faults.plan(limited, path="calls.participants.add")
    began = time.monotonic()

    videosdk_standin.join(meeting_id, "Ann", await participant_id(call.join_url))

    await until(lambda: inside(live_slack, call) == ["Ann"], seconds=4)
    assert time.monotonic() - began >= 1
    assert slack_methods(live_slack, 0)["calls.participants.add"] == 2

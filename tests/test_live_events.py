"""Live cards are right in the end, however many webhooks there are, and in whatever order."""

import asyncio
import itertools
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.calls import Call
from bot.sandbox.faults import Fault
from bot.sandbox.rooms import Record
from bot.sandbox.slack import SlackStandIn
from bot.sandbox.videosdk import VideoSDKStandIn
from bot.slack.live import PAUSE
from bot.videosdk import read_event
from tests.conftest import until
from tests.live import Rig, ours, rig
from tests.test_live import call_of, inside, participant_id

RUNS = 2  # a run of which not one webhook arrives is made good by the run after it
BY_PHONE = "Dana"  # she comes without a card, when somebody is there already
PEOPLE = ("Ann", "Ben", "Cleo", BY_PHONE)

Card = tuple[list[str], bool, int | None]  # who is in, whether it is over, and after how long


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@dataclass
class Story:
    """People who come to a standing room and leave it.

    Attributes:
        calls: of each run of the room; it was made for the first.
        inside: the participant ids of those who are in, by name.
    """

    rig: Rig
    clock: Clock
    meeting_id: str = ""
    calls: list[Call] = field(default_factory=list)
    inside: dict[str, str] = field(default_factory=dict)

    def turn(self, name: str) -> list[bytes]:
        """Let somebody in or out, and return the webhooks that tell of it."""
        self.clock.now += 7
        if name in self.inside:
            self.rig.standin.leave(self.meeting_id, self.inside.pop(name))
        elif self.inside or (name != BY_PHONE and len(self.calls) < RUNS):
            if not self.inside:
                self.calls.append(self.rig.add_call())
            card = None if name == BY_PHONE else f"{self.calls[-1].id}-{name.lower()}"
            self.inside[name] = self.rig.standin.join(self.meeting_id, name, card)
        held = self.rig.standin.webhooks.held
        bodies = [event.body for event in held]
        held.clear()
        return bodies

    def truth(self) -> list[Card]:
        """Return what VideoSDK says of each run."""
        return [_truth(session) for session in self.rig.standin._sessions.records]

    def shown(self) -> list[Card]:
        """Return what Slack shows of it."""
        return [_shown(self.rig.call(call.id)) for call in self.calls]


def _shown(call: Call) -> Card:
    # Nobody is in a call that is over, whoever was the last on its card: from then on it is fixed.
    names = [] if call.ended_at else sorted(person.name for person in call.participants)
    return names, call.ended_at is not None, call.duration


def _truth(session: Record) -> Card:
    logs = {person["name"]: person["timelog"] for person in session["participants"]}
    names = sorted(name for name, log in logs.items() if log[-1]["end"] is None)
    if session["end"] is None:
        return names, False, None
    start, end = (datetime.fromisoformat(session[moment]) for moment in ("start", "end"))
    return names, True, round((end - start).total_seconds())


@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["now", "twice", "late", "lost"])),
        min_size=1,
        max_size=14,
    ),
    seed=st.integers(0, 99),
)
async def test_every_card_says_in_the_end_what_videosdk_does(
    steps: list[tuple[str, str]], seed: int
) -> None:
    chance, clock = random.Random(seed), Clock()  # noqa: S311 - has to come the same again
    async with rig(clock) as opened:
        story = Story(opened, clock, await opened.add_room())
        processes = itertools.cycle([opened.cards(first_pause=0.002) for _ in range(2)])
        # Looks at either side are answered late, so that what is done after them may be outdated.
        opened.standin.faults.plan(*[Fault(delay=0.01)] * 3, path="/v2/sessions")
        opened.slack.faults.plan(*[Fault(delay=0.01)] * 3, path="calls.update")
        late: list[bytes] = []
        last: list[bytes] = []

        def deliver(bodies: list[bytes]) -> None:
            for event in map(read_event, bodies):
                next(processes).notice(event.meeting_id, ours(story.calls[0].id))

        for name, fate in steps:
            told = story.turn(name)
            last = told or last
            late += told if fate == "late" else []
            deliver({"now": told, "twice": told * 2}.get(fate, []))
            await asyncio.sleep(chance.choice([0, 0, 0.004, 0.02]))
        arriving = [*late, *last]
        chance.shuffle(arriving)
        deliver(arriving)
        await opened.settle()

        assert story.shown() == story.truth()


def slack_methods(slack: SlackStandIn, since: int) -> Counter[str]:
    """Return how often each method was called."""
    return Counter(method for method, _ in slack.api_calls[since:])


def followers() -> list[asyncio.Task[object]]:
    """Return the tasks that live cards have."""
    return [
        task
        for task in asyncio.all_tasks()
        if getattr(task.get_coro(), "__qualname__", "").startswith("LiveCards")
    ]


async def test_a_thousand_webhooks_cost_slack_no_more_than_it_allows(
    live_slack: SlackStandIn, videosdk_standin: VideoSDKStandIn
) -> None:
    call = call_of(live_slack, await live_slack.command("/meet standup"))
    [meeting_id] = videosdk_standin.meetings
    videosdk_standin.join(meeting_id, "Ann", await participant_id(call.join_url))
    await videosdk_standin.webhooks.settled()
    called, began, ben = len(live_slack.api_calls), time.monotonic(), f"{call.id}-ben"

    for _ in range(10):
        for _ in range(50):
            videosdk_standin.join(meeting_id, "Ben", ben)
            videosdk_standin.leave(meeting_id, ben)
        await videosdk_standin.webhooks.settled()
        assert len(followers()) <= 1
    videosdk_standin.join(meeting_id, "Cleo", f"{call.id}-cleo")
    await videosdk_standin.webhooks.settled()
    await until(lambda: inside(live_slack, call) == ["Ann", "Cleo"], seconds=3)

    lasted = time.monotonic() - began
    deliveries = videosdk_standin.webhooks.deliveries
    assert len(deliveries) > 1000
    assert {delivery.status for delivery in deliveries} == {200}
    assert max(slack_methods(live_slack, called).values()) <= 4 + lasted / PAUSE
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

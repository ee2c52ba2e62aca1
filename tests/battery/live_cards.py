"""Live cards with every oddity of Slack and VideoSDK, after kills, and after an outage."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.sandbox.faults import Fault
from bot.sandbox.slack.calls import SlackCall
from bot.slack.followers import Pace
from tests.battery.lab import Lab, Stage
from tests.battery.table import Row, all_of, at_most, none_of
from tests.conftest import until
from tests.live import rig, who
from tests.test_live import call_of, has_ended, inside, participant_id

_MINUTE = 1.0  # seconds that represent a minute of an outage
_FASTER = 60 / _MINUTE
_LARGE = (20, 300, 3000)  # sessions, people in each, and bytes a person


@dataclass(frozen=True)
class Habit:
    """An oddity of Slack or VideoSDK.

    Attributes:
        side: the stand-in that has the attribute.
        name: the attribute's name.
        value: the attribute's value.
    """

    side: str
    name: str
    value: object

    @contextmanager
    def shown(self, stage: Stage) -> Iterator[None]:
        """Apply it to a stage until the block ends."""
        target: object = stage.slack.oddities if self.side == "slack" else stage.videosdk
        if self.name == "scopes":
            target = stage.slack
        before = getattr(target, self.name)
        setattr(target, self.name, self.value)
        try:
            yield
        finally:
            setattr(target, self.name, before)


def _habits(side: str, **values: Iterable[object]) -> list[Habit]:
    return [Habit(side, name, value) for name, several in values.items() for value in several]


HABITS = [
    *_habits(
        "slack",
        scopes=[{"commands", "calls:write"}, {"commands", "calls:write", "calls:read"}],
        bare_update=["missing_argument", "no_error"],
        repeated_call=["same", "ended", "new"],
        bad_users=["skips", "error"],
        inactive_end=["ok_false"],
    ),
    *_habits(
        "videosdk",
        listing_lag=[0.0, 1.0],
        updates_webhook=[True],
        echoes_webhook=[False],
        end_answers=["string"],
        webhook_field=["type"],
        lingers=[0.5],
        participant_bytes=[0, 3000],
        key_form=["spki"],
    ),
]


async def habits(lab: Lab) -> Row:
    """W2: two people join and leave, with every oddity of Slack and VideoSDK."""
    odd, slowest = list[str](), 0.0
    tried = HABITS[:: max(1, len(HABITS) // lab.size.habits)]
    async with lab.running(VIDEOSDK_API_VERSION="v2") as stage:
        for number, habit in enumerate(tried):
            with habit.shown(stage):
                if habit.name == "key_form":
                    stage.videosdk.webhooks.rotate_key()  # so that the bot reads it
                took = await _story(stage, f"w2 {number}")
            slowest = max(slowest, took or 0)
            odd += [] if took else [f"{habit.name} {habit.value}"]
        statuses = [one.status for one in stage.videosdk.webhooks.deliveries]
    return Row(
        "W2",
        f"two people and a recorder join and leave, with each of {len(tried)} behaviours that "
        "Slack's Calls API and VideoSDK may have",
        [
            none_of("card with the wrong people or without an end", odd),
            at_most("slowest update after a webhook", slowest, 3, "s"),
            all_of("every webhook gets 200", statuses.count(200), len(statuses)),
        ],
    )


async def kills(lab: Lab) -> Row:
    """K3: the bot is killed around the last webhook, and starts again."""
    calls, slowest = list[SlackCall](), 0.0
    async with lab.stage(VIDEOSDK_API_VERSION="v2") as stage:
        for number in range(lab.size.kills):
            async with stage.running() as bot:
                slowest = max(slowest, await _seconds_until(lambda: _all_ended(stage, calls)) or 99)
                calls.append(await _hold(stage, f"k3 {number}"))
                meeting_id = list(stage.videosdk.meetings)[-1]
                if number % 3:
                    stage.videosdk.end(meeting_id)
                    await asyncio.sleep(lab.chance.uniform(0, 0.1))
                bot.process.kill()
                await bot.process.wait()
            stage.videosdk.end(meeting_id)
        async with stage.running():
            slowest = max(slowest, await _seconds_until(lambda: _all_ended(stage, calls)) or 99)
    ended = sum(has_ended(stage.slack, call) for call in calls)
    return Row(
        "K3",
        f"SIGKILL within 100 ms of the last webhook of {len(calls)} meetings, then a restart",
        [
            all_of("every card ends after the restart", ended, len(calls)),
            at_most("slowest end after the restart", slowest, 5, "s"),
        ],
    )


async def large(lab: Lab) -> Row:
    """K4: the bot starts after more meetings than it can read in one request."""
    sessions, people, size = _LARGE
    sessions = min(sessions, lab.size.kills)
    async with lab.stage(VIDEOSDK_API_VERSION="v2") as stage:
        stage.videosdk.participant_bytes = size
        stage.videosdk.webhooks.paused = True
        async with stage.running():
            calls = [await _started(stage, f"k4 {number}") for number in range(sessions)]
            cards = [await participant_id(call.join_url) for call in calls]
        for one, meeting_id in zip(cards, stage.videosdk.meetings, strict=True):
            for person in range(people):
                stage.videosdk.join(meeting_id, f"Person {person}", _another(one, person))
            stage.videosdk.end(meeting_id)
        async with stage.running():
            took = await _seconds_until(lambda: _all_ended(stage, calls)) or 99
            alive = (await stage.slack.command("/meet k4 after all")).error
    return Row(
        "K4",
        f"start after {sessions} meetings of {people} people ({size:,} bytes per person) whose "
        "webhooks were all lost",
        [
            at_most("time until the last card ends", took, 10, "s"),
            none_of("error in the next command", filter(None, [alive])),
        ],
    )


async def outage(lab: Lab) -> Row:
    """S6: Slack's calls.* methods fail from the end of a meeting on."""
    minutes = lab.size.outage_minutes
    pace = Pace()
    fast = Pace(
        first=pace.first / _FASTER,
        longest=pace.longest / _FASTER,
        busy=pace.busy / _FASTER,
        linger=pace.linger / _FASTER,
        life=pace.life / _FASTER,
        webhook_timeout=pace.webhook_timeout / _FASTER,
    )
    async with rig() as opened:
        cards, call = opened.cards(pace=fast), opened.add_call()
        meeting_id = await opened.add_room()
        for name in ("Ann", "Ben"):
            opened.standin.join(meeting_id, name, who(call, name))
        cards.follow(meeting_id)
        await until(lambda: opened.names(call) == ["Ann", "Ben"])
        opened.slack.faults.always(Fault(500), path="calls.")
        opened.standin.end(meeting_id)
        cards.follow(meeting_id)
        await asyncio.sleep(minutes * _MINUTE)
        was_live = not opened.has_ended(call)
        opened.slack.faults.forget()
        took = await _seconds_until(lambda: opened.has_ended(call))
    return Row(
        "S6",
        f"Slack's calls.* methods fail for {minutes:g} minutes after a meeting ends, on a clock "
        f"that runs {_FASTER:g} times as fast",
        [
            none_of("card ends before Slack is back", [] if was_live else [call.call_id]),
            at_most("time from Slack's return to the card's end", (took or 99) / _MINUTE, 2, "min"),
        ],
    )


async def _story(stage: Stage, name: str) -> float | None:
    """Let two people and a recorder join and leave; return the slowest step, or None on failure."""
    call = await _started(stage, name)
    meeting_id = list(stage.videosdk.meetings)[-1]
    people = [await participant_id(call.join_url) for _ in range(2)]
    steps: list[tuple[Callable[[], object], list[str] | None]] = [
        (lambda: _join(stage, meeting_id, people), ["Ann", "Ben"]),
        (lambda: stage.videosdk.leave(meeting_id, people[0]), ["Ben"]),
        (lambda: stage.videosdk.leave(meeting_id, people[1]), None),
    ]
    slowest = 0.0
    for act, names in steps:
        act()
        took = await _seconds_until(
            lambda names=names: (  # type: ignore[misc] # mypy knows no such defaults
                has_ended(stage.slack, call)
                if names is None
                else inside(stage.slack, call) == names
            )
        )
        if took is None:
            return None
        slowest = max(slowest, took)
    await stage.videosdk.webhooks.settled()
    return slowest


def _join(stage: Stage, meeting_id: str, people: list[str]) -> None:
    for person, name in zip(people, ("Ann", "Ben"), strict=True):
        stage.videosdk.join(meeting_id, name, person, ago=150)
    stage.videosdk.record(meeting_id)


async def _hold(stage: Stage, name: str) -> SlackCall:
    """Start a meeting, and let two people join."""
    call = await _started(stage, name)
    meeting_id = list(stage.videosdk.meetings)[-1]
    for person in ("Ann", "Ben"):
        stage.videosdk.join(meeting_id, person, await participant_id(call.join_url))
    await until(lambda: inside(stage.slack, call) == ["Ann", "Ben"])
    return call


async def _started(stage: Stage, name: str) -> SlackCall:
    return call_of(stage.slack, await stage.slack.command(f"/meet {name}"))


def _all_ended(stage: Stage, calls: list[SlackCall]) -> bool:
    return all(has_ended(stage.slack, call) for call in calls)


def _another(participant: str, number: int) -> str:
    """Return the participant ID of another visitor of the same card."""
    return f"{participant.rpartition('-')[0]}-visitor{number}"


async def _seconds_until(condition: Callable[[], object]) -> float | None:
    """Return the seconds until a condition holds, or None after 20 seconds."""
    began = time.monotonic()
    try:
        await until(condition, seconds=20)
    except TimeoutError:
        return None
    return time.monotonic() - began

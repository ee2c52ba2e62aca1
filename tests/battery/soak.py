"""Soak: a day's load in twenty minutes; nothing may grow."""

import asyncio
import itertools
import signal
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.battery.lab import Lab, Stage, is_card, slug
from tests.battery.load import MIB, Answer, driver, percentile
from tests.battery.table import Finding, Row, all_of, at_most
from tests.conftest import until
from tests.test_live import has_ended, participant_id

RATE = 10  # commands a second
_SAMPLES = 40
_WARM = 0.2  # share of the time; until then, caches fill and the heap grows
_ROOMS = 40  # in use at most
_FEW = 8  # difference in descriptors or tasks that requests in flight explain
_SESSIONS = 80  # kept by VideoSDK's stand-in


@dataclass
class Samples:
    """Measurements of the process over time."""

    memory: list[float] = field(default_factory=list)
    descriptors: list[float] = field(default_factory=list)
    tasks: list[float] = field(default_factory=list)

    async def take(self, stage: Stage) -> None:
        """Take one measurement."""
        self.memory.append(stage.process.memory_info().rss / MIB)
        self.descriptors.append(stage.process.num_fds())
        known = _task_counts(stage)
        stage.bot.process.send_signal(signal.SIGUSR1)
        async with asyncio.timeout(10):
            while len(_task_counts(stage)) == len(known):
                await asyncio.sleep(0.01)
        self.tasks.append(_task_counts(stage)[-1])


async def soak(lab: Lab) -> Row:
    """L4: commands, checks, joins and webhooks, while the process's resources are measured."""
    seconds, samples = lab.size.soak, Samples()
    count = int(RATE * seconds)
    async with lab.running(VIDEOSDK_API_VERSION="v2") as stage, driver(stage) as load:
        visiting = asyncio.create_task(_visit(stage, seconds))
        sampling = asyncio.create_task(_sample(stage, samples, seconds))
        rooms = min(_ROOMS, int(count * _WARM / 2))  # all are known, and followed, once it is warm
        answers = await load.steadily(itertools.islice(_lines(stage, rooms), count), RATE)
        await asyncio.gather(visiting, sampling)
    return Row(
        "L4",
        f"{RATE} commands a second for {seconds / 60:.3g} min with live cards, starts and checks, "
        "while people join and leave; first quarter compared with the last",
        [
            all_of("every command gets an answer", sum(map(_is_answered, answers)), count),
            at_most("slowest answer", percentile(answers, 1), 3000, "ms"),
            flat("memory", samples.memory, "MiB"),
            flat("descriptors", samples.descriptors, few=_FEW),
            flat("tasks", samples.tasks, few=_FEW),
        ],
    )


def flat(what: str, samples: list[float], unit: str = "", few: float = 0) -> Finding:
    """Return the finding that a figure's last quarter equals its first, after warming up."""
    settled = samples[int(_WARM * len(samples)) :]
    quarter = max(1, len(settled) // 4)
    first, last = (statistics.median(part) for part in (settled[:quarter], settled[-quarter:]))
    met = abs(last - first) <= max(0.05 * first, few)
    less = f" or {few:g}" if few else ""
    return Finding(f"{what} ± 5 %{less}", f"{first:.4g} → {last:.4g} {unit}".rstrip(), met)


def _lines(stage: Stage, rooms: int) -> Iterator[str]:
    """Yield commands: mostly starts of a few dozen rooms, sometimes a check."""
    for number in itertools.count():
        known = list(stage.videosdk.meetings)
        if number % 5 == 4 and known:
            yield f"/meet-check {known[number % len(known)]}"
        else:
            yield f"/meet soak {number % rooms}"


async def _visit(stage: Stage, seconds: float) -> None:
    """Let somebody join and leave a meeting, every second."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        calls = list(stage.slack.workspace.calls.by_id.values())
        if live := [call for call in calls if not call.ended_at]:
            call = live[-1]
            person = await participant_id(call.join_url)
            [meeting] = [m for m in stage.videosdk.meetings if _is_of(stage, m, call.title)]
            stage.videosdk.join(meeting, "Ann", person, ago=150)
            await asyncio.sleep(0.5)
            stage.videosdk.leave(meeting, person)
            await until(lambda call=call: has_ended(stage.slack, call))  # type: ignore[misc] # mypy knows no such defaults
            _forget_the_past(stage)
        await asyncio.sleep(0.5)


def _forget_the_past(stage: Stage) -> None:
    """Delete old sessions from the stand-in, which gets slower with their number."""
    del stage.videosdk._sessions.records[:-_SESSIONS]
    stage.videosdk.requests.clear()
    stage.videosdk.webhooks.deliveries.clear()


def _is_of(stage: Stage, meeting_id: str, title: str) -> bool:
    own_id = stage.videosdk.meetings[meeting_id].get("userMeetingId")
    return slug(own_id) == title.replace(" ", "-")


async def _sample(stage: Stage, samples: Samples, seconds: float) -> None:
    for _ in range(_SAMPLES):
        await asyncio.sleep(seconds / _SAMPLES)
        await samples.take(stage)


def _task_counts(stage: Stage) -> list[float]:
    return [line["tasks"] for line in stage.bot.log if line["event"] == "tasks"]


def _is_answered(answer: Answer) -> bool:
    return is_card(answer.message) or "is valid" in answer.message.get("text", "")

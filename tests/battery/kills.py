"""Stop or kill the bot while it works."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.sandbox.faults import Fault
from bot.sandbox.slack.delivered import Delivered
from tests.battery.cores import pin
from tests.battery.lab import Lab, Stage, slug
from tests.battery.table import Row, all_of, at_most, none_of

BUSY = 4  # processes
COMMANDS = 40  # commands a second
_SIGNAL_AT = 0.6  # seconds
_DELAY = Fault(delay=0.3)  # of VideoSDK
_LATE = Fault(delay=4.0)  # so that a card is promised


@dataclass
class Outcome:
    """The outcome of the commands of all rounds.

    Attributes:
        unanswered: Slack's errors for commands typed before the signal.
        lost: commands that were acknowledged but never got a result.
        orphans: rooms of commands whose user got no card.
        exits: the exit codes.
        slowest: the longest time from signal to exit, in seconds.
    """

    unanswered: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    exits: list[int] = field(default_factory=list)
    slowest: float = 0.0


async def stopped(lab: Lab) -> Row:
    """K1: a host stops the bot, as at every deployment and once a day."""
    return await _stop(lab, "K1", 2 * lab.size.stops, "")


async def stopped_when_busy(lab: Lab) -> Row:
    """K6: the same on a busy machine."""
    with busy(BUSY):
        return await _stop(lab, "K6", lab.size.stops, f", with {BUSY} other busy processes")


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep every core busy."""
    code = "while True: pass"
    working = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(processes)]
    for number, process in enumerate(working):
        pin(number % (os.cpu_count() or 1), process.pid)
    try:
        yield
    finally:
        for process in working:
            process.kill()
            process.wait()


async def _stop(lab: Lab, row_id: str, rounds: int, where: str) -> Row:
    seen = Outcome()
    for number in range(rounds):
        how = (signal.SIGTERM, signal.SIGINT)[number % 2]
        async with lab.running() as stage:
            await _stop_once(stage, how, f"{row_id.lower()} {number}", seen)
    return Row(
        row_id,
        f"SIGTERM and SIGINT in turn, {rounds} times, while {COMMANDS} commands arrive within a "
        f"second and VideoSDK takes 300 ms{where}",
        [
            none_of("failed command from before the signal", seen.unanswered),
            none_of("accepted command is lost", seen.lost),
            none_of("room is left without its card", seen.orphans),
            all_of("exit code 0", seen.exits.count(0), rounds),
            at_most("slowest exit", seen.slowest, 10, "s"),
        ],
    )


async def killed(lab: Lab) -> Row:
    """K2: the bot is killed, and people retype what failed."""
    cards, lost, failed, typed = 0, list[str](), list[str](), 0
    async with lab.stage(VIDEOSDK_API_VERSION="v2") as stage:
        stage.videosdk.faults.always(_DELAY)
        for number in range(lab.size.kills + 1):
            async with stage.running() as bot:
                again = await _send_commands(stage, failed, 0.2)
                cards += sum(map(_is_card, again))
                if number == lab.size.kills:
                    break
                lines = [f"/meet k2 {number} {n}" for n in range(COMMANDS // 2)]
                typing = asyncio.create_task(_send_commands(stage, lines, 0.5))
                await asyncio.sleep(lab.chance.uniform(0, 0.9))
                bot.process.kill()
                came = await typing
            typed += len(lines)
            cards += sum(map(_is_card, came))
            lost += [_words(delivery) for delivery in came if _is_lost(delivery)]
            failed = [line for line, one in zip(lines, came, strict=True) if one.error]
        rooms = _rooms(stage)
    return Row(
        "K2",
        f"SIGKILL at {lab.size.kills} random moments under {COMMANDS} commands a second, with live "
        "cards; VideoSDK takes 300 ms; after the restart, users retype what failed in Slack",
        [
            none_of("accepted command is lost", lost),
            all_of("every command gets its card in the end", cards, typed),
            at_most("rooms per command", max(rooms.values()), 1),
        ],
    )


async def promised(lab: Lab) -> Row:
    """K5: the bot is killed after it has promised a card, and people follow its advice."""
    rounds, count = max(1, lab.size.kills // 10), COMMANDS // 4
    hints, cards = 0, 0
    async with lab.stage(VIDEOSDK_API_VERSION="v2") as stage:
        for number in range(rounds):
            lines = [f"/meet k3 {number} {n}" for n in range(count)]
            async with stage.running() as bot:
                stage.videosdk.faults.always(_LATE)
                came = await _send_commands(stage, lines, 0.2)
                bot.process.kill()
            hints += sum("If nothing comes, type the command again" in _words(one) for one in came)
            stage.videosdk.faults.forget()
            async with stage.running():
                cards += sum(map(_is_card, await _send_commands(stage, lines, 0.2)))
        rooms = _rooms(stage)
    return Row(
        "K5",
        f"SIGKILL after {count} promised cards, {rounds} times; after the restart, users retype "
        "commands whose card doesn't come",
        [
            all_of("every promise says what to do if nothing comes", hints, rounds * count),
            all_of("every card arrives in the end", cards, rounds * count),
            at_most("rooms per name", max(rooms.values()), 1),
        ],
    )


async def _stop_once(stage: Stage, how: int, name: str, seen: Outcome) -> None:
    stage.videosdk.faults.always(_DELAY)
    lines = [f"/meet {name} {n}" for n in range(COMMANDS)]
    typed: list[float] = []
    typing = asyncio.create_task(_send_commands(stage, lines, 1.0, typed))
    await asyncio.sleep(_SIGNAL_AT)
    began = time.monotonic()
    seen.exits.append(await stage.bot.stop(how))
    seen.slowest = max(seen.slowest, time.monotonic() - began)
    deliveries = await typing
    early = bisect(typed, began)  # a busy machine sends slowly
    seen.unanswered += [delivery.error for delivery in deliveries[:early] if delivery.error]
    seen.lost += [_words(delivery) for delivery in deliveries if _is_lost(delivery)]
    ends = {line[6:].replace(" ", "-"): one for line, one in zip(lines, deliveries, strict=True)}
    rooms = _rooms(stage)
    seen.orphans += [f"{room}: {_words(ends[room])}" for room in rooms if not _is_card(ends[room])]


async def _send_commands(
    stage: Stage, lines: list[str], seconds: float, typed: list[float] | None = None
) -> list[Delivered]:
    """Send lines evenly over a time, and wait for the results.

    Args:
        stage: the stand-ins and the bot.
        lines: the lines to send.
        seconds: the time to spread them over.
        typed: receives the time of each line.
    """
    sent, times = [], [] if typed is None else typed
    for line in lines:
        times.append(time.monotonic())
        sent.append(asyncio.create_task(stage.slack.command(line)))
        await asyncio.sleep(seconds / len(lines))
    return await asyncio.gather(*sent)


def _rooms(stage: Stage) -> Counter[str]:
    """Return the number of rooms of each name."""
    own = (record.get("userMeetingId") for record in stage.videosdk.meetings.values())
    return Counter(slug(own_id) for own_id in own)


def _is_card(delivery: Delivered) -> bool:
    return not delivery.error and "started a meeting" in delivery.messages[-1].text


def _is_lost(delivery: Delivered) -> bool:
    """Return whether a command was acknowledged without error but got no card and no reason."""
    return not delivery.error and not _is_card(delivery) and "restarting" not in _words(delivery)


def _words(delivery: Delivered) -> str:
    return delivery.messages[-1].text if delivery.messages else "nothing"

"""Clocks: timestamps at the limit, a distant year, a clock that jumps during a command."""

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from bot.sandbox.faults import Fault
from bot.sandbox.slack.payloads import encode, sign, slash_command
from bot.sandbox.slack.workspace import CHANNELS, USERS
from tests.battery.faults import ending
from tests.battery.inside.shifted_clock import move, shifted_clock
from tests.battery.lab import Lab, Stage
from tests.battery.table import Finding, Row, all_of, at_most, none_of
from tests.conftest import SIGNING_SECRET
from tests.test_live import participant_id

NOW = 1_795_428_000
LAST_OF_32_BITS = datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC).timestamp()
_STAMPS = {0: 200, -299: 200, 299: 200, -300: 200, 300: 200, -301: 401, 301: 401}

_JUMPS = (("0", "1200"), ("1200", "0"), ("0", "-1200"))  # seconds; a response_url works for 1800


async def clocks(lab: Lab) -> Row:
    """T1: the wall clock may be wrong, or jump."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "clock"
        move(file, "0")
        settings = {"BATTERY_CLOCK": str(file), "VIDEOSDK_API_VERSION": "v2"}
        async with lab.stage(shifted_clock(file), **settings) as stage, stage.running():
            findings = [
                await _stamps(stage, file),
                await _in_2038(stage, file),
                *await _jumps(stage, file),
            ]
    return Row(
        "T1",
        "request timestamps 299, 300 and 301 s off; a start, a check and a join just before and "
        "after 2038-01-19 03:14:07; clock jumps of 20 minutes during a command",
        findings,
    )


async def _stamps(stage: Stage, file: Path) -> Finding:
    move(file, f"={NOW}")
    seen = {off: await _status(stage, NOW + off) for off in _STAMPS}
    wrong = {off: status for off, status in seen.items() if status != _STAMPS[off]}
    return all_of("200 up to 300 s, 401 beyond", len(_STAMPS) - len(wrong), len(_STAMPS))


async def _in_2038(stage: Stage, file: Path) -> Finding:
    odd = []
    for moment in (LAST_OF_32_BITS - 1, LAST_OF_32_BITS + 1, LAST_OF_32_BITS + 86400):
        move(file, f"={moment:.0f}")
        card = (await stage.slack.command(f"/meet t1 {moment:.0f}")).messages[-1]
        meeting_id = list(stage.videosdk.meetings)[-1]
        checked = (await stage.slack.command(f"/meet-check {meeting_id}")).messages[-1]
        [call] = [c for c in stage.slack.workspace.calls.by_id.values() if c.title in card.text]
        odd += [
            m.text for m, words in ((card, "started"), (checked, "is valid")) if words not in m.text
        ]
        odd += [] if await participant_id(call.join_url) else ["no way in"]
    return none_of("failure around 2038", odd)


async def _jumps(stage: Stage, file: Path) -> list[Finding]:
    odd, slowest = [], 0
    for number, (before, after) in enumerate(_JUMPS):
        move(file, before)
        stage.videosdk.faults.plan(Fault(delay=2.7), path="/v2/rooms")
        typing = asyncio.create_task(stage.slack.command(f"/meet jump {number}"))
        await asyncio.sleep(1)
        move(file, after)
        delivery = await typing
        slowest = max(slowest, delivery.ms)
        if "started a meeting" not in (await ending(delivery))[-1]:
            odd.append("no follow-up with the card")
        if (again := await stage.slack.command(f"/meet after {number}")).error:
            odd.append(again.error)
    return [
        at_most("slowest answer while the clock jumps", slowest, 3000, "ms"),
        none_of("card is lost to a jump", odd),
    ]


async def _status(stage: Stage, stamp: int) -> int:
    """Return the status of a command that is valid except for this timestamp."""
    url = f"{stage.slack.url}/response/none"
    body = encode(slash_command(USERS[0], CHANNELS[0], "/meet help", url))
    headers = sign(body, stamp, SIGNING_SECRET)
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    async with (
        aiohttp.ClientSession() as session,
        session.post(stage.slack.events_url, data=body, headers=headers) as answer,
    ):
        return answer.status

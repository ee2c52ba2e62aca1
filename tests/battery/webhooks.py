"""VideoSDK's webhooks: forged, repeated, out of order, meaningless, and far too many."""

import asyncio
import json
import time
from collections.abc import Callable

import aiohttp

from bot.sandbox.slack.calls import SlackCall
from bot.slack.followers import PACE
from tests.battery.lab import Lab, Stage
from tests.battery.table import Finding, Row, all_of, at_most, none_of
from tests.conftest import until
from tests.test_live import call_of, inside, participant_id

_IN_A_ROUND = 50  # times that somebody joins and leaves
_REPEATS = 5


async def webhooks(lab: Lab) -> Row:
    """W1: whatever arrives, the card ends up correct."""
    async with lab.running(VIDEOSDK_API_VERSION="v2") as stage:
        call, meeting_id = await _meeting(stage, "w1")
        findings = [
            await _statuses(stage, meeting_id),
            await _check_short_meeting(stage, call, meeting_id),
            *await _flood(stage, call, meeting_id),
        ]
    return Row(
        "W1",
        f"webhooks that are forged, misdirected or about an unknown room; {_REPEATS} copies of "
        f"each webhook, shuffled and some lost; then {lab.size.webhooks:,} for one room within "
        f"{lab.size.webhook_seconds:g} s",
        findings,
    )


async def _meeting(stage: Stage, name: str) -> tuple[SlackCall, str]:
    delivery = await stage.slack.command(f"/meet {name}")
    return call_of(stage.slack, delivery), list(stage.videosdk.meetings)[-1]


async def _statuses(stage: Stage, meeting_id: str) -> Finding:
    """Post invalid webhooks, and webhooks about other rooms; return the statuses."""
    url = stage.videosdk.meetings[meeting_id]["webhook"]["endPoint"]
    sign = stage.videosdk.webhooks.sign
    ended = _event("session-ended", meeting_id)
    unknown = _event("session-ended", "n0t0-h3re-0000")
    wanted: list[tuple[int, str, bytes, str]] = [
        (401, url, ended, ""),
        (401, url, ended + b" ", sign(ended)),
        (401, url, ended, sign(unknown)),
        (404, url[:-3], ended, sign(ended)),
        (404, url.replace("/videosdk/", "/videosdk/x"), ended, sign(ended)),
        (400, url, b"[]", sign(b"[]")),
        (413, url, b"x" * 300_000, ""),
        (200, url, unknown, sign(unknown)),
    ]
    odd = []
    async with aiohttp.ClientSession() as session:
        for status, address, body, signature in wanted:
            headers = {"videosdk-signature": signature}
            async with session.post(address, data=body, headers=headers) as answer:
                if answer.status != status:
                    odd.append(f"{answer.status} for {status}")
    return none_of("unexpected status for an invalid webhook or an unknown room", odd)


async def _check_short_meeting(stage: Stage, call: SlackCall, meeting_id: str) -> Finding:
    """Lose, duplicate, repeat and shuffle the webhooks of a short meeting."""
    hooks, sdk = stage.videosdk.webhooks, stage.videosdk
    people = [await participant_id(call.join_url) for _ in range(3)]
    hooks.paused = True
    for person, name in zip(people, ("Ann", "Ben", "Cleo"), strict=True):
        sdk.join(meeting_id, name, person, ago=150)
    sdk.leave(meeting_id, people[0])
    hooks.held *= _REPEATS
    hooks.shuffle(4711)
    del hooks.held[::3]
    hooks.paused = False
    await hooks.settled()
    took = await _seconds_until(lambda: inside(stage.slack, call) == ["Ben", "Cleo"])
    return at_most("time until the card shows the right people", took, 3, "s")


async def _flood(stage: Stage, call: SlackCall, meeting_id: str) -> list[Finding]:
    """Let somebody join and leave impossibly fast, until everyone has left."""
    size, sdk = stage.lab.size, stage.videosdk
    called, began = len(stage.slack.api_calls), time.monotonic()
    first = len(sdk.webhooks.deliveries)
    rounds = max(1, size.webhooks // _IN_A_ROUND // 2)
    for number in range(rounds):
        for _ in range(_IN_A_ROUND):
            sdk.join(meeting_id, "Dana", f"{call.id}-dana")
            sdk.leave(meeting_id, f"{call.id}-dana")
        await sdk.webhooks.settled()
        left = began + (number + 1) * size.webhook_seconds / rounds - time.monotonic()
        await asyncio.sleep(max(0, left))
    sdk.end(meeting_id)
    await sdk.webhooks.settled()
    took = await _seconds_until(lambda: stage.slack.workspace.calls.get(call.id).ended_at)
    lasted = time.monotonic() - began
    statuses = [delivery.status for delivery in sdk.webhooks.deliveries[first:]]
    methods = [method for method, _ in stage.slack.api_calls[called:]]
    most = max(methods.count(method) for method in set(methods))
    return [
        all_of("every webhook gets 200", statuses.count(200), len(statuses)),
        at_most(f"calls of each Slack method in {lasted:.0f} s", most, 6 + lasted / PACE.busy),
        at_most("time until the card ends", took, 3, "s"),
    ]


def _event(kind: str, meeting_id: str) -> bytes:
    data = {"meetingId": meeting_id, "sessionId": "62c4"}
    return json.dumps({"webhookType": kind, "data": data}).encode()


async def _seconds_until(condition: Callable[[], object]) -> float:
    """Return the seconds until a condition holds."""
    began = time.monotonic()
    await until(condition, seconds=20)
    return time.monotonic() - began

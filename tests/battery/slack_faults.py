"""Faults of Slack: the Web API, response_urls, and addresses that aren't Slack's."""

import asyncio
import json
import time
from collections.abc import Iterable
from dataclasses import replace

import aiohttp

from bot.sandbox.faults import Fault
from bot.sandbox.slack.payloads import encode, sign, slash_command
from bot.sandbox.slack.workspace import CHANNELS, USERS
from tests.battery.lab import Lab, Stage
from tests.battery.table import Row, all_of, at_most, none_of
from tests.conftest import SIGNING_SECRET, until
from tests.peer import Peer, http_answer

LATE = 2.4  # seconds that VideoSDK takes, to cause a follow-up


def refusal(error: str, status: int = 200, **headers: str) -> Fault:
    """Return the fault that makes Slack reject a call."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault(status, json.dumps({"ok": False, "error": error}).encode(), headers=named)


REFUSALS = [
    *("channel_not_found", "not_in_channel", "invalid_auth", "token_revoked", "missing_scope"),
    "internal_error",
]


async def rate_limited(lab: Lab) -> Row:
    """S1: Slack's Web API limits the rate of calls."""
    limited = refusal("ratelimited", 429, Retry_After="30")
    return await _without_calls(lab, "S1", "answers 429 with a Retry-After of 30 s", [limited])


async def refused(lab: Lab) -> Row:
    """S2: Slack rejects the call that a live card needs."""
    words = f"rejects calls with {', '.join(REFUSALS)}"
    return await _without_calls(lab, "S2", words, [refusal(error) for error in REFUSALS])


async def broken(lab: Lab) -> Row:
    """S3: Slack's Web API is slow, broken or unreachable."""
    faults = [Fault(delay=5), Fault(500), Fault(reset=True), Fault(200, b"<html>", "text/html")]
    return await _without_calls(
        lab, "S3", "hangs, answers 500 or HTML, or resets the connection", faults
    )


async def elsewhere(lab: Lab) -> Row:
    """S7: Slack's Web API redirects, or sends an endless answer."""
    async with Peer(http_answer(b'{"ok": true}')).listening() as peer:
        moved = [Fault(status, headers={"Location": peer.url}) for status in (302, 307)]
        giant = Fault(200, b" " * 50_000, repeat=4_000)
        row = await _without_calls(lab, "S7", "redirects, or sends 200 MB", [*moved, giant])
    followed = at_most("connections to the redirect's target", peer.connections, 0)
    return replace(row, findings=[*row.findings, followed])


async def response_urls(lab: Lab) -> Row:
    """S4: Slack rejects follow-ups."""
    faults = [
        *(refusal("expired_url", 404), refusal("used_url", 404), Fault(410), Fault(500)),
        *(Fault(reset=True), Fault(302, headers={"Location": "/response/elsewhere"})),
    ]
    times = lab.size.times
    async with lab.running() as stage:
        for fault in faults:
            stage.slack.faults.always(fault, path="/response")
            await _send_slow_commands(stage, times)
        logged = len(faults) * times
        await until(lambda: _events(stage, "follow-up rejected by Slack") >= logged, 10)
        stage.slack.faults.forget()
        alive = (await stage.slack.command("/meet after all")).error
    seen = _events(stage, "follow-up rejected by Slack")
    return Row(
        "S4",
        f"Slack rejects follow-ups with 404, 410, 500, a reset or a redirect, {times} times each",
        [
            all_of("every rejection is logged", seen, logged),
            none_of("error in the next command", filter(None, [alive])),
        ],
    )


async def foreign(lab: Lab) -> Row:
    """S5: a signed command has a response_url on another host."""
    times = lab.size.times
    async with lab.running() as stage, Peer(http_answer(b"")).listening() as peer:
        stage.videosdk.faults.always(Fault(delay=LATE))
        statuses = await asyncio.gather(
            *(_with_url(stage, f"{peer.url}/response/{n}") for n in range(times))
        )
        event = "follow-up not sent: its address is not Slack's"
        await until(lambda: _events(stage, event) == times, 10)
    return Row(
        "S5",
        f"{times} signed commands with a response_url on another host, while VideoSDK is slow",
        [
            all_of("every command is acknowledged", statuses.count(200), times),
            at_most("connections to that host", peer.connections, 0),
        ],
    )


async def _without_calls(lab: Lab, row_id: str, words: str, faults: Iterable[Fault]) -> Row:
    """Apply faults to all calls for live cards, and check that plain cards come instead."""
    slowest, odd, count = 0, [], 0
    async with lab.running(VIDEOSDK_API_VERSION="v2") as stage:
        for number, fault in enumerate(faults):
            stage.slack.faults.always(fault, path="calls.")
            lines = [f"/meet {row_id} {number} {n}" for n in range(lab.size.times)]
            for delivery in await asyncio.gather(*map(stage.slack.command, lines)):
                count += 1
                slowest = max(slowest, delivery.ms)
                card = delivery.messages[-1]
                kinds = [block["type"] for block in card.blocks or []]
                if "started a meeting" not in card.text or kinds[:1] != ["header"]:
                    odd.append(card.text)
        reasons = _events(stage, "live card not updated")
    return Row(
        row_id,
        f"Slack's Web API {words}: {count} `/meet` with live cards",
        [
            at_most("slowest answer", slowest, 3000, "ms"),
            none_of("answer except a plain card", odd),
            all_of("the cause is logged", min(reasons, 1), 1),
        ],
    )


async def _send_slow_commands(stage: Stage, times: int) -> None:
    """Send commands whose results come by response_url."""
    stage.videosdk.faults.plan(*[Fault(delay=LATE)] * times, path="/v1/meetings")
    lines = [f"/meet late {n}" for n in range(times)]
    for delivery in await asyncio.gather(*map(stage.slack.command, lines)):
        assert "still being" in delivery.messages[-1].text


async def _with_url(stage: Stage, url: str) -> int:
    body = encode(slash_command(USERS[0], CHANNELS[0], "/meet standup", url))
    headers = sign(body, time.time(), SIGNING_SECRET)
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    async with (
        aiohttp.ClientSession() as session,
        session.post(stage.slack.events_url, data=body, headers=headers) as answer,
    ):
        return answer.status


def _events(stage: Stage, event: str) -> int:
    return sum(line["event"] == event for line in stage.bot.log)

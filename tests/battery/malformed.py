"""Malformed HTTP: known cases, and valid requests with a few bytes changed."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.slack.payloads import sign
from tests.battery.lab import Lab, Stage
from tests.battery.table import Row, at_least, none_of
from tests.conftest import SIGNING_SECRET
from tests.web import test_slack as known
from tests.web.test_slack import COMMAND, FORM, post, signed

_ANSWER_TIMEOUT = (
    3.0  # seconds for an answer; there is none while the bot waits for the rest of a request
)
_AT_ONCE = 200
_ROUTES = (
    *(b"/slack/events", b"/join/a.b.c", b"/videosdk/a.b.c", b"/readyz", b"/"),
    *(b"/metrics", b"/slack/install", b"/slack/oauth_redirect?code=1&state=2"),
)


async def malformed(lab: Lab) -> Row:
    """Z1: no malformed request makes the bot fail."""
    statuses: Counter[int] = Counter()
    odd: list[str] = []
    async with lab.running(VIDEOSDK_API_VERSION="v2") as stage:
        for status, body, changes in known.NOT_FROM_SLACK:
            headers = {k: v for k, v in (signed(body) | changes).items() if v}
            seen, _ = await post(stage.bot.url, body, headers)
            statuses[seen] += 1
            odd += [] if seen == status else [f"{seen} for {status}"]
        for raw in cases(known.test_malformed_http_gets_a_4xx_and_no_traceback):
            statuses[await _status(stage, raw)] += 1
        for start in range(0, lab.size.spoilt, _AT_ONCE):
            count = min(_AT_ONCE, lab.size.spoilt - start)
            requests = [_spoilt(lab, start + n) for n in range(count)]
            statuses.update(await asyncio.gather(*(_status(stage, raw) for raw in requests)))
        after = await stage.slack.command("/meet after all that")
        traces = [line for line in stage.bot.log if "trace" in line or "Traceback" in str(line)]
    answered = sum(count for status, count in statuses.items() if status)
    return Row(
        "Z1",
        f"{sum(statuses.values()):,} malformed requests: known cases, and signed and unsigned "
        "requests with bytes changed, removed or repeated",
        [
            none_of("unexpected status for a known case", odd),
            none_of("5xx", [status for status in statuses if status >= 500]),
            none_of("traceback in the log", traces),
            at_least("requests with an answer", answered, 0.5 * sum(statuses.values())),
            none_of("error in the next command", filter(None, [after.error])),
        ],
    )


def cases(test: Callable[..., Any]) -> list[Any]:
    """Return the parameters of a parametrized test."""
    marks = getattr(test, "pytestmark", [])
    return [case for mark in marks if mark.name == "parametrize" for case in mark.args[1]]


def _spoilt(lab: Lab, number: int) -> bytes:
    """Change up to three bytes or stretches of a request."""
    chance = lab.chance
    headers = sign(COMMAND, time.time(), SIGNING_SECRET)
    lines = [
        b"POST /slack/events HTTP/1.1"
        if number % 2
        else b"GET " + chance.choice(_ROUTES) + b" HTTP/1.1",
        b"Host: 127.0.0.1",
        b"Content-Type: " + FORM.encode(),
        *(f"{name}: {value}".encode() for name, value in headers.items()),
        b"Content-Length: %d" % len(COMMAND),
    ]
    raw = bytearray(b"\r\n".join(lines) + b"\r\n\r\n" + COMMAND)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(raw))
        to = at + chance.choice([1, 1, 1, 8, 40])
        change = chance.randrange(3)
        raw[at:to] = (b"", raw[at:to] * 2, bytes(chance.randbytes(to - at)))[change]
    return bytes(raw)


async def _status(stage: Stage, raw: bytes) -> int:
    """Send bytes, and return the status of the answer; 0 if there is none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(stage.bot.url).port)
    try:
        writer.write(raw)
        async with asyncio.timeout(_ANSWER_TIMEOUT):
            parts = (await reader.readline()).split()
        return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
    except (ConnectionError, TimeoutError):
        return 0
    finally:
        writer.transport.abort()

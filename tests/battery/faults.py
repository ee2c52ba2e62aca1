"""Faults of VideoSDK, with both commands and both versions of its API."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.sandbox.faults import PRESETS, Fault
from bot.sandbox.slack.delivered import Delivered
from bot.sandbox.slack.workspace import ChannelMessage
from bot.sandbox.videosdk.standin import SeenRequest
from bot.slack.wording.errors import CAUSES
from bot.videosdk import (
    VideoSDKBadReplyError,
    VideoSDKBrokenError,
    VideoSDKError,
    VideoSDKInterruptedError,
    VideoSDKRateLimitedError,
    VideoSDKTimeoutError,
    VideoSDKTooLargeError,
    VideoSDKUnauthorizedError,
    VideoSDKUnreachableError,
)
from tests.battery.lab import Lab, Stage
from tests.battery.table import Row, at_most, none_of
from tests.peer import Peer, self_signed

FOLLOW_UP_TIMEOUT = 25.0  # seconds
_PROMISE = "still being"  # in an answer that announces a follow-up
_RESULT = re.compile(r"started a meeting|This meeting ID is valid|No meeting has the ID")
_REFERENCE = re.compile(r"\(Reference: `[0-9a-f]{8}`\)$")
_OWN_ID = re.compile(r"(?P<id>.+-[0-9a-f]{16}-[0-9a-f]{8})(-[0-9a-f]{4})?")


@dataclass(frozen=True)
class Case:
    """One fault of VideoSDK.

    Attributes:
        fault: the stand-in's fault.
        cause: the error that users see; None if the command may still succeed.
        once: whether only the first try of each command gets the fault.
    """

    fault: Fault
    cause: type[VideoSDKError] | None = None
    once: bool = False


@dataclass(frozen=True)
class FaultRow:
    """A row of the table: a description, and its cases."""

    words: str
    cases: list[Case]


FAULTS = {
    "F1": FaultRow(
        "hangs for 2 s, or for 30 s",
        [Case(Fault(delay=2.0)), Case(PRESETS["hang"][1], VideoSDKTimeoutError)],
    ),
    "F2": FaultRow(
        "sends one byte every half second", [Case(PRESETS["trickle"][1], VideoSDKTimeoutError)]
    ),
    "F3": FaultRow("resets the connection", [Case(PRESETS["reset"][1], VideoSDKInterruptedError)]),
    "F5": FaultRow("fails with 500", [Case(PRESETS["500"][1], VideoSDKBrokenError)]),
    "F6": FaultRow("fails with 500 once", [Case(PRESETS["500"][1], once=True)]),
    "F7": FaultRow(
        "answers 429 with a Retry-After of 1 s, or of 60 s",
        [
            Case(Fault(429, headers={"Retry-After": "1"}), once=True),
            Case(Fault(429, headers={"Retry-After": "60"}), VideoSDKRateLimitedError),
        ],
    ),
    "F8": FaultRow(
        "sends truncated JSON, an HTML page, or 200 MB",
        [
            Case(PRESETS["broken-json"][1], VideoSDKBadReplyError),
            Case(PRESETS["html"][1], VideoSDKBadReplyError),
            Case(PRESETS["huge"][1], VideoSDKTooLargeError),
        ],
    ),
    "F9": FaultRow(
        "answers about another meeting, or with unexpected JSON",
        [
            Case(PRESETS["other-meeting"][1], VideoSDKBadReplyError),
            Case(Fault(200, b'{"data": [], "meetingId": 7}'), VideoSDKBadReplyError),
        ],
    ),
    "F10": FaultRow(
        "rejects the token with 401", [Case(PRESETS["401"][1], VideoSDKUnauthorizedError)]
    ),
    "F12": FaultRow(
        "redirects to another address", [Case(PRESETS["redirect"][1], VideoSDKBadReplyError)]
    ),
}


@dataclass
class Outcome:
    """The outcome of all commands of a row.

    Attributes:
        slowest: the slowest acknowledgement, in milliseconds.
        odd: unexpected final answers.
        tries: the largest number of tries of a call.
        rooms: the largest number of rooms that a command created.
        commands: the number of commands.
    """

    slowest: int = 0
    odd: list[str] = field(default_factory=list)
    tries: int = 0
    rooms: int = 0
    commands: int = 0

    async def note(self, delivery: Delivered, cause: type[VideoSDKError] | None) -> None:
        """Wait for a command's final answer, and check it."""
        self.commands += 1
        self.slowest = max(self.slowest, delivery.ms)
        if delivery.error:
            self.odd.append(delivery.error)
            return
        said = await ending(delivery)
        if not _is_expected(said, cause):
            self.odd.append(" / ".join(said) or "nothing")

    def count(self, stage: Stage) -> None:
        """Count the calls of VideoSDK."""
        calls = Counter(filter(None, map(_call, stage.videosdk.requests)))
        self.tries = max(self.tries, *calls.values(), 0)
        own_ids = (record.get("userMeetingId") for record in stage.videosdk.meetings.values())
        found = Counter(match["id"] for own in own_ids if own and (match := _OWN_ID.fullmatch(own)))
        self.rooms = max(self.rooms, *found.values(), 0)


async def run(row_id: str, lab: Lab) -> Row:
    """F1 to F12, except those that need another server."""
    seen = Outcome()
    for version in ("v1", "v2"):
        async with lab.running(VIDEOSDK_API_VERSION=version) as stage:
            for number, case in enumerate(FAULTS[row_id].cases):
                await _meet_case(stage, case, seen, f"{row_id} {version} {number}", version)
            elsewhere = [r.path for r in stage.videosdk.requests if "elsewhere" in r.path]
    row = _row(row_id, FAULTS[row_id].words, seen)
    if row_id == "F12":
        row.findings.append(none_of("redirect is followed", elsewhere))
    return row


async def end_of_file(lab: Lab) -> Row:
    """F4: VideoSDK closes the connection without an answer."""
    async with _hanging_up() as url:
        return await _elsewhere(
            lab, "F4", "closes the connection without an answer", url, VideoSDKInterruptedError
        )


async def bad_certificate(lab: Lab) -> Row:
    """F11: VideoSDK's certificate isn't trusted."""
    async with Peer(b"").listening(self_signed()) as peer:
        row = await _elsewhere(
            lab,
            "F11",
            "has an untrusted certificate",
            peer.url,
            VideoSDKUnreachableError,
        )
        return Row(
            row.id, row.scenario, [*row.findings, none_of("request is sent to it", peer.asked)]
        )


async def ending(delivery: Delivered) -> list[str]:
    """Return the texts that a command's user got: one, or two if it took long."""
    async with asyncio.timeout(FOLLOW_UP_TIMEOUT):
        while _PROMISE in _said(delivery)[-1].text:
            await asyncio.sleep(0.02)
    return [message.text for message in _said(delivery)]


async def _meet_case(stage: Stage, case: Case, seen: Outcome, name: str, version: str) -> None:
    """Run all commands of a case with its fault."""
    times, sdk = stage.lab.size.times, stage.videosdk
    for number in range(times):
        await stage.slack.command(f"/meet {name} known {number}")
    known = list(sdk.meetings)[-times:]
    sdk.requests.clear()
    lines = [f"/meet {name} new {number}" for number in range(times)]
    lines += [f"/meet-check {meeting_id}" for meeting_id in known]
    if case.once and not case.fault.headers:
        for line in lines:
            sdk.faults.plan(case.fault, path=_first_call(line, version))
            await seen.note(await stage.slack.command(line), case.cause)
    else:
        await _all_at_once(stage, case, seen, lines, version)
    sdk.faults.forget()
    seen.count(stage)


async def _all_at_once(
    stage: Stage, case: Case, seen: Outcome, lines: list[str], version: str
) -> None:
    """Send lines at once; a single fault hits all first tries, since the second ones wait."""
    faults = stage.videosdk.faults
    if case.once:
        faults.plan(*[case.fault] * len(lines), path=_first_call("/meet", version))
    else:
        faults.always(case.fault)
    deliveries = await asyncio.gather(*map(stage.slack.command, lines))
    await asyncio.gather(*(seen.note(delivery, case.cause) for delivery in deliveries))


def _first_call(line: str, version: str) -> str:
    """Return the path of a command's essential call."""
    checks = line.startswith("/meet-check")
    return {
        ("v1", False): "/v1/meetings",
        ("v1", True): "/v1/meetings/",
        ("v2", False): "/v2/rooms",
        ("v2", True): "/v2/rooms/validate/",
    }[version, checks]


async def _elsewhere(
    lab: Lab, row_id: str, words: str, url: str, cause: type[VideoSDKError]
) -> Row:
    """Run a bot with another address for VideoSDK."""
    seen = Outcome()
    for version in ("v1", "v2"):
        changes = {"VIDEOSDK_API_VERSION": version, "VIDEOSDK_API_ENDPOINT": url}
        async with lab.running(**changes) as stage:
            for line in (f"/meet {row_id} {version}", "/meet-check 87i6-bvw8-dtn1"):
                sending = (stage.slack.command(f"{line}") for _ in range(lab.size.times))
                for delivery in await asyncio.gather(*sending):
                    await seen.note(delivery, cause)
    return _row(row_id, words, seen)


@asynccontextmanager
async def _hanging_up() -> AsyncIterator[str]:
    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def _row(row_id: str, words: str, seen: Outcome) -> Row:
    return Row(
        row_id,
        f"VideoSDK {words}: {seen.commands} commands, on v1 and v2",
        [
            at_most("slowest answer", seen.slowest, 3000, "ms"),
            none_of("outcome except one card, or one message that says why not", seen.odd),
            at_most("tries per call", seen.tries, 2),
            at_most("rooms per command", seen.rooms, 1),
        ],
    )


def _said(delivery: Delivered) -> list[ChannelMessage]:
    return [message for message in delivery.messages if message.kind == "app"]


def _is_expected(said: list[str], cause: type[VideoSDKError] | None) -> bool:
    """Return whether these messages are exactly a result or its failure."""
    early, last = said[:-1], said[-1]
    if len(early) > 1 or any(_PROMISE not in text for text in early):
        return False
    if cause is None and _RESULT.search(last):
        return True
    causes = CAUSES.values() if cause is None else [CAUSES[cause]]
    return any(last.startswith(words) for words, _ in causes) and bool(_REFERENCE.search(last))


def _call(request: SeenRequest) -> str:
    """Return a key for all tries of a call; "" if the call has no meeting."""
    body = request.body if isinstance(request.body, dict) else {}
    own = str(body.get("userMeetingId") or body.get("customRoomId") or "")
    if match := _OWN_ID.fullmatch(own):
        return match["id"]
    return "" if request.method == "POST" and request.path.endswith("s") else request.path

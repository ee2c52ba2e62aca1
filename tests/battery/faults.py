"""What goes wrong at VideoSDK, with both commands and both versions of its API."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.sandbox.faults import PRESETS, Fault
from bot.sandbox.slack.standin import Delivered
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

PATIENCE = 25.0  # seconds until a follow-up is given up
_STILL = "still being"  # what a first answer says where another follows
_RESULT = re.compile(r"started a meeting|This meeting ID is valid|No meeting has the ID")
_REFERENCE = re.compile(r"\(Reference: `[0-9a-f]{8}`\)$")
_OWN_ID = re.compile(r"(?P<id>.+-[0-9a-f]{16}-[0-9a-f]{8})(-[0-9a-f]{4})?")


@dataclass(frozen=True)
class Case:
    """One thing that VideoSDK does.

    Attributes:
        fault: how its stand-in misbehaves.
        cause: what people are told for a reason; None where all may be well in the end.
        once: only the first try of each command meets it.
    """

    fault: Fault
    cause: type[VideoSDKError] | None = None
    once: bool = False


@dataclass(frozen=True)
class Fate:
    """A row of the table: what VideoSDK does, in words and in cases."""

    words: str
    cases: list[Case]


FATES = {
    "F1": Fate(
        "hangs for 2 s; for 30 s",
        [Case(Fault(delay=2.0)), Case(PRESETS["hang"][1], VideoSDKTimeoutError)],
    ),
    "F2": Fate(
        "sends a byte every half second", [Case(PRESETS["trickle"][1], VideoSDKTimeoutError)]
    ),
    "F3": Fate("resets the connection", [Case(PRESETS["reset"][1], VideoSDKInterruptedError)]),
    "F5": Fate("fails with 500", [Case(PRESETS["500"][1], VideoSDKBrokenError)]),
    "F6": Fate("fails with 500 once", [Case(PRESETS["500"][1], once=True)]),
    "F7": Fate(
        "says 429: come back in 1 s; in 60 s",
        [
            Case(Fault(429, headers={"Retry-After": "1"}), once=True),
            Case(Fault(429, headers={"Retry-After": "60"}), VideoSDKRateLimitedError),
        ],
    ),
    "F8": Fate(
        "sends JSON that breaks off; an HTML page; 200 MB",
        [
            Case(PRESETS["broken-json"][1], VideoSDKBadReplyError),
            Case(PRESETS["html"][1], VideoSDKBadReplyError),
            Case(PRESETS["huge"][1], VideoSDKTooLargeError),
        ],
    ),
    "F9": Fate(
        "answers about another meeting; with JSON of another shape",
        [
            Case(PRESETS["other-meeting"][1], VideoSDKBadReplyError),
            Case(Fault(200, b'{"data": [], "meetingId": 7}'), VideoSDKBadReplyError),
        ],
    ),
    "F10": Fate("refuses the token with 401", [Case(PRESETS["401"][1], VideoSDKUnauthorizedError)]),
    "F12": Fate(
        "redirects to another address", [Case(PRESETS["redirect"][1], VideoSDKBadReplyError)]
    ),
}


@dataclass
class Seen:
    """What came of all commands of a row.

    Attributes:
        slowest: acknowledgement, in milliseconds.
        odd: endings that are not what people should be told.
        tries: how often the most repeated call was made.
        rooms: how many the most fertile command made.
        commands: how many there were.
    """

    slowest: int = 0
    odd: list[str] = field(default_factory=list)
    tries: int = 0
    rooms: int = 0
    commands: int = 0

    async def note(self, delivery: Delivered, cause: type[VideoSDKError] | None) -> None:
        """Wait for a command's end, and judge it."""
        self.commands += 1
        self.slowest = max(self.slowest, delivery.ms)
        if delivery.error:
            self.odd.append(delivery.error)
            return
        said = await ending(delivery)
        if not _is_expected(said, cause):
            self.odd.append(" / ".join(said) or "nothing")

    def count(self, stage: Stage) -> None:
        """Count what VideoSDK was asked."""
        calls = Counter(filter(None, map(_call, stage.videosdk.requests)))
        self.tries = max(self.tries, *calls.values(), 0)
        own_ids = (record.get("userMeetingId") for record in stage.videosdk.meetings.values())
        found = Counter(match["id"] for own in own_ids if own and (match := _OWN_ID.fullmatch(own)))
        self.rooms = max(self.rooms, *found.values(), 0)


async def run(fate: str, lab: Lab) -> Row:
    """F1 to F12 without those that need another server."""
    seen = Seen()
    for version in ("v1", "v2"):
        async with lab.running(VIDEOSDK_API_VERSION=version) as stage:
            for number, case in enumerate(FATES[fate].cases):
                await _meet_case(stage, case, seen, f"{fate} {version} {number}", version)
            elsewhere = [r.path for r in stage.videosdk.requests if "elsewhere" in r.path]
    row = _row(fate, FATES[fate].words, seen)
    if fate == "F12":
        row.findings.append(none_of("redirect followed", elsewhere))
    return row


async def end_of_file(lab: Lab) -> Row:
    """F4: VideoSDK hangs up without a word."""
    async with _hanging_up() as url:
        return await _elsewhere(lab, "F4", "hangs up without a word", url, VideoSDKInterruptedError)


async def bad_certificate(lab: Lab) -> Row:
    """F11: somebody else answers in VideoSDK's place."""
    async with Peer(b"").listening(self_signed()) as peer:
        row = await _elsewhere(
            lab,
            "F11",
            "has a certificate that nobody vouches for",
            peer.url,
            VideoSDKUnreachableError,
        )
        return Row(row.id, row.done, [*row.findings, none_of("request sent to it", peer.asked)])


async def ending(delivery: Delivered) -> list[str]:
    """Return what a command's user has read in the end: one message, or two where it took long."""
    async with asyncio.timeout(PATIENCE):
        while _STILL in _said(delivery)[-1].text:
            await asyncio.sleep(0.02)
    return [message.text for message in _said(delivery)]


async def _meet_case(stage: Stage, case: Case, seen: Seen, name: str, version: str) -> None:
    """Give every command of a case its fault."""
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
    stage: Stage, case: Case, seen: Seen, lines: list[str], version: str
) -> None:
    """Type lines at once; what is met once meets all first tries, as the second ones wait."""
    faults = stage.videosdk.faults
    if case.once:
        faults.plan(*[case.fault] * len(lines), path=_first_call("/meet", version))
    else:
        faults.always(case.fault)
    deliveries = await asyncio.gather(*map(stage.slack.command, lines))
    await asyncio.gather(*(seen.note(delivery, case.cause) for delivery in deliveries))


def _first_call(line: str, version: str) -> str:
    """Return the path that a command cannot do without."""
    checks = line.startswith("/meet-check")
    return {
        ("v1", False): "/v1/meetings",
        ("v1", True): "/v1/meetings/",
        ("v2", False): "/v2/rooms",
        ("v2", True): "/v2/rooms/validate/",
    }[version, checks]


async def _elsewhere(lab: Lab, fate: str, words: str, url: str, cause: type[VideoSDKError]) -> Row:
    """Let the bot look for VideoSDK at another address."""
    seen = Seen()
    for version in ("v1", "v2"):
        changes = {"VIDEOSDK_API_VERSION": version, "VIDEOSDK_API_ENDPOINT": url}
        async with lab.running(**changes) as stage:
            for line in (f"/meet {fate} {version}", "/meet-check 87i6-bvw8-dtn1"):
                sending = (stage.slack.command(f"{line}") for _ in range(lab.size.times))
                for delivery in await asyncio.gather(*sending):
                    await seen.note(delivery, cause)
    return _row(fate, words, seen)


@asynccontextmanager
async def _hanging_up() -> AsyncIterator[str]:
    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def _row(fate: str, words: str, seen: Seen) -> Row:
    return Row(
        fate,
        f"VideoSDK {words}: {seen.commands} commands, v1 and v2",
        [
            at_most("slowest answer", seen.slowest, 3000, "ms"),
            none_of("ending but one card or one sentence that says why", seen.odd),
            at_most("tries of a call", seen.tries, 2),
            at_most("rooms of a command", seen.rooms, 1),
        ],
    )


def _said(delivery: Delivered) -> list[ChannelMessage]:
    return [message for message in delivery.messages if message.kind == "app"]


def _is_expected(said: list[str], cause: type[VideoSDKError] | None) -> bool:
    """Tell whether these messages are a result or its failure, and no more than that."""
    early, last = said[:-1], said[-1]
    if len(early) > 1 or any(_STILL not in text for text in early):
        return False
    if cause is None and _RESULT.search(last):
        return True
    causes = CAUSES.values() if cause is None else [CAUSES[cause]]
    return any(last.startswith(words) for words, _ in causes) and bool(_REFERENCE.search(last))


def _call(request: SeenRequest) -> str:
    """Return what names a call however often it is tried; "" for those that name no meeting."""
    body = request.body if isinstance(request.body, dict) else {}
    own = str(body.get("userMeetingId") or body.get("customRoomId") or "")
    if match := _OWN_ID.fullmatch(own):
        return match["id"]
    return "" if request.method == "POST" and request.path.endswith("s") else request.path

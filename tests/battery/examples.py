"""Thousands of generated inputs for every parser of foreign text."""

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.grammar.commands import first_words, parse_check, parse_meet
from bot.grammar.errors import TypingError
from bot.links import LinkError
from bot.videosdk import VideoSDKBadReplyError, read_event
from bot.web.guard import RejectedError
from tests.battery.lab import Lab
from tests.battery.table import Finding, Row, at_most, none_of
from tests.grammar.test_commands import typed
from tests.mentions import check_mentions, texts
from tests.test_links import HOOK, LINK, links, token
from tests.web.test_guard import headers_, signed, status_of

SLOWEST = 50.0  # milliseconds of this thread's CPU time
_TRIES = 3  # for a slow input, since a garbage collection may have slowed it down

_scalar = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
_keys = st.sampled_from(["meetingId", "roomId", "sessionId", "participantId", "participantName"])
_data = st.dictionaries(_keys, _scalar | st.lists(_scalar, max_size=2), max_size=5)
_event = st.fixed_dictionaries({"webhookType": _scalar, "data": _data | _scalar})
_bodies = st.binary() | (_event | _data | _scalar).map(lambda value: json.dumps(value).encode())
_good = [token(links().url(LINK)), token(links().webhook_url(HOOK))]
_tokens = st.text() | st.builds(
    lambda good, at, put: good[:at] + put + good[at + len(put) :],
    st.sampled_from(_good),
    st.integers(0, 200),
    st.text(min_size=1, max_size=4),
)
_requests = st.tuples(headers_, st.binary()) | st.binary().map(lambda body: (signed(body), body))


def _admit(request: tuple[Any, bytes]) -> None:
    status = status_of(*request)
    assert status == 200 or 400 <= status < 500


# Each parser, its inputs, and the exceptions with which it rejects them.
READERS: dict[str, tuple[Callable[[Any], object], st.SearchStrategy[Any], type[Exception]]] = {
    "guard": (_admit, _requests, RejectedError),
    "grammar": (parse_meet, typed | st.text(), TypingError),
    "invitations": (check_mentions, texts(), TypingError),
    "ID reader": (parse_check, typed | st.text(), TypingError),
    "message reader": (first_words, typed | st.text(), TypingError),
    "webhook body": (read_event, _bodies, VideoSDKBadReplyError),
    "join token": (links().read, _tokens, LinkError),
}


async def examples(lab: Lab) -> Row:
    """Z1: no input crashes a parser or keeps it busy for long."""
    findings: list[Finding] = []
    for name, (read, strategy, refusal) in READERS.items():
        slowest, failures = _find_slowest(read, strategy, refusal, lab.size.examples)
        findings += [
            none_of(f"unexpected exception ({name})", failures),
            at_most(f"slowest input ({name})", slowest, SLOWEST, "ms"),
        ]
    what = f"{lab.size.examples:,} generated inputs for each parser: {', '.join(READERS)}"
    return Row("Z1", what, findings)


def _find_slowest(
    read: Callable[[Any], object],
    strategy: st.SearchStrategy[Any],
    refusal: type[Exception],
    count: int,
) -> tuple[float, list[str]]:
    """Return the slowest input's milliseconds, and the failures."""
    slowest = 0.0

    @settings(
        max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(strategy)
    def examine(made: Any) -> None:
        nonlocal slowest
        took = _time_parsing(read, made, refusal)
        for _ in range(_TRIES - 1):
            if took > SLOWEST:
                took = min(took, _time_parsing(read, made, refusal))
        slowest = max(slowest, took)

    try:
        examine()
    except Exception as error:  # noqa: BLE001 - any exception is a finding
        return slowest, [f"{error!r} {getattr(error, '__notes__', '')}"[:300]]
    return slowest, []


def _time_parsing(read: Callable[[Any], object], made: Any, refusal: type[Exception]) -> float:
    """Return the milliseconds that parsing takes, rejections included."""
    began = time.thread_time()
    with contextlib.suppress(refusal):
        read(made)
    return 1000 * (time.thread_time() - began)

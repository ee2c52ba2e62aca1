"""Record log events with the fields of their request."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from bot.telemetry import logs

Lines = list[tuple[str, dict[str, object]]]


class _Seen(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: Lines = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.getMessage(), dict(logs.request.get())))


@contextmanager
def request_lines() -> Iterator[Lines]:
    """Collect the bot's events, each with the fields of its request."""
    seen, own = _Seen(), logging.getLogger("bot")
    level = own.level
    own.addHandler(seen)
    own.setLevel(logging.INFO)
    try:
        yield seen.lines
    finally:
        own.removeHandler(seen)
        own.setLevel(level)

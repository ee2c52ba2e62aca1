"""Write the log: a line per event, its facts as fields, no secret in it."""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

from bot.redaction import redact

reference: ContextVar[str] = ContextVar("reference", default="")

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Libraries that log whole bodies, links or every call below this level.
_QUIET = ("aiohttp", "asyncio", "httpx", "httpcore", "slack_bolt", "slack_sdk")


def configure(level: str, style: str, stream: TextIO = sys.stderr) -> None:
    """Send every log line to the stream.

    Args:
        level: the least level of the bot's own lines; libraries speak from WARNING.
        style: `text`, `json`, or `auto`: text on a terminal, JSON otherwise.
        stream: where the lines go.
    """
    as_text = style == "text" or (style == "auto" and stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(TextFormatter() if as_text else JsonFormatter())
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


class JsonFormatter(logging.Formatter):
    """Write one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON, redacted."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": time,
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
            **_facts(record),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return redact(json.dumps(line, default=str, ensure_ascii=False))


class TextFormatter(logging.Formatter):
    """Write a line that reads well on a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as `time level event key=value …`, redacted."""
        time = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        facts = "".join(f" {key}={value}" for key, value in _facts(record).items())
        line = f"{time} {record.levelname.lower():7} {record.getMessage()}{facts}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return redact(line)


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    facts = {key: value for key, value in vars(record).items() if key not in _STANDARD}
    return ({"reference": reference.get()} if reference.get() else {}) | facts

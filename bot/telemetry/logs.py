"""Write the log: a line per event, its facts as fields, no secret in it."""

import json
import logging
import sys
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TextIO

from bot.telemetry.redaction import Redactor, plain, redact
from bot.telemetry.terminal import writes_utf8

# What stands in every line about a request: `request_id`, and Slack's count if it is not the first
# try. The reference is the short name that people see.
request: ContextVar[Mapping[str, object]] = ContextVar("request", default=MappingProxyType({}))
reference: ContextVar[str] = ContextVar("reference", default="")

LOG = logging.getLogger(__name__)

_STRANGERS = {"detail", "reason", "type"}  # fields with words of Slack's, VideoSDK's or a driver's
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure(
    level: str, style: str, stream: TextIO = sys.stderr, *, secrets: Iterable[str] = ()
) -> None:
    """Send every log line to the stream.

    Args:
        level: the least level of the bot's own lines. Libraries speak from WARNING: below, some log
            whole bodies, links or the values that go into a database.
        style: `text`, `json`, or `auto`: text on a terminal, JSON otherwise.
        stream: where the lines go.
        secrets: values that no line may have, such as this deployment's keys.
    """
    as_text = style == "text" or (style == "auto" and stream.isatty())
    clean = Redactor(secrets)
    handler = logging.StreamHandler(stream)
    as_json = JsonFormatter(clean, ascii_only=not writes_utf8(stream))
    handler.setFormatter(TextFormatter(clean) if as_text else as_json)
    # No line says which code, thread or process wrote it, so looking that up is switched off:
    # https://docs.python.org/3/howto/logging.html#optimization
    logging._srcfile = None  # noqa: SLF001 - documented there
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    own = logging.getLogger("bot")
    own.setLevel(level)
    logging.basicConfig(handlers=[handler], level=max(logging.WARNING, own.level), force=True)


def note_unraisable(ignored: "sys.UnraisableHookArgs") -> None:
    """Log what went wrong where nobody could catch it, in place of Python's trace on the stream.

    asyncio has such a case in Python 3.13.0: a connection that comes while the server closes.
    """
    LOG.warning("exception ignored", extra={"cause": ignored.exc_type.__name__})


class JsonFormatter(logging.Formatter):
    """Write one JSON object a line.

    Args:
        clean: masks secrets.
        ascii_only: escape all other characters, for streams that do not write UTF-8.
    """

    def __init__(self, clean: Callable[[str], str] = redact, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._clean = clean
        self._encode = json.JSONEncoder(default=str, ensure_ascii=ascii_only).encode

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON, redacted."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": time,
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
            **_facts(record, self._clean),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return self._clean(self._encode(line))


class TextFormatter(logging.Formatter):
    """Write a line that reads well on a terminal.

    Args:
        clean: masks secrets.
    """

    def __init__(self, clean: Callable[[str], str] = redact) -> None:
        super().__init__()
        self._clean = clean

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as `time level event key=value …`, redacted."""
        time = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        facts = "".join(f" {key}={value}" for key, value in _facts(record, self._clean).items())
        line = f"{time} {record.levelname.lower():7} {record.getMessage()}{facts}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return self._clean(line)


def _facts(record: logging.LogRecord, clean: Callable[[str], str]) -> dict[str, Any]:
    facts = {key: value for key, value in vars(record).items() if key not in _STANDARD}
    for key in facts.keys() & _STRANGERS:  # masked first: half a secret looks like none
        facts[key] = plain(clean(str(facts[key])))
    known = {"reference": reference.get()} if reference.get() else {}
    return {**request.get(), **known, **facts}

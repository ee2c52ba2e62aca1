"""Log one line per event, with its facts as fields and secrets masked."""

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

# Fields of every line about a request: `request_id`, and Slack's retry count if it is a retry.
# The reference is the short code that people see in an error message.
request: ContextVar[Mapping[str, object]] = ContextVar("request", default=MappingProxyType({}))
reference: ContextVar[str] = ContextVar("reference", default="")

LOG = logging.getLogger(__name__)

_FOREIGN = {"detail", "reason", "type"}  # fields whose text is Slack's, VideoSDK's or a driver's
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure(
    level: str, style: str, stream: TextIO = sys.stderr, *, secrets: Iterable[str] = ()
) -> None:
    """Set up logging.

    Args:
        level: the lowest level logged. Libraries never log below WARNING: there, some log whole
            bodies, links or database values.
        style: `text`, `json`, or `auto`: text on a terminal, JSON otherwise.
        stream: gets the lines.
        secrets: values to mask, such as this deployment's keys.
    """
    as_text = style == "text" or (style == "auto" and stream.isatty())
    clean = Redactor(secrets)
    handler = logging.StreamHandler(stream)
    as_json = JsonFormatter(clean, ascii_only=not writes_utf8(stream))
    handler.setFormatter(TextFormatter(clean) if as_text else as_json)
    # No line names its source code, thread or process, so don't look them up:
    # https://docs.python.org/3/howto/logging.html#optimization
    logging._srcfile = None  # noqa: SLF001 - documented there
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    own = logging.getLogger("bot")
    own.setLevel(level)
    logging.basicConfig(handlers=[handler], level=max(logging.WARNING, own.level), force=True)


def note_unraisable(ignored: "sys.UnraisableHookArgs") -> None:
    """Log an exception that nobody could catch, instead of Python's traceback on stderr.

    asyncio in Python 3.13.0 has such a case: a connection that arrives while the server closes.
    """
    LOG.warning("exception ignored", extra={"cause": ignored.exc_type.__name__})


class JsonFormatter(logging.Formatter):
    """Format each record as a JSON object on one line.

    Args:
        clean: masks secrets.
        ascii_only: escape non-ASCII characters, for streams that don't write UTF-8.
    """

    def __init__(self, clean: Callable[[str], str] = redact, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._clean = clean
        self._encode = json.JSONEncoder(default=str, ensure_ascii=ascii_only).encode

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON, with secrets masked."""
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
    """Format each record as a line for people.

    Args:
        clean: masks secrets.
    """

    def __init__(self, clean: Callable[[str], str] = redact) -> None:
        super().__init__()
        self._clean = clean

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as `time level event key=value …`, with secrets masked."""
        time = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        facts = "".join(f" {key}={value}" for key, value in _facts(record, self._clean).items())
        line = f"{time} {record.levelname.lower():7} {record.getMessage()}{facts}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return self._clean(line)


def _facts(record: logging.LogRecord, clean: Callable[[str], str]) -> dict[str, Any]:
    facts = {key: value for key, value in vars(record).items() if key not in _STANDARD}
    for key in facts.keys() & _FOREIGN:  # masked before it is cut: half a secret wouldn't match
        facts[key] = plain(clean(str(facts[key])))
    known = {"reference": reference.get()} if reference.get() else {}
    return {**request.get(), **known, **facts}

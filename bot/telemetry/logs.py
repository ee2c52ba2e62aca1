"""Log one line per event, with its facts as fields and secrets masked."""

import json
import logging
import sys
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TextIO

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
    ascii_only = not writes_utf8(stream)
    handler.setFormatter(LineFormatter(clean, as_text=as_text, ascii_only=ascii_only))
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


class LineFormatter(logging.Formatter):
    """Format each record on one line: as a JSON object, or as text for people.

    Args:
        clean: masks secrets.
        as_text: write `time level event key=value …` instead of JSON.
        ascii_only: escape non-ASCII characters in JSON, for streams that don't write UTF-8.
    """

    def __init__(
        self,
        clean: Callable[[str], str] = redact,
        *,
        as_text: bool = False,
        ascii_only: bool = False,
    ) -> None:
        super().__init__()
        self._clean = clean
        self._as_text = as_text
        self._encode = json.JSONEncoder(default=str, ensure_ascii=ascii_only).encode

    def format(self, record: logging.LogRecord) -> str:
        """Return the record with its facts and those of the request, with secrets masked."""
        own = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        for key in own.keys() & _FOREIGN:  # masked before it is cut: half a secret wouldn't match
            own[key] = plain(self._clean(str(own[key])))
        known = {"reference": reference.get()} if reference.get() else {}
        facts = {**request.get(), **known, **own}
        if self._as_text:
            return self._clean(self._text(record, facts))
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
            **facts,
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return self._clean(self._encode(line))

    def _text(self, record: logging.LogRecord, facts: Mapping[str, object]) -> str:
        time = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        shown = "".join(f" {key}={value}" for key, value in facts.items())
        line = f"{time} {record.levelname.lower():7} {record.getMessage()}{shown}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line

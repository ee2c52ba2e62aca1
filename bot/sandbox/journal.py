"""Keep what went over the wire between Slack, the bot and VideoSDK, without its secrets."""

import itertools
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.redaction import redact

MOST_EXCHANGES = 200
MOST_TEXT = 4000  # characters of a body


@dataclass(frozen=True)
class Exchange:
    """One request and its answer.

    Attributes:
        id: counts up from 1.
        at: when it began, seconds since 1970.
        source: who asked, "Slack", "bot" or "VideoSDK".
        target: who was asked, "bot", "Slack" or "VideoSDK".
        method: of HTTP; "SOCKET" for an envelope of Socket Mode.
        path: with its query.
        status: None where there was no answer.
        ms: how long it took.
        request: the body as readable text.
        response: the same of the answer.
    """

    id: int
    at: float
    source: str
    target: str
    method: str
    path: str
    status: int | None
    ms: int
    request: str
    response: str


class Journal:
    """The last exchanges; secrets are masked and long bodies cut before they get here."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.exchanges: deque[Exchange] = deque(maxlen=MOST_EXCHANGES)
        self._clock = clock
        self._ids = itertools.count(1)
        self._callbacks: list[Callable[[Exchange], None]] = []

    def subscribe(self, callback: Callable[[Exchange], None]) -> Callable[[], None]:
        """Call back with every exchange from now on; return what ends that."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def record(  # noqa: PLR0913 - an exchange has that many sides
        self,
        *,
        source: str,
        target: str,
        method: str,
        path: str,
        status: int | None,
        ms: int,
        request: str,
        response: str,
    ) -> Exchange:
        """Note an exchange that has just ended."""
        exchange = Exchange(
            id=next(self._ids),
            at=self._clock() - ms / 1000,
            source=source,
            target=target,
            method=method,
            path=redact(path),
            status=status,
            ms=ms,
            request=_fit(redact(request)),
            response=_fit(redact(response)),
        )
        self.exchanges.append(exchange)
        for callback in list(self._callbacks):
            callback(exchange)
        return exchange

    def middleware(self, *, source: str, target: str) -> Middleware:
        """Return an aiohttp middleware that notes every call to the target."""

        @web.middleware
        async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
            body = await request.read()
            began = time.perf_counter()
            answer: web.StreamResponse | None = None
            try:
                answer = await handler(request)
            except web.HTTPException as error:
                answer = error
                raise
            finally:
                arrived = None if _is_gone(request) else answer
                self.record(
                    source=source,
                    target=target,
                    method=request.method,
                    path=request.path_qs,
                    status=None if arrived is None else arrived.status,
                    ms=round((time.perf_counter() - began) * 1000),
                    request=readable(body, request.content_type),
                    response="" if arrived is None else _content(arrived),
                )
            return answer

        return note


def readable(body: bytes, content_type: str) -> str:
    """Return a body as a person reads it: JSON indented, a form field by field."""
    text = body.decode(errors="replace")
    if content_type == "application/x-www-form-urlencoded":
        fields = parse_qsl(text, keep_blank_values=True)
        return "\n".join(_line(name, value) for name, value in fields)
    return _indented(text)


def _line(name: str, value: str) -> str:
    """Return a form's field; some values are known as secrets by their names alone."""
    name, _, shown = redact(f"{name}={value}").partition("=")
    return f"{name}: {_indented(shown)}"


def _indented(text: str) -> str:
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _content(answer: web.StreamResponse) -> str:
    if not isinstance(answer, web.Response):
        return "(sent in pieces)"
    return readable(answer.body, answer.content_type) if isinstance(answer.body, bytes) else ""


def _is_gone(request: web.Request) -> bool:
    """Tell whether the caller has left, or its connection was reset under it."""
    return request.transport is None or request.transport.is_closing()


def _fit(text: str) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…"

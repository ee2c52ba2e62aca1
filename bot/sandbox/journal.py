"""Record the requests between Slack, the bot and VideoSDK, with secrets masked."""

import itertools
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.telemetry.redaction import redact

MAX_EXCHANGES = 200
MAX_TEXT = 4000  # characters of a body


@dataclass(frozen=True)
class Exchange:
    """A request and its answer.

    Attributes:
        id: counts up from 1.
        at: when it began, in seconds since 1970.
        source: who sent the request: "Slack", "bot" or "VideoSDK".
        target: who received it: "bot", "Slack" or "VideoSDK".
        method: the HTTP method; "SOCKET" for an envelope of Socket Mode.
        path: the path, with its query.
        status: None without an answer, and while the request is in flight.
        ms: the duration in milliseconds; None while the request is in flight.
        request: the request's body as readable text.
        response: the answer's body as readable text.
    """

    id: int
    at: float
    source: str
    target: str
    method: str
    path: str
    request: str
    status: int | None = None
    ms: int | None = None
    response: str = ""


class Journal:
    """The last 200 exchanges, with secrets masked and long bodies cut."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.exchanges: deque[Exchange] = deque(maxlen=MAX_EXCHANGES)
        self._clock = clock
        self._ids = itertools.count(1)
        self._callbacks: list[Callable[[Exchange], None]] = []

    def subscribe(self, callback: Callable[[Exchange], None]) -> Callable[[], None]:
        """Call back when an exchange begins or ends; return a function that unsubscribes."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def begin(self, *, source: str, target: str, method: str, path: str, request: str) -> Exchange:
        """Record a request that is being sent."""
        exchange = Exchange(
            id=next(self._ids),
            at=self._clock(),
            source=source,
            target=target,
            method=method,
            path=redact(path),
            request=_fit(redact(request)),
        )
        self.exchanges.append(exchange)
        return self._notify(exchange)

    def end(self, started: Exchange, *, status: int | None, ms: int, response: str) -> Exchange:
        """Record the answer to a request, or that there was none."""
        exchange = replace(started, status=status, ms=ms, response=_fit(redact(response)))
        if started in self.exchanges:  # if not, newer ones have pushed it out
            self.exchanges[self.exchanges.index(started)] = exchange
        return self._notify(exchange)

    def middleware(self, *, source: str, target: str) -> Middleware:
        """Return an aiohttp middleware that records every call to the target."""

        @web.middleware
        async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
            body = await request.read()
            started = self.begin(
                source=source,
                target=target,
                method=request.method,
                path=request.path_qs,
                request=readable(body, request.content_type),
            )
            start = time.perf_counter()
            answer: web.StreamResponse | None = None
            try:
                answer = await handler(request)
            except web.HTTPException as error:
                answer = error
                raise
            finally:
                arrived = None if _is_gone(request) else answer
                self.end(
                    started,
                    status=None if arrived is None else arrived.status,
                    ms=round((time.perf_counter() - start) * 1000),
                    response="" if arrived is None else _content(arrived),
                )
            return answer

        return note

    def _notify(self, exchange: Exchange) -> Exchange:
        for callback in list(self._callbacks):
            callback(exchange)
        return exchange


def readable(body: bytes, content_type: str) -> str:
    """Format a body for people: JSON indented, a form with one field per line."""
    text = body.decode(errors="replace")
    if content_type == "application/x-www-form-urlencoded":
        fields = parse_qsl(text, keep_blank_values=True)
        return "\n".join(_line(name, value) for name, value in fields)
    return _indented(text)


def _line(name: str, value: str) -> str:
    """Format a form field; some values are recognised as secrets only by their names."""
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
    """Return whether the client has disconnected, or its connection was reset."""
    return request.transport is None or request.transport.is_closing()


def _fit(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"

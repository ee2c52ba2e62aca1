"""Keep what went over the wire between Slack, the bot and VideoSDK, without its secrets."""

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
        status: None where there was no answer, and while the request is in flight.
        ms: how long it took; None while it is in flight.
        request: the body as readable text.
        response: the same of the answer.
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
    """The last exchanges; secrets are masked and long bodies cut before they get here."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.exchanges: deque[Exchange] = deque(maxlen=MOST_EXCHANGES)
        self._clock = clock
        self._ids = itertools.count(1)
        self._callbacks: list[Callable[[Exchange], None]] = []

    def subscribe(self, callback: Callable[[Exchange], None]) -> Callable[[], None]:
        """Call back when an exchange begins and when it ends; return the unsubscriber."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def begin(self, *, source: str, target: str, method: str, path: str, request: str) -> Exchange:
        """Note a request that is going out now."""
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
        return self._tell(exchange)

    def end(self, begun: Exchange, *, status: int | None, ms: int, response: str) -> Exchange:
        """Note the answer to a request, or that there was none."""
        exchange = replace(begun, status=status, ms=ms, response=_fit(redact(response)))
        if begun in self.exchanges:  # else newer ones have taken its place
            self.exchanges[self.exchanges.index(begun)] = exchange
        return self._tell(exchange)

    def middleware(self, *, source: str, target: str) -> Middleware:
        """Return an aiohttp middleware that notes every call to the target."""

        @web.middleware
        async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
            body = await request.read()
            begun = self.begin(
                source=source,
                target=target,
                method=request.method,
                path=request.path_qs,
                request=readable(body, request.content_type),
            )
            began = time.perf_counter()
            answer: web.StreamResponse | None = None
            try:
                answer = await handler(request)
            except web.HTTPException as error:
                answer = error
                raise
            finally:
                arrived = None if _is_gone(request) else answer
                self.end(
                    begun,
                    status=None if arrived is None else arrived.status,
                    ms=round((time.perf_counter() - began) * 1000),
                    response="" if arrived is None else _content(arrived),
                )
            return answer

        return note

    def _tell(self, exchange: Exchange) -> Exchange:
        for callback in list(self._callbacks):
            callback(exchange)
        return exchange


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

"""Post signed payloads to the bot, and wait for its acknowledgement.

https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response
https://docs.slack.dev/apis/events-api#retries
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.journal import Journal, readable
from bot.sandbox.slack.payloads import Payload, content_type, encode, sign

TIMED_OUT = "operation_timeout"
FAILED = "dispatch_failed"


@dataclass(frozen=True)
class Ack:
    """The bot's acknowledgement of a payload.

    Attributes:
        status: the HTTP status; None without an answer.
        ms: how long it took, in milliseconds.
        error: the error that Slack shows the user; "" if there is none.
        answer: the message in the acknowledgement; {} if there is none.
    """

    status: int | None
    ms: int
    error: str = ""
    answer: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Retry:
    """A retry of an event.

    Attributes:
        number: counts up from 1.
        error: the previous attempt's error.
    """

    number: int
    error: str

    @property
    def reason(self) -> str:
        """The error in the form that Slack tells the app."""
        return "http_timeout" if self.error == TIMED_OUT else "http_error"


class RequestUrl:
    """The bot's Request URL.

    Attributes:
        url: its address; "" until it is set.
    """

    def __init__(
        self, signing_secret: str, *, journal: Journal, clock: Callable[[], float]
    ) -> None:
        self.url = ""
        self._secret = signing_secret
        self._journal = journal
        self._clock = clock

    async def deliver(self, payload: Payload, seconds: float, retry: Retry | None = None) -> Ack:
        """Post a payload, and wait for the acknowledgement for at most `seconds`."""
        body, sent_as = encode(payload), content_type(payload)
        headers = {"Content-Type": sent_as}
        if retry:
            headers["X-Slack-Retry-Num"] = str(retry.number)
            headers["X-Slack-Retry-Reason"] = retry.reason
        exchange = self._journal.begin(
            source="Slack",
            target="bot",
            method="POST",
            path=urlsplit(self.url).path,
            request=readable(body, sent_as),
        )
        start = time.perf_counter()
        status, content, answered_as, error = None, b"", "", ""
        try:
            async with asyncio.timeout(seconds):
                status, content, answered_as = await self._post(body, headers)
        except TimeoutError:
            error = TIMED_OUT
        except aiohttp.ClientError:
            error = FAILED
        ack = _read_ack(status, content, answered_as, error, since(start))
        self._journal.end(
            exchange, status=status, ms=ack.ms, response=readable(content, answered_as)
        )
        return ack

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, str]:
        headers = {
            **headers,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Accept": "application/json,*/*",
            **sign(body, self._clock(), self._secret),
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            return response.status, await response.read(), response.content_type


def json_object(text: str | bytes) -> dict[str, Any] | None:
    """Parse a text as a JSON object; return None if it isn't one."""
    try:
        value = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def since(start: float) -> int:
    """Return the milliseconds since `start`, a reading of time.perf_counter."""
    return round((time.perf_counter() - start) * 1000)


def _read_ack(status: int | None, content: bytes, content_type: str, error: str, ms: int) -> Ack:
    """Interpret an HTTP answer like Slack: any text is a message, any status but 200 a failure."""
    if error or status != HTTPStatus.OK:
        return Ack(status, ms, error or FAILED)
    text = content.decode(errors="replace").strip()
    if not text:
        return Ack(status, ms)
    if content_type != "application/json":
        return Ack(status, ms, answer={"text": text})
    answer = json_object(text)
    return Ack(status, ms, FAILED) if answer is None else Ack(status, ms, answer=answer)

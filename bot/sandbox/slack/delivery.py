"""Post payloads to the bot, signed, and wait for its acknowledgement.

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
    """What the bot said to a payload.

    Attributes:
        status: of HTTP; None where no answer came.
        ms: how long it took.
        error: "" if Slack is content, else what it tells the user.
        answer: the message that came with it, {} if none did.
    """

    status: int | None
    ms: int
    error: str = ""
    answer: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Retry:
    """Which repetition of an event it is.

    Attributes:
        number: counts up from 1.
        error: what Slack told the app's owner of the last time.
    """

    number: int
    error: str

    @property
    def reason(self) -> str:
        """How Slack names the error to the app."""
        return "http_timeout" if self.error == TIMED_OUT else "http_error"


class RequestUrl:
    """Post signed payloads to the bot's Request URL.

    Attributes:
        url: where that is.
    """

    def __init__(
        self, signing_secret: str, *, journal: Journal, clock: Callable[[], float]
    ) -> None:
        self.url = ""
        self._secret = signing_secret
        self._journal = journal
        self._clock = clock

    async def deliver(self, payload: Payload, seconds: float, retry: Retry | None = None) -> Ack:
        """Post a payload and wait so long for the acknowledgement."""
        body, sent_as = encode(payload), content_type(payload)
        headers = {"Content-Type": sent_as}
        if retry:
            headers["X-Slack-Retry-Num"] = str(retry.number)
            headers["X-Slack-Retry-Reason"] = retry.reason
        begun = self._journal.begin(
            source="Slack",
            target="bot",
            method="POST",
            path=urlsplit(self.url).path,
            request=readable(body, sent_as),
        )
        began = time.perf_counter()
        status, content, answered_as, error = None, b"", "", ""
        try:
            async with asyncio.timeout(seconds):
                status, content, answered_as = await self._post(body, headers)
        except TimeoutError:
            error = TIMED_OUT
        except aiohttp.ClientError:
            error = FAILED
        ack = _read_ack(status, content, answered_as, error, since(began))
        self._journal.end(begun, status=status, ms=ack.ms, response=readable(content, answered_as))
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
    """Return the JSON object that a text holds, or None if it holds none."""
    try:
        value = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def since(began: float) -> int:
    """Return the milliseconds since a reading of time.perf_counter."""
    return round((time.perf_counter() - began) * 1000)


def _read_ack(status: int | None, content: bytes, content_type: str, error: str, ms: int) -> Ack:
    """Take an HTTP answer as Slack does: any text is a message, anything but 200 a failure."""
    if error or status != HTTPStatus.OK:
        return Ack(status, ms, error or FAILED)
    text = content.decode(errors="replace").strip()
    if not text:
        return Ack(status, ms)
    if content_type != "application/json":
        return Ack(status, ms, answer={"text": text})
    answer = json_object(text)
    return Ack(status, ms, FAILED) if answer is None else Ack(status, ms, answer=answer)

"""Slack's redirect after people agree or cancel: redeem its code, or say what went wrong."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.telemetry.logs import reference
from bot.web.pages import Link, notice_page

DEADLINE = 8.0  # seconds for Slack to redeem a code
UNREADABLE = "unreadable"  # replaces a reason that isn't a Slack error code
TRANSIENT = (  # reasons that may be gone at the next try
    "fatal_error",
    "internal_error",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    UNREADABLE,
)

_REFERENCE = "Reference: {}"
_CODE = re.compile(r"[\w.-]{1,512}", re.ASCII)
_REASON = re.compile(r"[a-z_]{1,64}")

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """The page about an install or a sign-in that didn't succeed.

    Attributes:
        status: the HTTP status.
        title: what happened.
        text: what it means and what to do next; {reason} is replaced by Slack's error code.
        is_failure: whether something went wrong; otherwise somebody cancelled.
    """

    status: int
    title: str
    text: str
    is_failure: bool = True


class EndedError(Exception):
    """An install or a sign-in ended without success.

    Args:
        outcome: the page to show.
        reason: for the log; a word or two, without secrets.
    """

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


@dataclass(frozen=True)
class CodeExchange:
    """Exchanges Slack's codes for what they stand for.

    Attributes:
        client: a Web API client without a token.
        method: the Web API's method.
        form: its arguments, beside the code.
        deadline: seconds for Slack to answer.
        no_code: the page if the redirect has no code.
        unavailable: the page if Slack fails.
        refusal: returns the page for one of Slack's error codes.
    """

    client: AsyncWebClient
    method: str
    form: Mapping[str, str] = field(repr=False)
    deadline: float
    no_code: Outcome
    unavailable: Outcome
    refusal: Callable[[str], Outcome]

    async def redeem(self, code: str, read: Callable[[Any], T]) -> T:
        """Redeem a code, and return what `read` finds in Slack's answer.

        Raises:
            EndedError: Slack rejected the code or failed, or `read` raised an exception.
        """
        if not _CODE.fullmatch(code):
            raise EndedError(self.no_code, "no code")
        try:
            async with asyncio.timeout(self.deadline):
                # slack_sdk's methods for it use aiohttp's BasicAuth, which is deprecated.
                answer = await self.client.api_call(self.method, data={**self.form, "code": code})
            return read(answer)
        except SlackApiError as error:
            data = getattr(error.response, "data", None)
            reason = error_code(data.get("error") if isinstance(data, dict) else None)
            raise EndedError(self.refusal(reason), reason) from None
        except Exception as error:  # noqa: BLE001 - slack_sdk doesn't wrap transport errors
            raise EndedError(self.unavailable, type(error).__name__) from None


def error_code(reason: object) -> str:
    """Return a reason if it has the form of a Slack error code: the page shows it."""
    return reason if isinstance(reason, str) and _REASON.fullmatch(reason) else UNREADABLE


def is_prefetch(request: web.Request) -> bool:
    """Return whether a browser only looks ahead.

    Answer 503 then: it retries when the user really navigates.
    """
    return request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", "")


def failure_page(
    log: logging.Logger, event: str, ended: EndedError, link: Link | None
) -> web.Response:
    """Log why an install or a sign-in ended, and return the page that says so."""
    outcome, reason = ended.outcome, ended.reason
    level = logging.WARNING if outcome.is_failure else logging.INFO
    log.log(level, event, extra={"reason": reason})
    return notice_page(
        outcome.status,
        outcome.title,
        outcome.text.format(reason=reason),
        link=link,
        small=_REFERENCE.format(reference.get()) if outcome.is_failure else "",
    )

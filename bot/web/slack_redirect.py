"""Slack's redirect after people agree or cancel: redeem its code, or say what went wrong."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.telemetry.logs import reference
from bot.web.pages import Link, notice_page

DEADLINE = 8.0  # seconds for Slack to redeem a code

_UNREADABLE = "unreadable"  # replaces a reason that isn't a Slack error code
# Slack's error codes: https://docs.slack.dev/reference/methods/oauth.v2.access and
# https://docs.slack.dev/reference/methods/openid.connect.token, "Errors".
_EXPIRED = {"invalid_code", "code_already_used", "code_expired"}
_WRONG_SETTINGS = {
    *("bad_client_secret", "bad_redirect_uri", "invalid_client_id", "invalid_scope"),
    "oauth_authorization_url_mismatch",
}
_TRANSIENT = {
    *("fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"),
    _UNREADABLE,
}
_REFERENCE = "Reference: {}"
_CODE = re.compile(r"[\w.-]{1,512}", re.ASCII)
_REASON = re.compile(r"[a-z_]{1,64}")

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """The page about an install or a sign-in that didn't succeed.

    Attributes:
        status: the HTTP status; 200 if nothing went wrong, but somebody cancelled.
        title: what happened.
        text: what it means and what to do next; {reason} is replaced by Slack's error code.
    """

    status: int
    title: str
    text: str


@dataclass(frozen=True)
class Failures:
    """The pages for what Slack may answer.

    Attributes:
        cancelled: the person cancelled.
        expired: the code has expired, was used before, or is missing.
        not_set_up: Slack doesn't accept the app's settings.
        unavailable: Slack fails, or its answer can't be read.
        rejected: Slack has any other reason.
    """

    cancelled: Outcome
    expired: Outcome
    not_set_up: Outcome
    unavailable: Outcome
    rejected: Outcome

    def of(self, reason: str) -> Outcome:
        """Return the page for one of Slack's error codes."""
        if reason == "access_denied":
            return self.cancelled
        if reason in _EXPIRED:
            return self.expired
        if reason in _WRONG_SETTINGS:
            return self.not_set_up
        return self.unavailable if reason in _TRANSIENT else self.rejected


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
    """Redeems the codes in Slack's redirects.

    Attributes:
        client: a Web API client without a token.
        method: the Web API's method.
        form: its arguments, beside the code.
        deadline: seconds for Slack to answer.
        failures: the pages for what can go wrong.
    """

    client: AsyncWebClient
    method: str
    form: Mapping[str, str] = field(repr=False)
    deadline: float
    failures: Failures

    def code_in(self, query: Mapping[str, str]) -> str:
        """Return the code in the query of Slack's redirect.

        Raises:
            EndedError: Slack's redirect has none, or an error.
        """
        if "error" in query:
            raise self._failure(query["error"])
        code = query.get("code", "")
        if not _CODE.fullmatch(code):
            raise EndedError(self.failures.expired, "no code")
        return code

    async def redeem(self, code: str, read: Callable[[Any], T]) -> T:
        """Redeem a code, and return what `read` finds in Slack's answer.

        Raises:
            EndedError: Slack rejected the code or failed, or `read` raised an exception.
        """
        try:
            async with asyncio.timeout(self.deadline):
                # slack_sdk's methods for it use aiohttp's BasicAuth, which is deprecated.
                answer = await self.client.api_call(self.method, data={**self.form, "code": code})
            return read(answer)
        except SlackApiError as error:
            data = getattr(error.response, "data", None)
            raise self._failure(data.get("error") if isinstance(data, dict) else None) from None
        except Exception as error:  # noqa: BLE001 - slack_sdk doesn't wrap transport errors
            raise EndedError(self.failures.unavailable, type(error).__name__) from None

    def _failure(self, reason: object) -> EndedError:
        """Return the error for a reason, which the page shows if it looks like Slack's code."""
        is_code = isinstance(reason, str) and _REASON.fullmatch(reason)
        shown = str(reason) if is_code else _UNREADABLE
        return EndedError(self.failures.of(shown), shown)


def is_prefetch(request: web.Request) -> bool:
    """Return whether a browser only prefetches the page.

    Answer 503 then: the browser asks again when the user really goes there.
    """
    return request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", "")


def failure_page(
    log: logging.Logger, event: str, ended: EndedError, link: Link | None
) -> web.Response:
    """Log why an install or a sign-in ended, and return the page that says so."""
    outcome, reason = ended.outcome, ended.reason
    is_failure = outcome.status != HTTPStatus.OK
    log.log(logging.WARNING if is_failure else logging.INFO, event, extra={"reason": reason})
    return notice_page(
        outcome.status,
        outcome.title,
        outcome.text.format(reason=reason),
        link=link,
        small=_REFERENCE.format(reference.get()) if is_failure else "",
    )

"""Use Slack's Calls API: cards that show who is in a meeting, and that it is over.

https://docs.slack.dev/apis/web-api/using-the-calls-api. Slack draws the `call` block, with a Join
button and the participants, and keeps it up to date wherever it was posted; nothing has to remember
the message.
"""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

LOG = logging.getLogger(__name__)

_AT_ONCE = (
    1.0  # seconds that a person's card waits for Slack; a plain one is better than a late one
)
_IN_THE_END = 90.0  # seconds that bringing a card up to date may take, rate limits waited out
_OVER = "inactive_call"  # what Slack says of a call that has ended
_OVERTAKEN = "bad_users"  # one of them was shown, or taken away, by another process just now
_UNREADABLE = "unreadable"  # an answer that is not one of Slack's
_PASSING = {
    _OVERTAKEN,
    "fatal_error",
    "internal_error",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    _UNREADABLE,
}
_ADVICE = {
    "missing_scope": "add calls:write to the app's scopes (manifest.yml has it) and reinstall it",
    "invalid_auth": "SLACK_BOT_TOKEN is not good",
    "token_revoked": "SLACK_BOT_TOKEN is not good",
}

Answer = dict[str, Any]
Participants = dict[str, str]  # names by VideoSDK's participant id


class CallsUnavailableError(Exception):
    """Slack did not do it, and may do it the next time."""


class Calls:
    """Slack's calls, as far as a bot may be without them: no failure here reaches a person.

    Args:
        client: a Web API client with the bot token, which waits out Slack's rate limits.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._advised = False

    async def add(self, *, unique_id: str, join_url: str, title: str, user_id: str) -> str | None:
        """Register a call and return its id, or None if Slack will not have it.

        Args:
            unique_id: the same for everybody who starts this run of the meeting.
            join_url: what Join opens.
            title: the meeting's name.
            user_id: who starts it.
        """
        answer = None
        with suppress(CallsUnavailableError):
            answer = await self._ask(
                "calls.add",
                _AT_ONCE,
                external_unique_id=unique_id,
                join_url=join_url,
                title=title,
                created_by=user_id,
            )
        call = answer.get("call") if answer else None
        return str(call["id"]) if isinstance(call, dict) and call.get("id") else None

    async def relink(self, call_id: str, join_url: str) -> None:
        """Let a call's Join button open another address."""
        with suppress(CallsUnavailableError):
            await self._ask("calls.update", _AT_ONCE, id=call_id, join_url=join_url)

    async def people(self, call_id: str) -> Participants | None:
        """Return who is shown as being in a call, or None if Slack does not say.

        calls.info says it too, but needs a scope of its own.

        Raises:
            CallsUnavailableError: Slack may say it the next time.
        """
        answer = await self._ask("calls.update", id=call_id)
        call = answer.get("call") if answer else None
        users = call.get("users") if isinstance(call, dict) else None
        if not isinstance(users, list):
            return None
        return {
            user["external_id"]: user.get("display_name", "")
            for user in users
            if "external_id" in user
        }

    async def add_people(self, call_id: str, people: Participants) -> None:
        """Show people as being in a call; those who are shown already are refused.

        Raises:
            CallsUnavailableError: they may not be shown.
        """
        users = [{"external_id": key, "display_name": name} for key, name in people.items()]
        if users:
            await self._ask("calls.participants.add", id=call_id, users=users)

    async def remove_people(self, call_id: str, people: Iterable[str]) -> None:
        """Show people no longer as being in a call; those who are not shown are refused.

        Raises:
            CallsUnavailableError: they may be shown still.
        """
        users = [{"external_id": key} for key in people]
        if users:
            await self._ask("calls.participants.remove", id=call_id, users=users)

    async def end(self, call_id: str, seconds: int) -> None:
        """Show that a call is over, and how long it was; one that has ended stays as it is.

        Raises:
            CallsUnavailableError: it may not be shown.
        """
        await self._ask("calls.end", id=call_id, duration=seconds)

    async def _ask(
        self, method: str, seconds: float = _IN_THE_END, **arguments: Any
    ) -> Answer | None:
        """Return Slack's answer, or None if it says no.

        Raises:
            CallsUnavailableError: it may say yes the next time.
        """
        answer: object
        try:
            async with asyncio.timeout(seconds):
                answer = (await self._client.api_call(method, json=arguments)).data
        except SlackApiError as error:
            answer = getattr(error.response, "data", None)
        except Exception as error:  # noqa: BLE001 - slack_sdk lets through what its transport raises
            self._tell(method, type(error).__name__)
            raise CallsUnavailableError(type(error).__name__) from None
        reason = _reason(answer)
        if reason is None and isinstance(answer, dict):
            return answer
        self._tell(method, str(reason))
        if reason in _PASSING:
            raise CallsUnavailableError(reason)
        return None

    def _tell(self, method: str, reason: str) -> None:
        """Log a failure, with advice the first time that there is any to give."""
        advice = _ADVICE.get(reason)
        if reason in {_OVER, _OVERTAKEN}:
            return
        if advice and self._advised:
            return
        self._advised = self._advised or advice is not None
        facts = {"method": method, "reason": reason} | ({"advice": advice} if advice else {})
        LOG.warning("live card not updated", extra=facts)


def _reason(answer: object) -> str | None:
    """Return what an answer refuses with, which may stand beside `"ok": true`; None if nothing."""
    if not isinstance(answer, dict):
        return _UNREADABLE
    error = answer.get("error")
    return str(error) if error else None if answer.get("ok") else _UNREADABLE

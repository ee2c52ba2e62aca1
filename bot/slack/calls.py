"""Use Slack's Calls API: cards that show who is in a meeting, and that it is over.

https://docs.slack.dev/apis/web-api/using-the-calls-api. Slack draws the `call` block, with a Join
button and the participants, and keeps it up to date wherever it was posted; nothing has to remember
the message.
"""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.links import Webhook
from bot.slack.workspaces import NotInstalledError, Workspace, Workspaces

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
    "invalid_auth": "the bot token is not good: reinstall the app",
    "token_revoked": "the bot token is not good: reinstall the app",
}

Answer = dict[str, Any]
Participants = dict[str, str]  # names by VideoSDK's participant id


class CallsUnavailableError(Exception):
    """Slack did not do it, and may do it the next time."""


@dataclass(frozen=True)
class Call:
    """A call of Slack's, and whose it is."""

    workspace: Workspace
    call_id: str

    @classmethod
    def of(cls, hook: Webhook) -> "Call":
        """Return the call that a webhook's address names."""
        return cls(Workspace(hook.team_id, hook.enterprise_id), hook.call_id)

    @property
    def hook(self) -> Webhook:
        """What the address of the webhooks about this call says."""
        return Webhook(self.call_id, self.workspace.team_id, self.workspace.enterprise_id)


class Calls:
    """Slack's calls, as far as a bot may be without them: no failure here reaches a person.

    Args:
        workspaces: give the Web API clients, which wait out Slack's rate limits.
    """

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces
        self._advised = False

    async def add(
        self, workspace: Workspace, *, unique_id: str, join_url: str, title: str, user_id: str
    ) -> Call | None:
        """Register a call and return it, or None if Slack will not have it.

        Args:
            workspace: where.
            unique_id: the same for everybody who starts this run of the meeting.
            join_url: what Join opens.
            title: the meeting's name.
            user_id: who starts it.
        """
        answer = None
        with suppress(CallsUnavailableError):
            answer = await self._ask(
                workspace,
                "calls.add",
                _AT_ONCE,
                external_unique_id=unique_id,
                join_url=join_url,
                title=title,
                created_by=user_id,
            )
        call = answer.get("call") if answer else None
        call_id = call.get("id") if isinstance(call, dict) else None
        return Call(workspace, str(call_id)) if call_id else None

    async def relink(self, call: Call, join_url: str) -> None:
        """Let a call's Join button open another address."""
        with suppress(CallsUnavailableError):
            await self._ask_about(call, "calls.update", _AT_ONCE, join_url=join_url)

    async def people(self, call: Call) -> Participants | None:
        """Return who is shown as being in a call, or None if Slack does not say.

        calls.info says it too, but needs a scope of its own.

        Raises:
            CallsUnavailableError: Slack may say it the next time.
        """
        answer = await self._ask_about(call, "calls.update")
        shown = answer.get("call") if answer else None
        users = shown.get("users") if isinstance(shown, dict) else None
        if not isinstance(users, list):
            return None
        return {
            user["external_id"]: user.get("display_name", "")
            for user in users
            if "external_id" in user
        }

    async def add_people(self, call: Call, people: Participants) -> None:
        """Show people as being in a call; those who are shown already are refused.

        Raises:
            CallsUnavailableError: they may not be shown.
        """
        users = [{"external_id": key, "display_name": name} for key, name in people.items()]
        if users:
            await self._ask_about(call, "calls.participants.add", users=users)

    async def remove_people(self, call: Call, people: Iterable[str]) -> None:
        """Show people no longer as being in a call; those who are not shown are refused.

        Raises:
            CallsUnavailableError: they may be shown still.
        """
        users = [{"external_id": key} for key in people]
        if users:
            await self._ask_about(call, "calls.participants.remove", users=users)

    async def end(self, call: Call, seconds: int) -> None:
        """Show that a call is over, and how long it was; one that has ended stays as it is.

        Raises:
            CallsUnavailableError: it may not be shown.
        """
        await self._ask_about(call, "calls.end", duration=seconds)

    async def _ask_about(
        self, call: Call, method: str, seconds: float = _IN_THE_END, **arguments: Any
    ) -> Answer | None:
        return await self._ask(call.workspace, method, seconds, id=call.call_id, **arguments)

    async def _ask(
        self, workspace: Workspace, method: str, seconds: float, **arguments: Any
    ) -> Answer | None:
        """Return Slack's answer, or None if it says no.

        Raises:
            CallsUnavailableError: it may say yes the next time.
        """
        answer: object
        try:
            async with asyncio.timeout(seconds):
                client = await self._workspaces.client(workspace)
                answer = (await client.api_call(method, json=arguments)).data
        except SlackApiError as error:
            answer = getattr(error.response, "data", None)
        except NotInstalledError:
            return None  # its cards are beyond reach now, and nobody's concern
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

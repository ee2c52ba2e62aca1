"""Slack's Calls API: cards that show who is in a meeting, and when it has ended.

https://docs.slack.dev/apis/web-api/using-the-calls-api. Slack draws the `call` block, with a Join
button and the participants, and keeps it up to date wherever it was posted; nothing has to remember
the message. Undocumented behaviour, from public code:

- calls.update with only an ID is an error, so it can't be used to read a call
  (java-slack-sdk, calls_Test.errors). Adding and removing people answer with the call.
- Removing a guest takes their name and ID, and a call with nobody in it has no `users`
  (hackclub/slash-z).
- `bad_users` may mean that nobody in a batch was added or removed.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.caching.recent import Recent
from bot.participant_ids import CallRef
from bot.slack.failures import UNREADABLE, Meaning, error_in, meaning_of
from bot.slack.workspaces import NotInstalledError, Workspaces
from bot.workspace import Workspace

LOG = logging.getLogger(__name__)

AT_ONCE = 1.0  # seconds, while a user waits; a plain card is better than a late one
_ENDED_FOR_GOOD = -inf  # an ended call can't be started again
_FRESH = 30.0  # seconds for which a known active call counts as active
_IN_THE_END = 90.0  # seconds for a background request, including waits for rate limits
_BAD_USERS = "bad_users"  # one of them is shown already, isn't shown, or Slack won't show them
_ABOUT_PEOPLE = {_BAD_USERS, "invalid_arguments", "missing_argument", "user_not_found"}
_ENDED = {"inactive_call", "invalid_call_id"}
_ADVICE = {
    "missing_scope": "add calls:write to the app's scopes (manifest.yml has it) and reinstall it",
    "invalid_auth": "the bot token is not valid: reinstall the app",
    "token_revoked": "the bot token is not valid: reinstall the app",
}

Answer = dict[str, Any]


@dataclass(frozen=True)
class MemberKey:
    """A member of the call's workspace, whom Slack shows with face and profile."""

    user_id: str


Participants = dict[str | MemberKey, str]  # names by member, or by a guest's participant id


class CallsUnavailableError(Exception):
    """Slack failed; a later try may succeed."""


class CallEndedError(Exception):
    """The call has ended, or Slack doesn't know it: it can't be changed any more."""


class CallRefusedError(Exception):
    """Slack rejects the request for good; the message is Slack's reason."""


class Calls:
    """Calls Slack's Calls API, and gives each of its answers one meaning.

    Args:
        workspaces: provides Web API clients, which retry when rate-limited.
    """

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces
        self._advised = False
        self._active_until: Recent[str, float] = Recent()  # monotonic seconds

    async def add(
        self, workspace: Workspace, *, unique_id: str, join_url: str, title: str, user_id: str
    ) -> str:
        """Register a call and return its id.

        Args:
            workspace: where.
            unique_id: never used before; what Slack does with a repeated one is undocumented.
            join_url: what Join opens.
            title: the meeting's name.
            user_id: who starts it.

        Raises:
            CallsUnavailableError: Slack failed or took too long.
            CallRefusedError: Slack refuses it.
        """
        fields = {"external_unique_id": unique_id, "join_url": join_url, "title": title}
        asked = fields | {"created_by": user_id}
        answer = await self._ask(CallRef("", workspace), "calls.add", asked, AT_ONCE)
        call = answer.get("call")
        call_id = call.get("id") if isinstance(call, dict) else None
        if not call_id:
            raise CallRefusedError(UNREADABLE)
        return str(call_id)

    async def relink(self, call: CallRef, join_url: str) -> None:
        """Change the address that a call's Join button opens.

        Raises:
            CallsUnavailableError: Slack failed or took too long.
            CallEndedError, CallRefusedError: it keeps the old one.
        """
        await self._ask(call, "calls.update", {"join_url": join_url}, AT_ONCE)

    async def is_active(self, call: CallRef) -> bool:
        """Return whether a call can still show people; True if Slack doesn't say.

        calls.info needs a scope of its own. So try to remove somebody who isn't in it: Slack
        returns `inactive_call` only for ended calls. The result is reused for half a minute.
        """
        until = self._active_until.get(call.call_id, 0.0)
        if until > time.monotonic() or until == _ENDED_FOR_GOOD:
            return until != _ENDED_FOR_GOOD
        users = {"users": [{"external_id": "nobody", "display_name": "Nobody"}]}
        with suppress(CallEndedError, CallsUnavailableError):
            with suppress(CallRefusedError):
                await self._ask(call, "calls.participants.remove", users, AT_ONCE)
            self._active_until[call.call_id] = time.monotonic() + _FRESH
        return self._active_until.get(call.call_id) != _ENDED_FOR_GOOD

    async def update_people(
        self, call: CallRef, people: Participants, *, inside: bool
    ) -> Participants | None:
        """Add people to a call or remove them: in one batch or, if Slack rejects any, one by one.

        Args:
            call: the call.
            people: whom to add or to remove.
            inside: True adds them.

        Returns:
            Everyone shown in the call then, or None if Slack doesn't say.

        Raises:
            CallsUnavailableError: some of them may not be updated.
            CallRefusedError: Slack refuses it, whoever they are.
            CallEndedError: the call can't be changed any more.
        """
        if not people:
            return None
        method = "calls.participants.add" if inside else "calls.participants.remove"
        shown, refused = await self._send(call, method, people)
        if not refused or len(people) == 1:
            return shown
        for key, name in people.items():
            if shown is None or (key in shown) != inside:
                shown = (await self._send(call, method, {key: name}))[0] or shown
        return shown

    async def end(self, call: CallRef, seconds: int) -> None:
        """End a call and show its duration; an ended call stays unchanged.

        Raises:
            CallsUnavailableError: it may not be shown.
        """
        with suppress(CallEndedError, CallRefusedError):
            await self._ask(call, "calls.end", {"duration": seconds})
            self._active_until[call.call_id] = _ENDED_FOR_GOOD

    async def _send(
        self, call: CallRef, method: str, people: Participants
    ) -> tuple[Participants | None, bool]:
        """Send people; return who is shown now, if Slack says, and whether it rejected any."""
        users = [
            {"slack_id": key.user_id}
            if isinstance(key, MemberKey)
            else {"external_id": key, "display_name": name}
            for key, name in people.items()
        ]
        try:
            answer = await self._ask(call, method, {"users": users})
        except CallRefusedError as refusal:
            if str(refusal) not in _ABOUT_PEOPLE:
                raise
            return None, True
        return _shown(answer), "error" in answer

    async def _ask(
        self, call: CallRef, method: str, fields: Answer, seconds: float = _IN_THE_END
    ) -> Answer:
        """Return Slack's answer if it is ok, or has `bad_users` together with the call.

        Args:
            call: what it is about; one that doesn't exist yet has no ID.
            method: of the Web API.
            fields: the method's, without the ID.
            seconds: how long it may take.

        Raises:
            CallsUnavailableError, CallEndedError, CallRefusedError: any other.
        """
        if self._active_until.get(call.call_id) == _ENDED_FOR_GOOD:
            raise CallEndedError("it was over before")
        answer: object
        try:
            async with asyncio.timeout(seconds):
                client = await self._workspaces.client(call.workspace)
                about = {"id": call.call_id} if call.call_id else {}
                answer = (await client.api_call(method, json=about | fields)).data
        except SlackApiError as error:
            answer = getattr(error.response, "data", None)
        except NotInstalledError:
            raise CallRefusedError("not installed") from None  # its cards are out of reach
        except Exception as error:  # noqa: BLE001 - slack_sdk lets through what its transport raises
            self._log(method, type(error).__name__)
            raise CallsUnavailableError(type(error).__name__) from None
        reason = error_in(answer)
        if isinstance(answer, dict) and (reason is None or (reason == _BAD_USERS and answer["ok"])):
            return answer
        if reason in _ENDED and call.call_id:
            self._active_until[call.call_id] = _ENDED_FOR_GOOD
        raise self._failure(method, str(reason))

    def _failure(self, method: str, reason: str) -> Exception:
        if reason in _ENDED:
            return CallEndedError(reason)
        if reason != _BAD_USERS:
            self._log(method, reason)
        if meaning_of(reason) is Meaning.TRANSIENT:
            return CallsUnavailableError(reason)
        return CallRefusedError(reason)

    def _log(self, method: str, reason: str) -> None:
        """Log a failure; errors with advice are logged once, with the advice."""
        advice = _ADVICE.get(reason)
        if advice and self._advised:
            return
        self._advised = self._advised or advice is not None
        facts = {"method": method, "reason": reason} | ({"advice": advice} if advice else {})
        LOG.warning("live card not updated", extra=facts)


def _shown(answer: Mapping[str, Any]) -> Participants | None:
    """Return the people in an answer's call, or None if it has no call."""
    call = answer.get("call")
    if not isinstance(call, dict):
        return None
    users = [user for user in call.get("users") or [] if isinstance(user, dict)]
    shown: Participants = {}
    for user in users:
        if "slack_id" in user:
            shown[MemberKey(str(user["slack_id"]))] = ""
        elif "external_id" in user:
            shown[str(user["external_id"])] = str(user.get("display_name", ""))
    return shown

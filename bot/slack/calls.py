"""Use Slack's Calls API: cards that show who is in a meeting, and that it is over.

https://docs.slack.dev/apis/web-api/using-the-calls-api. Slack draws the `call` block, with a Join
button and the participants, and keeps it up to date wherever it was posted; nothing has to remember
the message.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

LOG = logging.getLogger(__name__)

_AT_ONCE = (
    1.0  # seconds that a person's card waits for Slack; a plain one is better than a late one
)
_IN_THE_END = 90.0  # seconds that bringing a card up to date may take, rate limits waited out
_OVER = "inactive_call"  # what Slack says of a call that has ended
_ADVICE = {
    "missing_scope": "add calls:write to the app's scopes (manifest.yml has it) and reinstall it",
    "invalid_auth": "SLACK_BOT_TOKEN is not good",
    "token_revoked": "SLACK_BOT_TOKEN is not good",
}

Participants = dict[str, str]  # names by VideoSDK's participant id


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
        await self._ask("calls.update", _AT_ONCE, id=call_id, join_url=join_url)

    async def add_people(self, call_id: str, people: Participants) -> None:
        """Show people as being in a call."""
        users = [{"external_id": key, "display_name": name} for key, name in people.items()]
        if users:
            await self._ask("calls.participants.add", id=call_id, users=users)

    async def remove_people(self, call_id: str, people: Iterable[str]) -> None:
        """Show people no longer as being in a call."""
        users = [{"external_id": key} for key in people]
        if users:
            await self._ask("calls.participants.remove", id=call_id, users=users)

    async def end(self, call_id: str, seconds: int) -> None:
        """Show that a call is over, and how long it was."""
        await self._ask("calls.end", id=call_id, duration=seconds)

    async def _ask(
        self, method: str, seconds: float = _IN_THE_END, **arguments: Any
    ) -> AsyncSlackResponse | None:
        try:
            async with asyncio.timeout(seconds):
                return await self._client.api_call(method, json=arguments)
        except SlackApiError as error:
            self._tell(method, str(error.response.get("error")))
        except (SlackClientError, OSError, TimeoutError) as error:
            self._tell(method, type(error).__name__)
        return None

    def _tell(self, method: str, reason: str) -> None:
        """Log a failure, with advice the first time that there is any to give."""
        advice = _ADVICE.get(reason)
        if reason == _OVER:
            return
        if advice and self._advised:
            return
        self._advised = self._advised or advice is not None
        facts = {"method": method, "reason": reason} | ({"advice": advice} if advice else {})
        LOG.warning("live card not updated", extra=facts)

"""The operator's Slack app, called by plain HTTP."""

import json
import secrets
from typing import Any

import httpx

from bot.assumptions.answers import TIMEOUT, Answer, NotTriedError
from bot.settings.settings import Settings

ADDRESS = "https://example.com/meet-for-slack"  # the call's join_url, which nobody opens
_NOT_TRIED = {"missing_scope", "ratelimited"}


class App:
    """The Slack app, in the one workspace of SLACK_BOT_TOKEN.

    Attributes:
        unique_id: our own ID of the call.
        calls: Slack's IDs of the calls created with it that haven't ended.
        ended: Slack's ID of the one that has, or "".
    """

    def __init__(
        self,
        settings: Settings,
        http: httpx.AsyncClient,
        answers: list[Answer],
        created_by: str | None,
    ) -> None:
        self._settings = settings
        self._http = http
        self._answers = answers
        self._created_by = created_by
        self.unique_id = f"doctor-{secrets.token_hex(8)}"
        self.calls: list[str] = []
        self.ended = ""

    @property
    def created_by(self) -> str:
        """The user ID of the call's creator."""
        if not self._created_by:
            raise NotTriedError(
                "name the call's creator: --as U… (in Slack: your profile, ⋮, Copy member ID)"
            )
        return self._created_by

    @property
    def call(self) -> str:
        """Slack's ID of the call."""
        if not self.calls:
            raise NotTriedError("there is no call")
        return self.calls[0]

    async def ask(self, method: str, **arguments: object) -> Answer:
        """Call a method of the Web API.

        Raises:
            NotTriedError: there is no token, a scope is missing, or Slack's rate limit is reached.
        """
        if not self._settings.slack_bot_token:
            raise NotTriedError("needs SLACK_BOT_TOKEN, the token of one workspace")
        response = await self._http.post(
            self._settings.slack_api_url + method,
            content=json.dumps(arguments),
            headers={
                "Authorization": f"Bearer {self._settings.slack_bot_token}",
                "Content-Type": "application/json; charset=utf-8",
            },
            timeout=TIMEOUT,
        )
        answer = Answer.of(method, response)
        self._answers.append(answer)
        if answer.error in _NOT_TRIED:
            raise NotTriedError(f"Slack says {answer.error}: {answer.at('needed') or 'try later'}")
        return answer

    async def people(self) -> dict[str, Any]:
        """Return the names of the people in the call, by external ID.

        Raises:
            NotTriedError: Slack's answer doesn't list them.
        """
        answer = await self.ask("calls.update", id=self.call, join_url=ADDRESS)
        if answer.error or not isinstance(answer.at("call"), dict):
            raise NotTriedError("calls.update does not say who is in the call")
        users = answer.at("call", "users") or []
        return {user.get("external_id"): user.get("display_name") for user in users}

    async def clean_up(self) -> list[str]:
        """End the calls, and return those that can't be ended."""
        left = []
        for call in self.calls:
            try:
                answer = await self.ask("calls.end", id=call)
            except (httpx.HTTPError, NotTriedError) as error:
                left.append(f"Slack's call {call} ({type(error).__name__})")
            else:
                left += [f"Slack's call {call} ({answer.error})"] if answer.error else []
        return left

"""The doctor's checks of the Slack app."""

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import httpx

from bot.doctor.scopes import check_scopes
from bot.doctor.trouble import UNPROVEN, WARNING, TroubleError, in_one_line
from bot.settings.settings import Settings

_FORM = "application/x-www-form-urlencoded"
_CHECK_SLACK_URL = "Check this machine's network, and SLACK_API_URL if you set it."
_SLACK_APP = "api.slack.com/apps, your app"


class SlackChecks:
    """Each method is one check: it returns a status line, or raises TroubleError.

    Args:
        settings: the deployment's.
        http: sends requests to Slack.
    """

    def __init__(self, settings: Settings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._granted: set[str] | None = None  # the bot token's scopes

    async def bot_token(self) -> str:
        """Ask Slack which workspace the token belongs to."""
        answer = await self._ask_slack(
            "auth.test",
            f"Bearer {self._settings.slack_bot_token}",
            f"Copy it again, or reinstall the app: {_SLACK_APP}, OAuth & Permissions.",
        )
        self._granted = set(re.split(r"[\s,]+", answer.headers.get("x-oauth-scopes", "")))
        return f"opens {_json(answer)['team']}"

    async def scopes(self) -> str:
        """Compare the token's scopes with the manifest's."""
        if self._granted is None:
            raise TroubleError("unknown: Slack didn't say", "See SLACK_BOT_TOKEN above.", WARNING)
        return check_scopes(
            self._granted,
            has_live_cards=self._settings.has_live_cards,
            sends_messages=self._settings.invites == "message" or self._settings.has_notes,
        )

    async def client_id(self) -> str:
        """Check the app's credentials, as an install needs them."""
        await self._redeem("oauth.v2.access")
        return f"Slack knows the app; its install page: {self._settings.public_url}/slack/install"

    async def sign_in(self) -> str:
        """Check the app's credentials, as signing in needs them."""
        await self._redeem("openid.connect.token")
        who = {"optional": "can", "required": "have to"}[self._settings.sign_in]
        back = f"{self._settings.public_url}/slack/sign_in"
        return f"people {who} join as they are in Slack; the manifest must list {back}"

    async def _redeem(self, method: str) -> None:
        """Redeem a made-up code: Slack rejects wrong credentials before it looks at the code."""
        pair = f"{self._settings.slack_client_id}:{self._settings.slack_client_secret}"
        await self._ask_slack(
            method,
            f"Basic {b64encode(pair.encode()).decode()}",
            f"Copy SLACK_CLIENT_ID and SLACK_CLIENT_SECRET again: {_SLACK_APP}, Basic Information.",
            content="code=none",
            expected_error="invalid_code",
        )

    async def signing_secret(self) -> str:
        """Check the secret's form; only a request from Slack can prove more."""
        if self._settings.slack_app_token:
            return "not needed with Socket Mode"
        if re.fullmatch(r"[0-9a-f]{32}", str(self._settings.slack_signing_secret)):
            raise TroubleError(
                "looks right, but only a request that Slack has signed can prove it",
                "Type /meet in Slack: if you get an answer, the secret is right. If you don't, and "
                'the log says "wrong signature", the secret is another app\'s.',
                UNPROVEN,
            )
        raise TroubleError(
            "isn't 32 hexadecimal digits, as Slack's are",
            f"Copy it again: {_SLACK_APP}, Basic Information, Signing Secret.",
            WARNING,
        )

    async def app_token(self) -> str:
        """Ask Slack for a Socket Mode URL, without connecting to it."""
        if not self._settings.slack_app_token:
            return "not set: Slack reaches the bot by HTTP"
        await self._ask_slack(
            "apps.connections.open",
            f"Bearer {self._settings.slack_app_token}",
            f"Make one with the scope connections:write: {_SLACK_APP}, Basic Information, "
            "App-Level Tokens. The app's manifest must have Socket Mode on.",
        )
        return "opens Socket Mode"

    async def _ask_slack(
        self,
        method: str,
        authorization: str,
        fix: str,
        *,
        content: str = "",
        expected_error: str = "",
    ) -> httpx.Response:
        """Return Slack's response if it is ok or the error that this check expects.

        Uses plain HTTP: slack_sdk fails on what a proxy or a wrong address may answer.

        Raises:
            TroubleError: Slack can't be reached, or rejects the credentials.
        """
        try:
            answer = await self._http.post(
                f"{self._settings.slack_api_url}{method}",
                headers={"Authorization": authorization, "Content-Type": _FORM},
                content=content,
            )
        except httpx.HTTPError as error:
            raise TroubleError(
                f"Slack can't be reached: {in_one_line(error)}", _CHECK_SLACK_URL
            ) from None
        body = _json(answer)
        if body.get("ok") or (expected_error and body.get("error") == expected_error):
            return answer
        if "error" not in body:
            status = answer.status_code
            raise TroubleError(f"the answer isn't Slack's (status {status})", _CHECK_SLACK_URL)
        raise TroubleError(f"Slack rejects it ({body['error']})", fix)


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    """Return the JSON object in an answer; an empty one if there is none."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}

"""The doctor's checks of everything that the bot depends on."""

import platform
import re
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx

from bot import __version__
from bot.doctor.scopes import check_scopes
from bot.doctor.trouble import TroubleError, UnprovenError
from bot.links import JoinLink, SignedLinks
from bot.settings.derived_keys import links_key
from bot.settings.public_address import TURN_ON_JOIN, TURN_ON_NOTES
from bot.settings.settings import Settings
from bot.transport import Policy, open_transport, open_videosdk
from bot.videosdk import (
    ENDPOINT,
    VideoSDKError,
    VideoSDKForbiddenError,
    VideoSDKUnauthorizedError,
)
from bot.web.guard import MAX_AGE

_NO_MEETING = "no-such-meeting"
_FORM = "application/x-www-form-urlencoded"
_CLOCK_TOLERANCE = 60.0  # seconds
_CHECK_SLACK_URL = "Check this machine's network, and SLACK_API_URL if you set it."
_SLACK_APP = "api.slack.com/apps, your app"

Check = Callable[[], Awaitable[str]]


class Checks:
    """Each method is one check: it returns a status line, or raises TroubleError.

    Args:
        settings: the deployment's.
        http: sends requests to Slack and to the bot itself.
    """

    def __init__(self, settings: Settings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._granted: set[str] | None = None  # the bot token's scopes
        self._reply: httpx.Response | None = None  # VideoSDK's last answer
        self._replied_at = 0.0  # seconds since 1970

    def in_order(self) -> dict[str, Check]:
        """Return the checks by name, in order: scopes, clock and others use earlier results."""
        single: dict[str, Check] = {"SLACK_BOT_TOKEN": self.bot_token, "scopes": self.scopes}
        many: dict[str, Check] = {"SLACK_CLIENT_ID": self.client_id, "DATABASE_URL": self.database}
        people: dict[str, Check] = {"SIGN_IN": self.sign_in} if self._settings.signs_in else {}
        return {
            "versions": self.versions,
            "network": self.network,
            **(many if self._settings.serves_many else single),
            **people,
            "SLACK_SIGNING_SECRET": self.signing_secret,
            "SLACK_APP_TOKEN": self.app_token,
            "VIDEOSDK_API_KEY": self.videosdk,
            "clock": self.clock,
            "PUBLIC_URL": self.public_url,
            **({"NOTES": self.notes} if self._settings.notes != "off" else {}),
        }

    async def versions(self) -> str:
        """Return the versions of the bot and of Python."""
        return f"Meet for Slack {__version__}, Python {platform.python_version()}"

    async def network(self) -> str:
        """Return which proxy is used, if any."""
        return Policy.of(self._settings).describe()

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
            raise TroubleError(
                "unknown: Slack didn't say", "See SLACK_BOT_TOKEN above.", harmless=True
            )
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

    async def database(self) -> str:
        """Check that the database answers, and its schema's version."""
        from bot.doctor.database import check_database  # imports SQLAlchemy, which is slow

        return await check_database(self._settings)

    async def signing_secret(self) -> str:
        """Check the secret's form; only a request from Slack can prove more."""
        if self._settings.slack_app_token:
            return "not needed with Socket Mode"
        if re.fullmatch(r"[0-9a-f]{32}", str(self._settings.slack_signing_secret)):
            raise UnprovenError(
                "looks right, but only a request that Slack has signed can prove it",
                "Type /meet in Slack: if you get an answer, the secret is right. If you don't, and "
                'the log says "wrong signature", the secret is another app\'s.',
            )
        raise TroubleError(
            "isn't 32 hexadecimal digits, as Slack's are",
            f"Copy it again: {_SLACK_APP}, Basic Information, Signing Secret.",
            harmless=True,
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

    async def videosdk(self) -> str:
        """Validate a made-up ID: VideoSDK rejects bad credentials before it looks the ID up."""
        try:
            sending = open_transport(policy=Policy.of(self._settings))
            async with _ObservedTransport(sending, self._note) as transport:
                await open_videosdk(self._settings, transport).validate(_NO_MEETING)
        except (VideoSDKUnauthorizedError, VideoSDKForbiddenError) as error:
            raise TroubleError(
                f"VideoSDK rejects the key and secret (status {error.status})",
                "Copy both again, without quotes: app.videosdk.live/api-keys.",
            ) from None
        except VideoSDKError as error:
            raise TroubleError(
                f"VideoSDK can't be reached: {error}",
                "Check this machine's network, and VIDEOSDK_API_ENDPOINT if you set it.",
            ) from None
        return self._accepted()

    async def clock(self) -> str:
        """Compare this machine's clock with VideoSDK's."""
        ahead = self._seconds_ahead()
        if ahead is None:
            raise TroubleError(
                "can't be checked: VideoSDK hasn't said what time it is",
                "See VIDEOSDK_API_KEY above.",
                harmless=True,
            )
        if abs(ahead) <= _CLOCK_TOLERANCE:
            return "agrees with VideoSDK's"
        raise TroubleError(
            f"{abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} VideoSDK's",
            "Set this machine's clock (NTP): tokens and signatures expire within minutes.",
            harmless=abs(ahead) <= MAX_AGE,
        )

    async def public_url(self) -> str:
        """Open a link there that only a bot with this one's key recognises."""
        url = self._settings.public_url
        if not url:
            return self._without_public_url()
        if (status := await self._status(f"{url}/healthz")) != HTTPStatus.OK:
            raise TroubleError(
                f"{url} answers with status {status}",
                "Is the bot running, and is this the address of its front page, without redirects?",
            )
        if await self._status(self._old_join_link(url)) != HTTPStatus.GONE:
            raise TroubleError(
                f"{url} answers, but not as this bot",
                "Either a different one runs there, or it has a different VIDEOSDK_SECRET_KEY or "
                "no PUBLIC_URL.",
            )
        return f"{url} leads to this bot"

    async def notes(self) -> str:
        """Check that notes have what they need; only a call can prove that VideoSDK transcribes."""
        if not self._settings.has_notes:
            raise TroubleError("cards have no Take notes button", TURN_ON_NOTES, harmless=True)
        raise UnprovenError(
            "live cards offer them, but only a transcription can prove that VideoSDK's plan has it",
            "Run python -m bot doctor --live, or join a meeting and press Take notes.",
        )

    def _without_public_url(self) -> str:
        if self._settings.join_url_template:
            return "not set: Join leads to JOIN_URL_TEMPLATE"
        live = self._settings.videosdk_api_version == "v2" and self._settings.live_cards == "on"
        lost = "cards have no Join button" + (" and, even with v2, aren't live" if live else "")
        raise TroubleError(f"not set: {lost}", TURN_ON_JOIN, harmless=True)

    def _note(self, reply: httpx.Response) -> None:
        self._reply, self._replied_at = reply, time.time()

    def _accepted(self) -> str:
        """Return a status line; a 404 proves nothing, since any wrong address gives one."""
        endpoint = self._settings.videosdk_api_endpoint
        if endpoint != ENDPOINT and self._reply and self._reply.status_code == HTTPStatus.NOT_FOUND:
            raise TroubleError(
                f"wasn't rejected, but {endpoint} answers with status 404",
                "If /meet fails too, fix VIDEOSDK_API_ENDPOINT, or remove it.",
                harmless=True,
            )
        return "VideoSDK accepts the key and secret"

    def _seconds_ahead(self) -> float | None:
        """Return how far this machine's clock is ahead of VideoSDK's; None if unknown."""
        with suppress(ValueError):
            date = self._reply.headers.get("date", "") if self._reply else ""
            theirs = parsedate_to_datetime(date)
            return self._replied_at - theirs.replace(tzinfo=theirs.tzinfo or UTC).timestamp()
        return None

    def _old_join_link(self, url: str) -> str:
        """Return an expired join link that only a bot with the same key recognises as its own."""
        key = links_key(self._settings)
        return SignedLinks(url, key, clock=lambda: 0.0).url(JoinLink(_NO_MEETING))

    async def _status(self, url: str) -> int:
        try:
            async with self._http.stream("GET", url) as answer:
                return answer.status_code
        except httpx.HTTPError as error:
            raise TroubleError(
                f"nothing answers there: {_in_one_line(error)}",
                "The bot must be running during this check. If it is, fix PUBLIC_URL.",
            ) from None

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
                f"Slack can't be reached: {_in_one_line(error)}", _CHECK_SLACK_URL
            ) from None
        body = _json(answer)
        if body.get("ok") or (expected_error and body.get("error") == expected_error):
            return answer
        if "error" not in body:
            status = answer.status_code
            raise TroubleError(f"the answer isn't Slack's (status {status})", _CHECK_SLACK_URL)
        raise TroubleError(f"Slack rejects it ({body['error']})", fix)


class _ObservedTransport(httpx.AsyncBaseTransport):
    """Pass every response to a callback."""

    def __init__(
        self, inner: httpx.AsyncBaseTransport, note: Callable[[httpx.Response], None]
    ) -> None:
        self._inner = inner
        self._note = note

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        self._note(response)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    """Return the JSON object in an answer; an empty one if there is none."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _in_one_line(error: Exception) -> str:
    """Return an error's text in one line of at most 200 characters, or its class name."""
    return " ".join(str(error).split())[:200] or type(error).__name__

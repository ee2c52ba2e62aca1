"""The doctor's checks of everything that the bot depends on."""

import platform
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from bot import __version__
from bot.doctor.slack import SlackChecks
from bot.doctor.trouble import UNPROVEN, WARNING, WRONG, TroubleError, in_one_line
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
_CLOCK_TOLERANCE = 60.0  # seconds

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
        self._slack = SlackChecks(settings, http)
        self._reply = httpx.Response(HTTPStatus.NO_CONTENT)  # VideoSDK's last answer
        self._replied_at = 0.0  # seconds since 1970

    def in_order(self) -> dict[str, Check]:
        """Return the checks by name, in order: scopes, clock and others use earlier results."""
        slack = self._slack
        single: dict[str, Check] = {"SLACK_BOT_TOKEN": slack.bot_token, "scopes": slack.scopes}
        many: dict[str, Check] = {"SLACK_CLIENT_ID": slack.client_id, "DATABASE_URL": self.database}
        people: dict[str, Check] = {"SIGN_IN": slack.sign_in} if self._settings.signs_in else {}
        return {
            "versions": self.versions,
            "network": self.network,
            **(many if self._settings.serves_many else single),
            **people,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_APP_TOKEN": slack.app_token,
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

    async def database(self) -> str:
        """Check that the database answers, and its schema's version."""
        from bot.doctor.database import check_database  # imports SQLAlchemy, which is slow

        return await check_database(self._settings)

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
                WARNING,
            )
        if abs(ahead) <= _CLOCK_TOLERANCE:
            return "agrees with VideoSDK's"
        raise TroubleError(
            f"{abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} VideoSDK's",
            "Set this machine's clock (NTP): tokens and signatures expire within minutes.",
            WARNING if abs(ahead) <= MAX_AGE else WRONG,
        )

    async def public_url(self) -> str:
        """Open a link at that address that only a bot with the same key recognises."""
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
            raise TroubleError("cards have no Take notes button", TURN_ON_NOTES, WARNING)
        raise TroubleError(
            "live cards offer them, but only a transcription can prove that VideoSDK's plan has it",
            "Run python -m bot doctor --live, or join a meeting and press Take notes.",
            UNPROVEN,
        )

    def _without_public_url(self) -> str:
        if self._settings.join_url_template:
            return "not set: Join leads to JOIN_URL_TEMPLATE"
        live = self._settings.videosdk_api_version == "v2" and self._settings.live_cards == "on"
        lost = "cards have no Join button" + (" and, even with v2, aren't live" if live else "")
        raise TroubleError(f"not set: {lost}", TURN_ON_JOIN, WARNING)

    def _note(self, reply: httpx.Response) -> None:
        self._reply, self._replied_at = reply, time.time()

    def _accepted(self) -> str:
        """Return a status line; a 404 proves nothing, since any wrong address gives one."""
        endpoint = self._settings.videosdk_api_endpoint
        if endpoint != ENDPOINT and self._reply.status_code == HTTPStatus.NOT_FOUND:
            raise TroubleError(
                f"wasn't rejected, but {endpoint} answers with status 404",
                "If /meet fails too, fix VIDEOSDK_API_ENDPOINT, or remove it.",
                WARNING,
            )
        return "VideoSDK accepts the key and secret"

    def _seconds_ahead(self) -> float | None:
        """Return how far this machine's clock is ahead of VideoSDK's; None if unknown."""
        with suppress(ValueError):
            theirs = parsedate_to_datetime(self._reply.headers.get("date", ""))
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
                f"nothing answers there: {in_one_line(error)}",
                "The bot must be running during this check. If it is, fix PUBLIC_URL.",
            ) from None


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

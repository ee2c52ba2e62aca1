"""Let people add the bot to their workspace, by Slack's OAuth.

https://docs.slack.dev/authentication/installing-with-oauth. Bolt's own flow writes the code that
Slack sends into the log and looks into the environment, so only slack_sdk's stores and client are
used.
"""

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.workspaces import InstallsUnavailableError
from bot.telemetry.logs import reference
from bot.telemetry.metrics import UNCOUNTED, Metrics
from bot.web.browser_cookie import BrowserCookie, new_secret
from bot.web.install import outcomes as words
from bot.web.install.outcomes import Outcome
from bot.web.install.slack_app import SlackApp
from bot.web.pages import Link, install_page, notice_page

LOG = logging.getLogger(__name__)

DEADLINE = 8.0  # seconds for Slack to redeem a code
_LASTS = 600  # seconds that an install may take; the state store forgets its half after as long
_TEAM = re.compile(r"[TE][A-Z0-9]{2,20}")
_CODE = re.compile(r"[\w.-]{1,512}", re.ASCII)
_REASON = re.compile(r"[a-z_]{1,64}")


class InstallPages:
    """The page that an install begins on, and the one that Slack sends people back to.

    A state is good once. A cookie binds it to the browser that began, in any number of tabs: what
    goes through Slack is the state with a seal that only the cookie can make.

    Args:
        app: the Slack app.
        client: a Web API client without a token.
        states: issues states, and consumes each once.
        save: keeps an installation; may raise InstallsUnavailableError, as `states` may.
        metrics: count what was installed.
        deadline: seconds for Slack to redeem a code.
    """

    def __init__(  # noqa: PLR0913 - two of them may be left out
        self,
        app: SlackApp,
        client: AsyncWebClient,
        states: AsyncOAuthStateStore,
        save: Callable[[Installation], Awaitable[None]],
        *,
        metrics: Metrics = UNCOUNTED,
        deadline: float = DEADLINE,
    ) -> None:
        self._app = app
        self._client = client
        self._states = states
        self._save = save
        self._metrics = metrics
        self._deadline = deadline
        self._permissions = words.permissions(app.scopes, app.command)
        links = ((words.SUPPORT, app.support_url), (words.PRIVACY, app.privacy_url))
        self._links = [Link(label, url) for label, url in links if url]
        self._cookie = BrowserCookie(app.cookie_key, app.public_url, _LASTS)

    async def begin(self, request: web.Request) -> web.Response:
        """Answer with what the bot will be able to do, and the way to Slack's own page."""
        if request.method == "HEAD":
            return web.Response()
        reference.set(secrets.token_hex(4))
        try:
            state = await self._states.async_issue()
        except InstallsUnavailableError:
            return self._end(words.NO_DATABASE, "database")
        browser = self._cookie.read(request) or new_secret()
        team_id = request.query.get("team", "")
        page = install_page(
            self._permissions,
            self._app.command,
            self._app.host,
            self._app.authorize_url(
                f"{state}.{_seal(browser, state)}", team_id if _TEAM.fullmatch(team_id) else None
            ),
            self._links,
        )
        self._cookie.set(page, browser)
        return page

    async def lead(self, _: web.Request) -> web.Response:
        """Lead whoever opens the bare address to the install page."""
        raise web.HTTPFound(self._app.install_url)

    async def finish(self, request: web.Request) -> web.Response:
        """Install what Slack agreed to, and say how that went."""
        if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
            return web.Response(status=503)  # the browser retries when the user really navigates
        reference.set(secrets.token_hex(4))
        try:
            installation = await self._install(request)
        except _EndedError as ended:
            return self._end(ended.outcome, ended.reason)
        self._metrics.installed()
        LOG.info(
            "installed",
            extra={
                "team": installation.team_id,
                "enterprise": installation.enterprise_id,
                "scopes": ",".join(installation.bot_scopes or ()),
            },
        )
        return self._welcome(installation)

    async def _install(self, request: web.Request) -> Installation:
        refused = request.query.get("error")
        if refused == "access_denied":
            raise _EndedError(words.CANCELLED, refused)
        if refused is not None:
            raise _EndedError(words.TURNED_DOWN, _readable(refused))
        await self._consume(request)
        installation = await self._redeem(request.query.get("code", ""))
        try:
            await self._save(installation)
        except InstallsUnavailableError:
            raise _EndedError(words.NOT_KEPT, "database") from None
        return installation

    async def _consume(self, request: web.Request) -> None:
        """Use up the state of this browser's install."""
        browser = self._cookie.read(request)
        state, _, seal = request.query.get("state", "").rpartition(".")
        if not browser or not hmac.compare_digest(_bytes(seal), _bytes(_seal(browser, state))):
            raise _EndedError(words.OTHER_BROWSER, "other browser")
        try:
            is_fresh = await self._states.async_consume(state)
        except InstallsUnavailableError:
            raise _EndedError(words.NO_DATABASE, "database") from None
        if not is_fresh:
            raise _EndedError(words.USED, "state used or expired")

    async def _redeem(self, code: str) -> Installation:
        """Let Slack turn its code into the workspace's token."""
        if not _CODE.fullmatch(code):
            raise _EndedError(words.LAPSED, "no code")
        app = self._app
        try:
            async with asyncio.timeout(self._deadline):
                # The client's own method for it sends a header that aiohttp is about to give up.
                answer = await self._client.api_call(
                    "oauth.v2.access",
                    data={
                        "client_id": app.client_id,
                        "client_secret": app.client_secret,
                        "code": code,
                        "redirect_uri": app.redirect_url,
                    },
                )
            return _installation(answer)
        except SlackApiError as error:
            reason = _reason(error)
            raise _EndedError(words.refusal(reason), reason) from None
        except Exception as error:  # noqa: BLE001 - slack_sdk lets through what its transport raises
            raise _EndedError(words.SLACK_AWAY, type(error).__name__) from None

    def _end(self, outcome: Outcome, reason: str) -> web.Response:
        """Say why nothing was installed, here and in the log."""
        is_wrong = outcome is not words.CANCELLED
        LOG.log(
            logging.WARNING if is_wrong else logging.INFO, "not installed", extra={"reason": reason}
        )
        return notice_page(
            outcome.status,
            outcome.title,
            outcome.text.format(reason=reason),
            link=Link(words.START_AGAIN, self._app.install_url),
            small=words.REFERENCE.format(reference.get()) if is_wrong else "",
        )

    def _welcome(self, installation: Installation) -> web.Response:
        """Say that it is done, and what to do with it."""
        command, team_id = self._app.command, installation.team_id
        where = installation.team_name if team_id else installation.enterprise_name
        text = words.INSTALLED_HERE if team_id else words.INSTALLED_FOR_ALL
        return notice_page(
            200,
            words.INSTALLED.format(where),
            text.format(command=command),
            link=Link(words.OPEN_SLACK, self._app.open_url(str(installation.app_id), team_id)),
        )


class _EndedError(Exception):
    """An install came to an end before it was done.

    Args:
        outcome: what the page says.
        reason: for the log, in a word or two without a secret.
    """

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


def _installation(answer: Any) -> Installation:
    """Return what an answer of oauth.v2.access says; anything amiss in it raises."""
    team: Mapping[str, str] = answer["team"] or {}
    enterprise: Mapping[str, str] = answer["enterprise"] or {}
    is_for_all = answer["is_enterprise_install"]
    return Installation(
        app_id=answer["app_id"],
        enterprise_id=enterprise["id"] if is_for_all else enterprise.get("id"),
        enterprise_name=enterprise.get("name"),
        team_id=None if is_for_all else team["id"],
        team_name=team.get("name"),
        bot_token=answer["access_token"],
        bot_user_id=answer["bot_user_id"],
        bot_scopes=answer["scope"],
        bot_refresh_token=answer.get("refresh_token"),
        bot_token_expires_in=answer.get("expires_in"),
        user_id=answer["authed_user"]["id"],
        is_enterprise_install=is_for_all,
    )


def _seal(browser: str, state: str) -> str:
    return hmac.new(_bytes(browser), _bytes(state), hashlib.sha256).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")  # which is how broken percent-encoding arrives


def _reason(error: SlackApiError) -> str:
    data = getattr(error.response, "data", None)
    return _readable(data.get("error") if isinstance(data, dict) else None)


def _readable(reason: object) -> str:
    """Return the reason if it is one of Slack's words: it is shown, and anybody can make one up."""
    return reason if isinstance(reason, str) and _REASON.fullmatch(reason) else words.UNREADABLE

"""Let people install the bot in their workspace, with Slack's OAuth flow.

https://docs.slack.dev/authentication/installing-with-oauth. Bolt's own flow logs the code from
Slack and reads the environment, so this uses only slack_sdk's stores and client.
"""

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.workspaces import InstallsUnavailableError
from bot.telemetry.logs import reference
from bot.telemetry.metrics import NO_METRICS, Metrics
from bot.web.install import outcomes as words
from bot.web.install.slack_app import SlackApp
from bot.web.pages import Link, install_page, notice_page
from bot.web.signed_cookie import SignedCookie
from bot.web.slack_redirect import (
    DEADLINE,
    CodeExchange,
    EndedError,
    failure_page,
    is_prefetch,
)

LOG = logging.getLogger(__name__)

_LIFETIME = 600  # seconds that an install may take; the state store uses the same
_TEAM = re.compile(r"[TE][A-Z0-9]{2,20}")


class InstallPages:
    """Handles the install page, and the redirect from Slack.

    A state works once. A cookie binds it to the browser that started the install, in any number of
    tabs: the state that goes through Slack has an HMAC made with the cookie's secret.

    Args:
        app: the Slack app.
        client: a Web API client without a token.
        states: issues states, and consumes each once; may raise InstallsUnavailableError.
        save: saves an installation; may raise InstallsUnavailableError.
        metrics: counts installs.
        deadline: seconds for Slack to redeem a code.
    """

    def __init__(  # noqa: PLR0913 - two are optional
        self,
        app: SlackApp,
        client: AsyncWebClient,
        states: AsyncOAuthStateStore,
        save: Callable[[Installation], Awaitable[None]],
        *,
        metrics: Metrics = NO_METRICS,
        deadline: float = DEADLINE,
    ) -> None:
        self._app = app
        self._states = states
        self._save = save
        self._metrics = metrics
        self._codes = CodeExchange(
            client,
            "oauth.v2.access",
            app.credentials | {"redirect_uri": app.redirect_url},
            deadline,
            words.FAILURES,
        )
        self._permissions = words.permissions(app.scopes, app.command)
        links = ((words.SUPPORT, app.support_url), (words.PRIVACY, app.privacy_url))
        self._links = [Link(label, url) for label, url in links if url]
        self._cookie = SignedCookie("meet-install", app.cookie_key, app.public_url, _LIFETIME)

    async def begin(self, request: web.Request) -> web.Response:
        """Answer with the install page, which leads to Slack's consent page."""
        if request.method == "HEAD":
            return web.Response()
        reference.set(secrets.token_hex(4))
        try:
            state = await self._states.async_issue()
        except InstallsUnavailableError:
            return self._failure_page(EndedError(words.NO_DATABASE, "database"))
        browser = self._browser(request) or secrets.token_urlsafe(16)
        team_id = request.query.get("team", "")
        page = install_page(
            self._permissions,
            self._app.command,
            self._app.host,
            self._app.authorize_url(
                f"{state}.{_sign(browser, state)}", team_id if _TEAM.fullmatch(team_id) else None
            ),
            self._links,
        )
        self._cookie.set(page, {"browser": browser})
        return page

    async def lead(self, _: web.Request) -> web.Response:
        """Redirect the bare address to the install page."""
        raise web.HTTPFound(self._app.install_url)

    async def finish(self, request: web.Request) -> web.Response:
        """Finish the install, and answer with a page about its outcome."""
        if is_prefetch(request):
            return web.Response(status=503)
        reference.set(secrets.token_hex(4))
        try:
            installation = await self._install(request)
        except EndedError as ended:
            return self._failure_page(ended)
        self._metrics.installed()
        LOG.info(
            "installed",
            extra={
                "team": installation.team_id,
                "enterprise": installation.enterprise_id,
                "scopes": ",".join(installation.bot_scopes or ()),
            },
        )
        return self._success_page(installation)

    async def _install(self, request: web.Request) -> Installation:
        code = self._codes.code_in(request.query)
        await self._consume(request)
        installation = await self._codes.redeem(code, _installation)
        try:
            await self._save(installation)
        except InstallsUnavailableError:
            raise EndedError(words.NOT_SAVED, "database") from None
        return installation

    async def _consume(self, request: web.Request) -> None:
        """Check that the state is this browser's, and consume it."""
        browser = self._browser(request)
        state, _, given = request.query.get("state", "").rpartition(".")
        if not browser or not hmac.compare_digest(_bytes(given), _bytes(_sign(browser, state))):
            raise EndedError(words.OTHER_BROWSER, "other browser")
        try:
            is_fresh = await self._states.async_consume(state)
        except InstallsUnavailableError:
            raise EndedError(words.NO_DATABASE, "database") from None
        if not is_fresh:
            raise EndedError(words.USED, "state used or expired")

    def _browser(self, request: web.Request) -> str:
        """Return the secret that a browser got at the start; "" if it has none from here."""
        return str((self._cookie.read(request) or {}).get("browser", ""))

    def _failure_page(self, ended: EndedError) -> web.Response:
        """Log why nothing was installed, and return the page that says so."""
        return failure_page(
            LOG, "not installed", ended, Link(words.START_AGAIN, self._app.install_url)
        )

    def _success_page(self, installation: Installation) -> web.Response:
        """Return the page after a successful install."""
        command, team_id = self._app.command, installation.team_id
        where = installation.team_name if team_id else installation.enterprise_name
        text = words.INSTALLED_HERE if team_id else words.INSTALLED_FOR_ALL
        return notice_page(
            200,
            words.INSTALLED.format(where),
            text.format(command=command),
            link=Link(words.OPEN_SLACK, self._app.open_url(str(installation.app_id), team_id)),
        )


def _installation(answer: Any) -> Installation:
    """Parse the answer of oauth.v2.access; raises KeyError or others if it is malformed."""
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


def _sign(browser: str, state: str) -> str:
    return hmac.new(_bytes(browser), _bytes(state), hashlib.sha256).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")  # malformed percent-encoding gives surrogates

"""Serve the Slack that a bot sees: the Web API, response_urls, Socket Mode and OAuth."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.slack.calls import SlackCall
from bot.sandbox.slack.delivery import FAILED, Ack, RequestUrl, Retry
from bot.sandbox.slack.installs import AppInstalls
from bot.sandbox.slack.interactions import Interaction
from bot.sandbox.slack.oauth import OAuth
from bot.sandbox.slack.oddities import SlackOddities
from bot.sandbox.slack.openid import OpenID
from bot.sandbox.slack.payloads import Payload
from bot.sandbox.slack.response_urls import IssuedUrls
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.teams import HOME, Team
from bot.sandbox.slack.tenants import Tenant, Tenants
from bot.sandbox.slack.web_api import SCOPES, WebApiMethods
from bot.sandbox.slack.workspace import USERS, ChannelMessage

ACK_SECONDS = 3.0  # https://docs.slack.dev/interactivity/implementing-slash-commands#responding


class SlackServer:
    """Slack as the bot sees it.

    Attributes:
        app: the server's application.
        url: its address, without a slash at the end; set it before the first command.
        workspace: the home workspace.
        views: the modals that are open in the home workspace.
        tenants: all workspaces.
        oddities: behaviours of Slack that the public evidence leaves open.
        installs: the app's installations and tokens.
        oauth: the OAuth flow.
        openid: Sign in with Slack.
        journal: records the requests.
        faults: the faults of the bot's calls to this stand-in.
        sockets: Socket Mode's connections; while there is one, payloads go there.
        ack_seconds: how long the bot may take to acknowledge.
        escaped: the commands with `should_escape: true` in the app's manifest.

    Args:
        signing_secret: the app's signing secret.
        bot_token: the app's bot token in the home workspace; "" if it isn't installed there.
        app_token: the app-level token, for Socket Mode.
        command: the command that starts meetings; the other one adds "-check".
        client_id: the app's client ID, for OAuth.
        client_secret: the app's client secret, for OAuth.
        redirect_urls: the allowed redirect URLs, for OAuth.
        faults: the faults of the bot's calls.
        journal: records the requests.
        clock: returns seconds since 1970.
    """

    def __init__(  # noqa: PLR0913 - an app's secrets, and what the stand-ins share
        self,
        signing_secret: str,
        bot_token: str,
        app_token: str,
        *,
        command: str = "/meet",
        client_id: str = "",
        client_secret: str = "",
        redirect_urls: Iterable[str] = (),
        faults: Faults | None = None,
        journal: Journal | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.url = ""
        self.oddities = SlackOddities()
        self.tenants = Tenants(clock, self.oddities)
        self.workspace, self.views = self.tenants.home.workspace, self.tenants.home.views
        self.installs = AppInstalls(clock)
        self.oauth = OAuth(client_id, client_secret, redirect_urls, self.installs, clock)
        self.openid = OpenID(self.oauth, lambda: self.url, clock)
        self.journal = journal or Journal(clock)
        self.faults = faults or Faults()
        self.sockets = Sockets(self.journal)
        self.ack_seconds = ACK_SECONDS
        self.escaped = {command}
        self._commands = (command, f"{command}-check")
        self._clock = clock
        self._request_url = RequestUrl(signing_secret, journal=self.journal, clock=clock)
        self._web_api = WebApiMethods(
            app_token,
            self.sockets,
            installs=self.installs,
            oauth=self.oauth,
            openid=self.openid,
            tenants=self.tenants,
            clock=clock,
        )
        if bot_token:
            self.installs.add(HOME, USERS[0].id, SCOPES, bot_token)
        self._response_urls = IssuedUrls(clock)
        self.app = self._build()

    @property
    def events_url(self) -> str:
        """The bot's Request URL; "" if it has none."""
        return self._request_url.url

    @events_url.setter
    def events_url(self, url: str) -> None:
        self._request_url.url = url

    @property
    def mode(self) -> str:
        """How payloads reach the bot, in words."""
        return "Socket Mode" if self.sockets.connected or not self.events_url else "HTTP"

    @property
    def scopes(self) -> set[str]:
        """The app's scopes in the home workspace, where it must be installed."""
        return self.installs.by_place[HOME.id].scopes

    @scopes.setter
    def scopes(self, scopes: set[str]) -> None:
        self.installs.by_place[HOME.id].scopes = scopes

    @property
    def api_calls(self) -> list[tuple[str, float]]:
        """The calls of the Web API: method and time, in seconds since 1970."""
        return self._web_api.calls

    async def deliver(self, payload: Payload, retry: Retry | None = None) -> Ack:
        """Send the bot a payload, by Socket Mode or HTTP, and wait for the acknowledgement."""
        if self.sockets.connected:
            return await self.sockets.deliver(payload, self.ack_seconds, retry)
        if self.events_url:
            return await self._request_url.deliver(payload, self.ack_seconds, retry)
        return Ack(None, 0, FAILED)

    async def messages_until(
        self,
        predicate: Callable[[list[ChannelMessage]], bool],
        *,
        seconds: float = 5.0,
        team: Team | str = HOME,
    ) -> list[ChannelMessage]:
        """Wait until the predicate holds for a workspace's messages, and return them.

        Raises:
            TimeoutError: it does not hold within `seconds`.
        """
        workspace = self.tenants.of(team).workspace
        messages = workspace.messages
        changed = asyncio.Event()
        unsubscribe = workspace.subscribe(lambda *_: changed.set())
        await _until(lambda: predicate(list(messages.values())), changed, unsubscribe, seconds)
        return list(messages.values())

    async def calls_until(
        self,
        predicate: Callable[[list[SlackCall]], bool],
        *,
        seconds: float = 5.0,
        team: Team | str = HOME,
    ) -> list[SlackCall]:
        """Wait until the predicate holds for a workspace's calls, and return them.

        Raises:
            TimeoutError: it does not hold within `seconds`.
        """
        calls = self.tenants.of(team).workspace.calls
        changed = asyncio.Event()
        unsubscribe = calls.subscribe(lambda _: changed.set())
        await _until(lambda: predicate(list(calls.by_id.values())), changed, unsubscribe, seconds)
        return list(calls.by_id.values())

    async def _send(self, tenant: Tenant, interaction: Interaction, payload: Payload) -> Ack:
        """Send an interaction's payload, and let the bot open a modal for its user."""
        user, channel = interaction.user, interaction.channel
        tenant.triggers.issue(payload["trigger_id"], user.id, channel.id)
        return await self.deliver(payload)

    def _response_url(self, interaction: Interaction) -> str:
        return f"{self.url}/response/{self._response_urls.issue(interaction)}"

    def _build(self) -> web.Application:
        """Build the application; journal and faults don't apply to the page's own routes."""
        recorded = [self.journal.middleware(source="bot", target="Slack"), self.faults.middleware]
        api = [self._web_api.count, *recorded]
        app = web.Application()
        app.add_subapp("/api", _part(web.route("*", "/{method}", self._web_api.call), api))
        app.add_subapp(
            "/response", _part(web.post("/{secret}", self._response_urls.take), recorded)
        )
        app.add_subapp("/socket", _part(web.get("", self.sockets.serve), [self.faults.middleware]))
        app.add_routes([*self.oauth.routes(), *self.openid.routes()])
        app.on_shutdown.append(self._shut_down)
        return app

    async def _shut_down(self, _: web.Application) -> None:
        await self.sockets.close()


def _part(route: web.RouteDef, layers: list[Middleware]) -> web.Application:
    part = web.Application(middlewares=layers)
    part.add_routes([route])
    return part


async def _until(
    is_so: Callable[[], bool],
    changed: asyncio.Event,
    unsubscribe: Callable[[], Any],
    seconds: float,
) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not is_so():
                changed.clear()
                await changed.wait()
    finally:
        unsubscribe()

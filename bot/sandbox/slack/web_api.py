"""The Web API: check a call's token, scope and rate limit, and run its method.

https://docs.slack.dev/reference/methods/auth.test
https://docs.slack.dev/reference/methods/apps.connections.open
"""

import base64
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.slack.arguments import Answer, Arguments, Method, read_arguments
from bot.sandbox.slack.errors import MethodError, RateLimitedError
from bot.sandbox.slack.installs import AppInstalls, Installation
from bot.sandbox.slack.oauth import OAuth
from bot.sandbox.slack.openid import OpenID
from bot.sandbox.slack.payloads import APP_ID
from bot.sandbox.slack.rate_limits import RateLimits
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.teams import Enterprise, Team
from bot.sandbox.slack.tenants import Tenants

SCOPES = (
    "calls:write",
    "chat:write",
    "chat:write.public",
    "commands",
    "links:read",
    "links:write",
)

_IDENTITY = "auth.test"


class WebApiMethods:
    """The methods by name. Errors have status 200, except the rate limit's 429.

    Args:
        app_token: the app-level token, for apps.connections.open.
        sockets: Socket Mode's connections.
        installs: checks bot tokens, for all other methods.
        oauth: answers oauth.v2.access.
        openid: answers openid.connect.token and openid.connect.userInfo.
        tenants: the workspaces, which have the methods.
        clock: returns seconds since 1970.

    Attributes:
        calls: the calls with their times, including those that a fault answered.
    """

    def __init__(  # noqa: PLR0913 - it brings them all together
        self,
        app_token: str,
        sockets: Sockets,
        *,
        installs: AppInstalls,
        oauth: OAuth,
        openid: OpenID,
        tenants: Tenants,
        clock: Callable[[], float],
    ) -> None:
        self.calls: list[tuple[str, float]] = []
        self._app_token = app_token
        self._sockets = sockets
        self._installs = installs
        self._oauth = oauth
        self._openid = openid
        self._tenants = tenants
        self._clock = clock
        self._rate_limits = RateLimits(clock)

    @web.middleware
    async def count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Record a call, before faults apply."""
        self.calls.append((request.match_info["method"], self._clock()))
        return await handler(request)

    async def call(self, request: web.Request) -> web.Response:
        """Answer a call."""
        headers: dict[str, str] = {}
        try:
            match request.match_info["method"]:
                case "oauth.v2.access":
                    answer = self._oauth.access(await _with_credentials(request))
                case "openid.connect.token":
                    answer = self._openid.token(await _with_credentials(request))
                case "openid.connect.userInfo":
                    answer = self._openid.user_info(await _token(request))
                case "apps.connections.open":
                    answer = self._connect(request, await _token(request))
                case name:
                    installation = self._installation(name, await _token(request))
                    headers["x-oauth-scopes"] = ",".join(sorted(installation.scopes))
                    answer = await self._answer(name, installation, request)
        except RateLimitedError as refusal:
            return _rate_limited(refusal)
        except MethodError as refusal:
            return web.json_response({"ok": False, "error": str(refusal), **refusal.fields})
        return web.json_response({"ok": True, **answer}, headers=headers)

    def _connect(self, request: web.Request, token: str) -> Answer:
        if not token:
            raise MethodError("not_authed")
        if token != self._app_token:
            self._installs.accept(token)
            raise MethodError("not_allowed_token_type")
        ticket = self._sockets.issue_ticket()
        scheme = "wss" if request.secure else "ws"
        return {"url": f"{scheme}://{request.host}/socket?ticket={ticket}&app_id={APP_ID}"}

    def _installation(self, name: str, token: str) -> Installation:
        """Return the installation of a token, or raise MethodError."""
        if name != _IDENTITY and name not in self._tenants.home.methods:
            raise MethodError("unknown_method")
        if not token:
            raise MethodError("not_authed")
        if token == self._app_token:
            raise MethodError("not_allowed_token_type")
        return self._installs.accept(token)

    async def _answer(self, name: str, installation: Installation, request: web.Request) -> Answer:
        if name == _IDENTITY:
            return _identity(installation)
        method = self._tenants.inside(installation.place).methods[name]
        if method.scope and method.scope not in installation.scopes:
            provided = ",".join(sorted(installation.scopes))
            raise MethodError("missing_scope", needed=method.scope, provided=provided)
        self._limit(name, method, installation)
        return method.answer(await read_arguments(request, installation.scopes))

    def _limit(self, name: str, method: Method, installation: Installation) -> None:
        """Count a call against the rate limit of its workspace and method.

        Raises:
            RateLimitedError: there were too many calls in the last minute.
        """
        limit = self._tenants.oddities.tier_3_limit
        if method.tier is None or limit is None:
            return
        if wait := self._rate_limits.take((installation.place.id, name), limit):
            raise RateLimitedError(wait)


def _rate_limited(refusal: RateLimitedError) -> web.Response:
    """Return Slack's answer when the rate limit is exceeded.

    https://docs.slack.dev/apis/web-api/rate-limits#responding-to-rate-limiting-conditions
    """
    return web.json_response(
        {"ok": False, "error": str(refusal)},
        status=HTTPStatus.TOO_MANY_REQUESTS,
        headers={"Retry-After": str(refusal.retry_after)},
    )


async def _token(request: web.Request) -> str:
    """Return the token in the Authorization header, or in a form field."""
    header = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ") or str((await request.post()).get("token", ""))


async def _with_credentials(request: web.Request) -> Arguments:
    """Return the arguments of a call, with the client credentials from its header, if any."""
    arguments = await read_arguments(request)
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Basic":
        return arguments
    try:
        login = base64.b64decode(credentials, validate=True).decode()
    except ValueError:
        raise MethodError("invalid_client_id") from None
    client_id, _, client_secret = login.partition(":")
    return arguments.merge({"client_id": client_id, "client_secret": client_secret})


def _identity(installation: Installation) -> dict[str, Any]:
    place = installation.place
    org_wide = isinstance(place, Enterprise)
    enterprise = place.enterprise if isinstance(place, Team) else place
    return {
        "url": f"https://{place.domain}.{'enterprise.' if org_wide else ''}slack.com/",
        "team": place.name,
        "user": "meet",
        "team_id": place.id,
        "user_id": place.bot_user_id,
        "bot_id": place.bot_id,
        **({"enterprise_id": enterprise.id} if enterprise else {}),
        "is_enterprise_install": org_wide,
    }

"""Answer the Web API: who may call which method, with which token and scope.

https://docs.slack.dev/reference/methods/auth.test
https://docs.slack.dev/reference/methods/apps.connections.open
"""

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.arguments import Answer, Arguments, Method, read_arguments
from bot.sandbox.errors import MethodError
from bot.sandbox.payloads import APP_ID, BOT_ID, BOT_USER_ID
from bot.sandbox.sockets import Sockets
from bot.sandbox.workspace import TEAM_DOMAIN, TEAM_ID, TEAM_NAME

SCOPES = ("calls:write", "commands")

_CONNECT = "apps.connections.open"


class WebApi:
    """The methods by name; a refusal has status 200, as all that Slack decides.

    Args:
        bot_token: for every method but the one below.
        app_token: opens Socket Mode's connections.
        sockets: where those lead.
        methods: beside the two that every app can call.
        clock: seconds since 1970.

    Attributes:
        scopes: that the app has.
        calls: each method that was called, and when, with those that a fault answered.
    """

    def __init__(
        self,
        bot_token: str,
        app_token: str,
        sockets: Sockets,
        methods: Mapping[str, Method],
        clock: Callable[[], float],
    ) -> None:
        self.scopes = set(SCOPES)
        self.calls: list[tuple[str, float]] = []
        self._bot_token = bot_token
        self._app_token = app_token
        self._sockets = sockets
        self._methods = {"auth.test": Method(_identity), **methods}
        self._clock = clock

    @web.middleware
    async def count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Note a call before anything else happens to it."""
        self.calls.append((request.match_info["method"], self._clock()))
        return await handler(request)

    async def call(self, request: web.Request) -> web.Response:
        """Answer a call by its method's name."""
        name = request.match_info["method"]
        try:
            answer = await self._answer(name, request)
        except MethodError as refusal:
            return web.json_response({"ok": False, "error": str(refusal), **refusal.fields})
        scopes = {} if name == _CONNECT else {"x-oauth-scopes": ",".join(sorted(self.scopes))}
        return web.json_response({"ok": True, **answer}, headers=scopes)

    async def _answer(self, name: str, request: web.Request) -> Answer:
        self._check_token(name, await _token(request))
        if name == _CONNECT:
            ticket = self._sockets.issue_ticket()
            return {"url": f"ws://{request.host}/socket?ticket={ticket}&app_id={APP_ID}"}
        method = self._methods[name]
        if method.scope and method.scope not in self.scopes:
            provided = ",".join(sorted(self.scopes))
            raise MethodError("missing_scope", needed=method.scope, provided=provided)
        return method.answer(await read_arguments(request))

    def _check_token(self, name: str, token: str) -> None:
        if name != _CONNECT and name not in self._methods:
            raise MethodError("unknown_method")
        if not token:
            raise MethodError("not_authed")
        if token not in (self._bot_token, self._app_token):
            raise MethodError("invalid_auth")
        if token != (self._app_token if name == _CONNECT else self._bot_token):
            raise MethodError("not_allowed_token_type")


async def _token(request: web.Request) -> str:
    """Return the token from where Slack takes one: the header, or a form's field."""
    header = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ") or str((await request.post()).get("token", ""))


def _identity(_: Arguments) -> dict[str, Any]:
    return {
        "url": f"https://{TEAM_DOMAIN}.slack.com/",
        "team": TEAM_NAME,
        "user": "meet",
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }

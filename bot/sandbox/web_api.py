"""Answer the methods of Slack's Web API that the bot calls.

https://docs.slack.dev/reference/methods/auth.test
https://docs.slack.dev/reference/methods/apps.connections.open
"""

from typing import Any

from aiohttp import web

from bot.sandbox.payloads import APP_ID, BOT_ID, BOT_USER_ID
from bot.sandbox.sockets import Sockets
from bot.sandbox.workspace import TEAM_DOMAIN, TEAM_ID, TEAM_NAME

SCOPES = "commands"


class WebApi:
    """Two methods, each for one token; a refusal has status 200, as all that Slack decides."""

    def __init__(self, bot_token: str, app_token: str, sockets: Sockets) -> None:
        self._tokens = {"auth.test": bot_token, "apps.connections.open": app_token}
        self._sockets = sockets

    async def call(self, request: web.Request) -> web.Response:
        """Answer a call by its method's name."""
        method = request.match_info["method"]
        refusal = self._refusal(method, await _token(request))
        if refusal:
            return web.json_response({"ok": False, "error": refusal})
        if method == "auth.test":
            return web.json_response(_identity(), headers={"x-oauth-scopes": SCOPES})
        ticket = self._sockets.issue_ticket()
        url = f"ws://{request.host}/socket?ticket={ticket}&app_id={APP_ID}"
        return web.json_response({"ok": True, "url": url})

    def _refusal(self, method: str, token: str) -> str:
        if method not in self._tokens:
            return "unknown_method"
        if not token:
            return "not_authed"
        if token == self._tokens[method]:
            return ""
        return "not_allowed_token_type" if token in self._tokens.values() else "invalid_auth"


async def _token(request: web.Request) -> str:
    """Return the token from where Slack takes one: the header, or a form's field."""
    header = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ") or str((await request.post()).get("token", ""))


def _identity() -> dict[str, Any]:
    return {
        "ok": True,
        "url": f"https://{TEAM_DOMAIN}.slack.com/",
        "team": TEAM_NAME,
        "user": "meet",
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }

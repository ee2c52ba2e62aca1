"""Sign in with Slack: the page where people choose who they are, and the app's ID token.

https://docs.slack.dev/authentication/sign-in-with-slack
https://docs.slack.dev/reference/methods/openid.connect.token
https://docs.slack.dev/reference/methods/openid.connect.userInfo
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import jwt
from aiohttp import web

from bot.sandbox.slack.arguments import Answer, Arguments
from bot.sandbox.slack.errors import MethodError
from bot.sandbox.slack.oauth import CODE_SECONDS, OAuth
from bot.sandbox.slack.openid_page import ask_who, picture, refuse_sign_in
from bot.sandbox.slack.teams import HOME, TEAMS, Team
from bot.sandbox.slack.workspace import USERS, User

PATH = "/openid/connect/authorize"
ID_TOKEN_SECONDS = 300

_ISSUER = "https://slack.com"
_SCOPES = {"openid", "profile", "email"}
_CLAIM = "https://slack.com/{}"
_TEAMS = {team.id: team for team in TEAMS}
_USERS = {user.id: user for user in USERS}


@dataclass
class _SignInCode:
    user: User
    team: Team
    scopes: frozenset[str]
    redirect_uri: str
    nonce: str
    issued_at: float
    used: bool = False


class OpenID:
    """The sign-in page, and the methods that tell the app who signed in.

    Args:
        oauth: checks the app's credentials and redirect URLs.
        url: returns the stand-in's address, for people's pictures.
        clock: returns seconds since 1970.

    Attributes:
        changes: replaces claims in the next ID tokens; None removes a claim.
    """

    def __init__(self, oauth: OAuth, url: Callable[[], str], clock: Callable[[], float]) -> None:
        self.changes: dict[str, Any] = {}
        self._oauth = oauth
        self._url = url
        self._clock = clock
        self._codes: dict[str, _SignInCode] = {}
        self._access: dict[str, _SignInCode] = {}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes: the page, its buttons, and people's pictures."""
        return [
            web.get(PATH, self._ask),
            web.post(PATH, self._decide),
            web.get("/avatar/{user}.svg", self._picture),
        ]

    def token(self, arguments: Arguments) -> Answer:
        """Exchange a code, which works once, for an ID token.

        Raises:
            MethodError: the credentials or the code are invalid.
        """
        self._oauth.check_client(arguments)
        if arguments.text("grant_type") not in ("", "authorization_code"):
            raise MethodError("invalid_grant_type")
        code = self._take(arguments.text("code"), arguments.text("redirect_uri"))
        access = f"xoxp-{secrets.randbelow(10**12):012}-{secrets.token_hex(16)}"
        self._access[access] = code
        return {"access_token": access, "token_type": "Bearer", "id_token": self._id_token(code)}

    def user_info(self, token: str) -> Answer:
        """Return the profile that belongs to an access token.

        Raises:
            MethodError: the token is unknown.
        """
        code = self._access.get(token)
        if code is None:
            raise MethodError("invalid_auth")
        return {"sub": code.user.id, **self._profile(code)}

    async def _ask(self, request: web.Request) -> web.Response:
        try:
            self._read(request.query)
        except MethodError as error:
            return refuse_sign_in(str(error))
        return ask_who(request.query_string, _TEAMS.get(request.query.get("team", ""), HOME))

    async def _decide(self, request: web.Request) -> web.Response:
        """Redirect to the app, with a code or an error."""
        form = await request.post()
        user, team = _USERS.get(str(form.get("user"))), _TEAMS.get(str(form.get("team")))
        try:
            scopes = self._read(request.query)
        except MethodError as error:
            return refuse_sign_in(str(error))
        if user is None or team is None:
            return refuse_sign_in("invalid_team")
        if form.get("answer") != "allow":
            raise _back(request.query, error="access_denied")
        code = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(32)}"
        self._codes[code] = _SignInCode(
            user,
            team,
            scopes,
            request.query["redirect_uri"],
            request.query.get("nonce", ""),
            self._clock(),
        )
        raise _back(request.query, code=code)

    async def _picture(self, request: web.Request) -> web.Response:
        user = _USERS.get(request.match_info["user"])
        if user is None:
            raise web.HTTPNotFound
        return picture(user)

    def _read(self, query: Mapping[str, str]) -> frozenset[str]:
        """Return the scopes in an authorization request.

        Raises:
            MethodError: the request is invalid.
        """
        self._oauth.check_id(query.get("client_id", ""))
        if query.get("redirect_uri") not in self._oauth.redirect_urls:
            raise MethodError("bad_redirect_uri")
        if query.get("response_type") != "code":
            raise MethodError("unsupported_response_type")
        scopes = frozenset(re.findall(r"[^ ,]+", query.get("scope", "")))
        if "openid" not in scopes or not scopes <= _SCOPES:
            raise MethodError("invalid_scope")
        return scopes

    def _take(self, text: str, redirect_uri: str) -> _SignInCode:
        code = self._codes.get(text)
        if code is None or self._clock() - code.issued_at > CODE_SECONDS:
            raise MethodError("invalid_code")
        if code.used:
            raise MethodError("code_already_used")
        if redirect_uri != code.redirect_uri:
            raise MethodError("bad_redirect_uri")
        code.used = True
        return code

    def _id_token(self, code: _SignInCode) -> str:
        """Return an ID token with a made-up key: the app needn't check the signature."""
        now = int(self._clock())
        claims = {
            "iss": _ISSUER,
            "sub": code.user.id,
            "aud": self._oauth.client_id,
            "exp": now + ID_TOKEN_SECONDS,
            "iat": now,
            "auth_time": now,
            "nonce": code.nonce,
            **self._profile(code),
        }
        changed = {**claims, **self.changes}
        given = {name: claim for name, claim in changed.items() if claim is not None}
        return jwt.encode(given, secrets.token_bytes(32), algorithm="HS256")

    def _profile(self, code: _SignInCode) -> Answer:
        enterprise = code.team.enterprise
        claims: Answer = {
            _CLAIM.format("user_id"): code.user.id,
            _CLAIM.format("team_id"): code.team.id,
        }
        if enterprise:
            claims[_CLAIM.format("enterprise_id")] = enterprise.id
        if "profile" in code.scopes:
            address = f"{self._url()}/avatar/{code.user.id}.svg"
            claims |= {"name": code.user.name, "picture": address}
            claims |= {_CLAIM.format("user_image_72"): address}
        return claims


def _back(query: Mapping[str, str], **answer: str) -> web.HTTPFound:
    sent = urlencode({**answer, "state": query.get("state", "")})
    return web.HTTPFound(f"{query['redirect_uri']}?{sent}")

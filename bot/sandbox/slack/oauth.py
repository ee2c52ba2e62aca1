"""Slack's OAuth flow: people allow the app on a page, and the app fetches its token.

https://docs.slack.dev/authentication/installing-with-oauth
https://docs.slack.dev/reference/methods/oauth.v2.access
"""

import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from bot.sandbox.slack.arguments import Answer, Arguments
from bot.sandbox.slack.errors import MethodError
from bot.sandbox.slack.installs import AppInstalls, BotTokens, Installation
from bot.sandbox.slack.oauth_page import SCOPES, AuthorizationRequest, ask, refuse
from bot.sandbox.slack.payloads import APP_ID
from bot.sandbox.slack.teams import HOME, PLACES, Enterprise, Place, Team
from bot.sandbox.slack.workspace import USERS

PATH = "/oauth/v2/authorize"
CODE_SECONDS = 10 * 60
TOKEN_SECONDS = 12 * 60 * 60


@dataclass
class _Code:
    place: Place
    request: AuthorizationRequest
    issued_at: float
    used: bool = False


class OAuth:
    """The consent page, and the method oauth.v2.access.

    Args:
        client_id: the app's client ID; "" if it can't be installed with OAuth.
        client_secret: the app's client secret.
        redirect_urls: the allowed redirect URLs.
        installs: stores installations and tokens.
        clock: returns seconds since 1970.

    Attributes:
        client_id: the app's client ID.
        redirect_urls: the allowed redirect URLs; may be changed at any time.
        token_rotation: whether tokens expire and come with a refresh token.
        token_lifetime: seconds, with rotation.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        redirect_urls: Iterable[str],
        installs: AppInstalls,
        clock: Callable[[], float],
    ) -> None:
        self.redirect_urls = list(redirect_urls)
        self.token_rotation = False
        self.token_lifetime = TOKEN_SECONDS
        self.client_id = client_id
        self._client_secret = client_secret
        self._installs = installs
        self._clock = clock
        self._codes: dict[str, _Code] = {}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the consent page and its form."""
        return [web.get(PATH, self._ask), web.post(PATH, self._decide)]

    def access(self, arguments: Arguments) -> Answer:
        """Answer oauth.v2.access: issue tokens for a code or a refresh token.

        Raises:
            MethodError: the credentials, the code or the refresh token are invalid.
        """
        self.check_client(arguments)
        match arguments.text("grant_type"):
            case "" | "authorization_code":
                code = self._consume_code(arguments.text("code"), arguments.text("redirect_uri"))
                user = USERS[0].id
                installation = self._installs.add(code.place, user, code.request.scopes)
                lifetime = self.token_lifetime if self.token_rotation else None
                tokens = self._installs.issue(installation, lifetime)
                return {**_token_answer(installation, tokens), "authed_user": {"id": user}}
            case "refresh_token":
                installation = self._installs.redeem(arguments.text("refresh_token"))
                tokens = self._installs.issue(installation, self.token_lifetime)
                return _token_answer(installation, tokens)
        raise MethodError("invalid_grant_type")

    async def _ask(self, request: web.Request) -> web.Response:
        try:
            asked = self._read(request)
        except MethodError as error:
            return refuse(str(error))
        return ask(asked, PLACES.get(request.query.get("team", ""), HOME))

    async def _decide(self, request: web.Request) -> web.Response:
        """Redirect to the app, with a code if people allowed it."""
        form = await request.post()
        place = PLACES.get(str(form.get("place")))
        try:
            asked = self._read(request)
        except MethodError as error:
            return refuse(str(error))
        if place is None:
            return refuse("invalid_team")
        if form.get("answer") != "allow":
            raise _redirect(asked, error="access_denied")
        code = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(32)}"
        self._codes[code] = _Code(place, asked, self._clock())
        raise _redirect(asked, code=code)

    def _read(self, request: web.Request) -> AuthorizationRequest:
        """Parse the app's request.

        Raises:
            MethodError: the request is invalid, so Slack shows no consent page.
        """
        query = request.query
        self.check_id(query.get("client_id", ""))
        sent = query.get("redirect_uri", "")
        if not self.redirect_urls or (sent and sent not in self.redirect_urls):
            raise MethodError("bad_redirect_uri")
        scopes = tuple(scope for scope in query.get("scope", "").split(",") if scope)
        # The stand-in has no user tokens, so it rejects user_scope.
        if not scopes or not set(scopes) <= SCOPES.keys() or query.get("user_scope"):
            raise MethodError("invalid_scope")
        return AuthorizationRequest(
            query=request.query_string,
            scopes=scopes,
            redirect_uri=sent or self.redirect_urls[0],
            named_redirect_uri=sent,
            state=query.get("state", ""),
        )

    def check_id(self, client_id: str) -> None:
        """Check a client ID.

        Raises:
            MethodError: it isn't the app's.
        """
        if not self.client_id or client_id != self.client_id:
            raise MethodError("invalid_client_id")

    def check_client(self, arguments: Arguments) -> None:
        """Check the client credentials of a call.

        Raises:
            MethodError: they aren't the app's.
        """
        self.check_id(arguments.text("client_id"))
        sent = arguments.text("client_secret").encode()
        if not hmac.compare_digest(sent, self._client_secret.encode()):
            raise MethodError("bad_client_secret")

    def _consume_code(self, text: str, redirect_uri: str) -> _Code:
        code = self._codes.get(text)
        if code is None or self._clock() - code.issued_at > CODE_SECONDS:
            raise MethodError("invalid_code")
        if code.used:
            raise MethodError("code_already_used")
        if redirect_uri != code.request.named_redirect_uri:
            raise MethodError("bad_redirect_uri")
        code.used = True
        return code


def _redirect(asked: AuthorizationRequest, **answer: str) -> web.HTTPFound:
    query = urlencode({**answer, "state": asked.state})
    separator = "&" if "?" in asked.redirect_uri else "?"
    return web.HTTPFound(f"{asked.redirect_uri}{separator}{query}")


def _token_answer(installation: Installation, tokens: BotTokens) -> Answer:
    place = installation.place
    enterprise = place.enterprise if isinstance(place, Team) else place
    rotation = {"refresh_token": tokens.refresh, "expires_in": tokens.expires_in}
    return {
        "access_token": tokens.access,
        "token_type": "bot",
        "scope": ",".join(sorted(installation.scopes)),
        "bot_user_id": place.bot_user_id,
        "app_id": APP_ID,
        "team": {"id": place.id, "name": place.name} if isinstance(place, Team) else None,
        "enterprise": {"id": enterprise.id, "name": enterprise.name} if enterprise else None,
        "is_enterprise_install": isinstance(place, Enterprise),
        **(rotation if tokens.refresh else {}),
    }

"""Sign in with Slack, by OpenID Connect.

https://docs.slack.dev/authentication/sign-in-with-slack
"""

import hmac
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.caching.recent import Recent
from bot.links import JoinLink, LinkError, SignedLinks
from bot.telemetry.logs import reference
from bot.transport.requester import JOIN_PAGE, Requester, requester
from bot.web.install.slack_app import SlackApp
from bot.web.join.previews import is_preview
from bot.web.pages import Link
from bot.web.sign_in import outcomes as words
from bot.web.sign_in.member import BadIDTokenError, Member, read_member
from bot.web.signed_cookie import SignedCookie
from bot.web.slack_redirect import (
    DEADLINE,
    CodeExchange,
    EndedError,
    failure_page,
    is_prefetch,
)

LOG = logging.getLogger(__name__)

SIGN_IN_LASTS = 30 * 24 * 3600  # seconds that people stay signed in
FLOW_LASTS = 600  # seconds that signing in may take
_SAFE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class SignIn:
    """Takes people from a join page to Slack's page and back, and remembers them in a cookie.

    Slack is given a random state and a nonce. A cookie holds both with the join link, so only the
    browser that started can finish, and it returns only to that link. The cookie is deleted after
    use, and this process accepts its state once. Slack's tokens aren't kept.

    Args:
        app: the Slack app.
        client: a Web API client without a token.
        links: reads join links.
        member_key: signs the cookie that identifies a member.
        flow_key: signs the cookie of a sign-in in progress.
        deadline: seconds for Slack to redeem a code.
        clock: returns seconds since 1970.
    """

    def __init__(  # noqa: PLR0913 - two of them may be left out
        self,
        app: SlackApp,
        client: AsyncWebClient,
        links: SignedLinks,
        member_key: bytes,
        flow_key: bytes,
        *,
        deadline: float = DEADLINE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app = app
        self._links = links
        self._clock = clock
        self._used: Recent[str, None] = Recent()
        form = {"redirect_uri": app.sign_in_redirect_url, "grant_type": "authorization_code"}
        self._codes = CodeExchange(
            client,
            "openid.connect.token",
            app.credentials | form,
            deadline,
            words.FAILURES,
        )
        url = app.public_url
        self._flow = SignedCookie("meet-sign-in", flow_key, url, FLOW_LASTS, clock)
        self._member = SignedCookie("meet-member", member_key, url, SIGN_IN_LASTS, clock)

    def member(self, request: web.Request) -> Member | None:
        """Return the member that a request's cookie identifies, or None."""
        claims = self._member.read(request)
        if claims is None:
            return None
        names = ("team_id", "enterprise_id", "user_id", "name", "picture")
        return Member(**{name: claims[name] for name in names})

    async def begin(self, request: web.Request) -> web.Response:
        """Redirect from a join page to Slack.

        Raises:
            HTTPFound: to Slack's page; back to the join page for an invalid link or a preview.
        """
        token = request.match_info["token"]
        link = self._read(token)
        if link is None or is_preview(request):
            raise web.HTTPFound(self._join_url(token), headers=_SAFE)
        state, nonce = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        owner = link.owner
        team_id = owner.id if owner else None
        redirect = web.HTTPFound(self._app.sign_in_url(state, nonce, team_id), headers=_SAFE)
        self._flow.set(redirect, {"state": state, "nonce": nonce, "link": token})
        raise redirect

    async def finish(self, request: web.Request) -> web.Response:
        """Handle the redirect from Slack; respond with a page if signing in failed.

        Raises:
            HTTPFound: to the join page, signed in.
        """
        if is_prefetch(request):
            return web.Response(status=503)
        reference.set(secrets.token_hex(4))
        requester.set(Requester(JOIN_PAGE))
        flow = self._flow.read(request) or {}
        state = str(flow.get("state", ""))
        if not state or not _same(request.query.get("state", ""), state) or state in self._used:
            return self._end(EndedError(words.OTHER_BROWSER, "other browser"), None)
        self._used[state] = None
        try:
            member = await self._read_answer(request.query, flow["nonce"])
        except EndedError as ended:
            return self._end(ended, flow["link"])
        LOG.info("signed in", extra={"team": member.team_id})
        back = web.HTTPFound(self._join_url(flow["link"]), headers=_SAFE)
        self._flow.delete(back)
        self._member.set(back, member.claims())
        raise back

    async def sign_out(self, request: web.Request) -> web.Response:
        """Sign out, if the request comes from our own page.

        Raises:
            HTTPFound: to the join page.
        """
        back = web.HTTPFound(self._join_url(request.match_info["token"]), headers=_SAFE)
        if request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin":
            self._member.delete(back)
        raise back

    def _read(self, token: str) -> JoinLink | None:
        try:
            return self._links.read(token)
        except LinkError:
            return None

    def _join_url(self, token: str) -> str:
        return f"{self._app.public_url}/join/{quote(token, safe='')}"

    async def _read_answer(self, query: Mapping[str, str], nonce: str) -> Member:
        """Return the member who signed in, from the query of Slack's redirect.

        Raises:
            EndedError: nobody did.
        """
        code = self._codes.code_in(query)
        # The access token in the same answer is discarded.
        id_token: object = await self._codes.redeem(code, lambda answer: answer["id_token"])
        try:
            return read_member(
                id_token, client_id=self._app.client_id, nonce=nonce, now=self._clock()
            )
        except BadIDTokenError as wrong:
            raise EndedError(words.FAILURES.unavailable, f"ID token: {wrong}") from None

    def _end(self, ended: EndedError, token: str | None) -> web.Response:
        """Return the page for a failed sign-in, and log the reason."""
        back = Link(words.BACK, self._join_url(token)) if token else None
        page = failure_page(LOG, "not signed in", ended, back)
        if token:  # otherwise the request may be another site's, which mustn't end this sign-in
            self._flow.delete(page)
        return page


def _same(one: str, other: str) -> bool:
    # Broken percent-encoding arrives as surrogates.
    return hmac.compare_digest(one.encode(errors="surrogatepass"), other.encode())

"""Sign in with Slack, by OpenID Connect.

https://docs.slack.dev/authentication/sign-in-with-slack
"""

import asyncio
import hmac
import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.caching.recent import Recent
from bot.links import JoinLink, LinkError, SignedLinks
from bot.telemetry.logs import reference
from bot.transport.requester import JOIN_PAGE, Requester, requester
from bot.web.install.slack_app import SlackApp
from bot.web.join.previews import is_preview
from bot.web.pages import Link, notice_page
from bot.web.sign_in import outcomes as words
from bot.web.sign_in.cookies import SignedCookie
from bot.web.sign_in.member import BadIDTokenError, Member, read_member
from bot.web.sign_in.outcomes import SignInOutcome

LOG = logging.getLogger(__name__)

DEADLINE = 8.0  # seconds for Slack to redeem a code
SIGN_IN_LASTS = 30 * 24 * 3600  # seconds that people stay signed in
FLOW_LASTS = 600  # seconds that signing in may take
_CODE = re.compile(r"[\w.-]{1,512}", re.ASCII)
_REASON = re.compile(r"[a-z_]{1,64}")
_SAFE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class SignIn:
    """Takes people from a join page to Slack's page and back, and remembers them by a cookie.

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
        self._client = client
        self._links = links
        self._deadline = deadline
        self._clock = clock
        self._used: Recent[str, None] = Recent()
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
        team_id = owner.team_id or owner.enterprise_id if owner else None
        redirect = web.HTTPFound(self._app.sign_in_url(state, nonce, team_id), headers=_SAFE)
        self._flow.set(redirect, {"state": state, "nonce": nonce, "link": token})
        raise redirect

    async def finish(self, request: web.Request) -> web.Response:
        """Handle the redirect from Slack; respond with a page if signing in failed.

        Raises:
            HTTPFound: to the join page, signed in.
        """
        if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
            return web.Response(status=503)  # the browser retries when the user really navigates
        reference.set(secrets.token_hex(4))
        requester.set(Requester(JOIN_PAGE))
        flow = self._flow.read(request) or {}
        state = str(flow.get("state", ""))
        if not state or not _same(request.query.get("state", ""), state) or state in self._used:
            return self._end(words.OTHER_BROWSER, "other browser", None)
        self._used[state] = None
        try:
            member = await self._read_answer(request.query, flow["nonce"])
        except _SignInFailedError as failed:
            return self._end(failed.outcome, failed.reason, flow["link"])
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
            _SignInFailedError: nobody did.
        """
        refused = query.get("error")
        if refused == "access_denied":
            raise _SignInFailedError(words.CANCELLED, refused)
        if refused is not None:
            reason = _error_code(refused)
            raise _SignInFailedError(words.refusal(reason), reason)
        id_token = await self._redeem(query.get("code", ""))
        try:
            return read_member(
                id_token, client_id=self._app.client_id, nonce=nonce, now=self._clock()
            )
        except BadIDTokenError as wrong:
            raise _SignInFailedError(words.SLACK_AWAY, f"ID token: {wrong}") from None

    async def _redeem(self, code: str) -> object:
        """Exchange Slack's code for an ID token, and discard the access token.

        Raises:
            _SignInFailedError: Slack rejected the code, or failed.
        """
        if not _CODE.fullmatch(code):
            raise _SignInFailedError(words.LAPSED, "no code")
        app = self._app
        try:
            async with asyncio.timeout(self._deadline):
                # slack_sdk's own method for it sends a header that aiohttp deprecates.
                answer: Any = await self._client.api_call(
                    "openid.connect.token",
                    data={
                        "client_id": app.client_id,
                        "client_secret": app.client_secret,
                        "code": code,
                        "redirect_uri": app.sign_in_redirect_url,
                        "grant_type": "authorization_code",
                    },
                )
            return answer["id_token"]
        except SlackApiError as error:
            data = getattr(error.response, "data", None)
            reason = _error_code(data.get("error") if isinstance(data, dict) else None)
            raise _SignInFailedError(words.refusal(reason), reason) from None
        except Exception as error:  # noqa: BLE001 - slack_sdk lets through what its transport raises
            raise _SignInFailedError(words.SLACK_AWAY, type(error).__name__) from None

    def _end(self, outcome: SignInOutcome, reason: str, token: str | None) -> web.Response:
        """Return the page for a failed sign-in, and log the reason."""
        is_wrong = outcome is not words.CANCELLED
        level = logging.WARNING if is_wrong else logging.INFO
        LOG.log(level, "not signed in", extra={"reason": reason})
        page = notice_page(
            outcome.status,
            outcome.title,
            outcome.text.format(reason=reason),
            link=Link(words.BACK, self._join_url(token)) if token else None,
            small=words.REFERENCE.format(reference.get()) if is_wrong else "",
        )
        if token:  # otherwise the request may be another site's, which mustn't end this sign-in
            self._flow.delete(page)
        return page


class _SignInFailedError(Exception):
    """Signing in failed.

    Attributes:
        outcome: what the page says.
        reason: a word or two for the log, without secrets.
    """

    def __init__(self, outcome: SignInOutcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


def _same(one: str, other: str) -> bool:
    # Broken percent-encoding arrives as surrogates.
    return hmac.compare_digest(one.encode(errors="surrogatepass"), other.encode())


def _error_code(reason: object) -> str:
    """Return a reason if it looks like Slack's error code: it is shown, and anyone can send one."""
    return reason if isinstance(reason, str) and _REASON.fullmatch(reason) else words.UNREADABLE

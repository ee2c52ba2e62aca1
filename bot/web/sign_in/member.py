"""A member of a workspace, from Slack's ID token.

https://docs.slack.dev/reference/methods/openid.connect.token
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import jwt

from bot.grammar.commands import MAX_NAME
from bot.grammar.text import clean
from bot.links import JoinLink

NAMELESS = "Slack member"

# Slack's and GovSlack's, from their /.well-known/openid-configuration. The token itself comes from
# the host of SLACK_API_URL.
_ISSUERS = ("https://slack.com", "https://slack-gov.com")
_TEAM = re.compile(r"T[A-Z0-9]{2,20}")
_ENTERPRISE = re.compile(r"E[A-Z0-9]{2,20}")
_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
# Its origin goes into the page's Content-Security-Policy, and all of it into a cookie. Plain http
# is for the sandbox.
_PICTURE = re.compile(r"(https://[\w.-]+|http://127\.0\.0\.1:\d+)/[!-~]{1,400}", re.ASCII)
_CLAIM = "https://slack.com/{}"


class BadIDTokenError(Exception):
    """An ID token isn't valid for this sign-in; the message says what's wrong."""


@dataclass(frozen=True)
class Member:
    """A member of a workspace who has signed in.

    Attributes:
        team_id: the workspace's ID.
        enterprise_id: the organisation's ID, if the workspace belongs to one.
        user_id: their user ID.
        name: their name in Slack.
        picture: their picture's URL; "" if there is none.
    """

    team_id: str
    enterprise_id: str | None
    user_id: str
    name: str
    picture: str = ""

    def belongs_to(self, link: JoinLink) -> bool:
        """Return whether they belong to a join link's workspace or organisation."""
        owner = link.owner
        if owner is None:
            return False
        if owner.team_id:
            return owner.team_id == self.team_id
        return owner.enterprise_id == self.enterprise_id

    def moderates(self, link: JoinLink) -> bool:
        """Return whether they started a join link's meeting, in their own workspace."""
        return link.is_starters and link.starter == self.user_id and self.belongs_to(link)

    def claims(self) -> dict[str, Any]:
        """Return the claims for their cookie."""
        return asdict(self)


def read_member(id_token: object, *, client_id: str, nonce: str, now: float) -> Member:
    """Return the member that an ID token identifies.

    The token comes directly from Slack's token endpoint, over TLS, so its signature needn't be
    checked: OpenID Connect Core 1.0, section 3.1.3.7, number 6.

    Args:
        id_token: the token.
        client_id: the Slack app's, which has to be the audience.
        nonce: this sign-in's.
        now: seconds since 1970.

    Raises:
        BadIDTokenError: it isn't for this app and this sign-in, or has expired.
    """
    try:
        claims = jwt.decode(str(id_token), options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise BadIDTokenError("unreadable") from None
    _check(claims, client_id, nonce, now)
    team, user = claims.get(_CLAIM.format("team_id")), claims.get(_CLAIM.format("user_id"))
    if not (_matches(_TEAM, team) and _matches(_USER, user)):
        raise BadIDTokenError("no member")
    enterprise = claims.get(_CLAIM.format("enterprise_id"))
    name = clean(str(claims.get("name") or ""))[:MAX_NAME].strip()
    return Member(
        str(team),
        str(enterprise) if _matches(_ENTERPRISE, enterprise) else None,
        str(user),
        name or NAMELESS,
        _picture(claims),
    )


def _check(claims: Mapping[str, Any], client_id: str, nonce: str, now: float) -> None:
    expires, audience = claims.get("exp"), claims.get("aud")
    if claims.get("iss") not in _ISSUERS:
        raise BadIDTokenError("issuer")
    if audience not in (client_id, [client_id]):
        raise BadIDTokenError("audience")
    if not isinstance(expires, int | float) or expires <= now:
        raise BadIDTokenError("expired")
    if not hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode()):
        raise BadIDTokenError("nonce")


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _picture(claims: Mapping[str, Any]) -> str:
    """Return the URL of a small picture, which the page shows at 32 pixels."""
    address = claims.get(_CLAIM.format("user_image_72")) or claims.get("picture")
    return str(address) if _matches(_PICTURE, address) else ""

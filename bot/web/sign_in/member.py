"""A member of a workspace, as Slack's ID token describes them.

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

# Slack's, and GovSlack's: /.well-known/openid-configuration. Both come from SLACK_API_URL's host.
_ISSUERS = ("https://slack.com", "https://slack-gov.com")
_TEAM = re.compile(r"T[A-Z0-9]{2,20}")
_ENTERPRISE = re.compile(r"E[A-Z0-9]{2,20}")
_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
# Its origin goes into the page's policy, and all of it into a cookie. Plain http is a sandbox's.
_PICTURE = re.compile(r"(https://[\w.-]+|http://127\.0\.0\.1:\d+)/[!-~]{1,400}", re.ASCII)
_CLAIM = "https://slack.com/{}"


class NotSlacksError(Exception):
    """An ID token that is not Slack's answer to this sign-in; the message is what's wrong."""


@dataclass(frozen=True)
class Member:
    """Somebody who has signed in.

    Attributes:
        team_id: the workspace's id.
        enterprise_id: the organisation's, if the workspace belongs to one.
        user_id: their own.
        name: as Slack shows it.
        picture: the address of their picture, "" if there is none.
    """

    team_id: str
    enterprise_id: str | None
    user_id: str
    name: str
    picture: str = ""

    def belongs_to(self, link: JoinLink) -> bool:
        """Return whether they are a member of the workspace or organisation of a join link."""
        owner = link.owner
        if owner is None:
            return False
        if owner.team_id:
            return owner.team_id == self.team_id
        return owner.enterprise_id == self.enterprise_id

    def moderates(self, link: JoinLink) -> bool:
        """Return whether they started the meeting that a link of their workspace opens."""
        return link.is_starters and link.starter == self.user_id and self.belongs_to(link)

    def claims(self) -> dict[str, Any]:
        """Return what their cookie holds."""
        return asdict(self)


def read_member(id_token: object, *, client_id: str, nonce: str, now: float) -> Member:
    """Return whom an ID token is about.

    It comes straight from Slack's token endpoint, over TLS. So its claims are checked, and not its
    signature: OpenID Connect Core 1.0, section 3.1.3.7, number 6.

    Raises:
        NotSlacksError: it is not for this app, this sign-in or this time.
    """
    try:
        claims = jwt.decode(str(id_token), options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise NotSlacksError("unreadable") from None
    _check(claims, client_id, nonce, now)
    team, user = claims.get(_CLAIM.format("team_id")), claims.get(_CLAIM.format("user_id"))
    if not (_is(_TEAM, team) and _is(_USER, user)):
        raise NotSlacksError("no member")
    enterprise = claims.get(_CLAIM.format("enterprise_id"))
    name = clean(str(claims.get("name") or ""))[:MAX_NAME].strip()
    return Member(
        str(team),
        str(enterprise) if _is(_ENTERPRISE, enterprise) else None,
        str(user),
        name or NAMELESS,
        _picture(claims),
    )


def _check(claims: Mapping[str, Any], client_id: str, nonce: str, now: float) -> None:
    expires, audience = claims.get("exp"), claims.get("aud")
    if claims.get("iss") not in _ISSUERS:
        raise NotSlacksError("issuer")
    if audience not in (client_id, [client_id]):
        raise NotSlacksError("audience")
    if not isinstance(expires, int | float) or expires <= now:
        raise NotSlacksError("expired")
    if not hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode()):
        raise NotSlacksError("nonce")


def _is(form: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None


def _picture(claims: Mapping[str, Any]) -> str:
    """Return the address of a small picture; the page shows it at 32 pixels."""
    address = claims.get(_CLAIM.format("user_image_72")) or claims.get("picture")
    return str(address) if _is(_PICTURE, address) else ""

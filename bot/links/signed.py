"""Create and read signed links, which carry what a later request needs.

They are JSON Web Tokens signed with the deployment's key. Each kind has its own audience, so one
can't be used as the other.
"""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Protocol
from urllib.parse import quote

import jwt
from jwt.types import Options

from bot.grammar.scanned_links import decodings
from bot.links.contents import Conversation, JoinLink, NotesLink
from bot.participant_ids import CallRef
from bot.workspace import UNKNOWN, Workspace

JOIN_LIFETIME = 30 * 24 * 3600  # seconds

_ALGORITHM = "HS256"
_JOIN, _HOOK, _NOTES = "join", "webhook", "notes"  # audiences
# Link scanners may append something, but an HS256 signature has 43 characters.
_JOIN_PATH = re.compile(r"/join/([\w-]+\.[\w-]+\.[\w-]{43})", re.ASCII | re.IGNORECASE)


class LinkError(Exception):
    """The bot didn't create this link, or it was altered."""


class LinkExpiredError(LinkError):
    """The link has expired."""


class JoinLinks(Protocol):
    """Creates and finds the links that open a meeting in a browser."""

    def url(self, link: JoinLink) -> str | None:
        """Return the URL that opens a meeting, or None if no browser can."""

    def find(self, text: str) -> JoinLink | None:
        """Return the first join link in a text, or None if there is none."""


class NoLinks:
    """JoinLinks for deployments without a page that opens meetings."""

    def url(self, _: JoinLink) -> None:
        """Return None."""

    def find(self, _: str) -> None:
        """Return None: the bot creates no links."""


class TemplateLinks:
    """Links to a team's own page, from a template with `{meeting_id}`."""

    def __init__(self, template: str) -> None:
        self._template = template

    def url(self, link: JoinLink) -> str:
        """Return the URL that opens a meeting."""
        return self._template.replace("{meeting_id}", quote(link.meeting_id, safe=""))

    def find(self, _: str) -> JoinLink | None:
        """Return None: the link contains the meeting's ID, which is enough to find the meeting."""
        return None


class SignedLinks:
    """Links to the bot's own join page, and webhook addresses, under `public_url`.

    Args:
        public_url: the bot's address, without a slash at the end.
        key: a secret of this deployment, 32 bytes.
        clock: returns seconds since 1970.
    """

    def __init__(
        self, public_url: str, key: bytes, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.public_url = public_url
        self._webhooks = f"{public_url}/videosdk/"
        self._key = key
        self._clock = clock

    def url(self, link: JoinLink) -> str:
        """Return a URL that opens a meeting for 30 days."""
        # Short names keep the link short.
        claims: dict[str, Any] = {"m": link.meeting_id, "n": link.name, "u": link.starter}
        source = link.place or link.call
        if owner := source.workspace if source else link.made_in:
            claims |= {"t": owner.team_id, "e": owner.enterprise_id}
        if link.call:
            claims |= {"c": link.call.call_id, "i": link.call.made_at}
        if link.place:
            claims |= {"h": link.place.channel_id, "r": link.place.thread_ts}
        if link.is_starters:
            claims["o"] = 1
        token = self._sign(_JOIN, claims | {"exp": int(self._clock()) + JOIN_LIFETIME})
        return f"{self.public_url}/join/{token}"

    def read(self, token: str, *, expired: bool = False) -> JoinLink:
        """Read the token of a join link.

        Args:
            token: the last part of the link.
            expired: also read an expired link.

        Raises:
            LinkExpiredError: the link has expired.
            LinkError: the bot didn't create it, or it was altered.
        """
        claims = self._verify(_JOIN, token)
        if not expired and claims.get("exp", 0) <= self._clock():
            raise LinkExpiredError
        return _read_link(claims)

    def webhook_url(self, owner: Workspace) -> str:
        """Return the URL for VideoSDK's webhooks about an owner's room; it doesn't expire."""
        return f"{self._webhooks}{self._sign(_HOOK, asdict(owner))}"

    def read_webhook(self, token: str) -> Workspace:
        """Read the token of a webhook address, and return whose room it is about.

        Raises:
            LinkError: the bot didn't create it, or it was altered.
        """
        claims = self._verify(_HOOK, token)
        return Workspace(claims.get("team_id"), claims.get("enterprise_id"))

    def notes_url(self, link: NotesLink) -> str:
        """Return the URL for VideoSDK's webhooks about a transcription; it doesn't expire."""
        return f"{self._webhooks}notes/{self._sign(_NOTES, _write_notes(link))}"

    def read_notes(self, token: str) -> NotesLink:
        """Read the token of a transcription's webhook address.

        Raises:
            LinkError: the bot didn't create it, or it was altered.
        """
        return _read_notes(self._verify(_NOTES, token))

    def find_notes(self, url: str | None) -> NotesLink | None:
        """Read a transcription's webhook address; return None if the bot didn't create it."""
        with suppress(LinkError):
            return self.read_notes((url or "").rstrip("/").rpartition("/")[2])
        return None

    def is_own_webhook(self, url: str) -> bool:
        """Return whether a webhook address is this bot's."""
        try:
            self.read_webhook(url.removeprefix(self._webhooks))
        except LinkError:
            return False
        return url.startswith(self._webhooks)

    def find(self, text: str) -> JoinLink | None:
        """Return the first join link in a text, even an expired one, or None if there is none.

        A link is recognised by its signature alone: scheme, host, port and case may have changed,
        and a link scanner may have wrapped it.
        """
        for decoded in decodings(text):
            for token in _JOIN_PATH.findall(decoded):
                with suppress(LinkError):
                    return self.read(token, expired=True)
        return None

    def _sign(self, audience: str, claims: dict[str, Any]) -> str:
        given = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(given | {"aud": audience}, self._key, algorithm=_ALGORITHM)

    def _verify(self, audience: str, token: str) -> dict[str, Any]:
        # PyJWT would use the machine's clock, so `read` checks the expiry itself.
        options: Options = {"require": ["aud"], "verify_exp": False}
        try:
            claims: dict[str, Any] = jwt.decode(
                token, self._key, algorithms=[_ALGORITHM], audience=audience, options=options
            )
        except jwt.InvalidTokenError:
            raise LinkError from None
        return claims


def _read_link(claims: dict[str, Any]) -> JoinLink:
    owner = Workspace(claims.get("t"), claims.get("e"))
    call = CallRef(claims["c"], owner, claims.get("i", 0)) if "c" in claims else None
    place = Conversation(owner, claims["h"], claims.get("r")) if "h" in claims else None
    return JoinLink(
        claims["m"],
        claims.get("n"),
        call,
        place,
        claims.get("u"),
        made_in=None if call or place or owner == UNKNOWN else owner,
        is_starters="o" in claims,
    )


def _write_notes(link: NotesLink) -> dict[str, Any]:
    """Return a link's claims, with short names: VideoSDK accepts 512 characters."""
    place = link.place
    return {
        "t": place.workspace.team_id,
        "e": place.workspace.enterprise_id,
        "h": place.channel_id,
        "s": link.ts,
        "m": link.room_id,
        "u": link.user_id,
        "o": link.starter or None,
        "k": link.kind,
    }


def _read_notes(claims: dict[str, Any]) -> NotesLink:
    place = Conversation(Workspace(claims.get("t"), claims.get("e")), claims["h"])
    return NotesLink(place, claims["s"], claims["m"], claims["u"], claims.get("o", ""), claims["k"])

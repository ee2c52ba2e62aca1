"""Make and read the bot's own signed links; what a later request needs travels in them.

They are JSON Web Tokens under a key of the deployment's own, each kind with its own audience, so
that neither can stand in for the other.
"""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Protocol
from urllib.parse import quote

import jwt
from jwt.types import Options

from bot.grammar.scanned_links import decodings
from bot.participant_ids import CallRef

JOIN_LIFETIME = 30 * 24 * 3600  # seconds a join link is good for

_ALGORITHM = "HS256"
_JOIN, _HOOK, _NOTES = "join", "webhook", "notes"  # audiences
# A scanner may add to its end, but HS256's signature has 43 characters.
_JOIN_PATH = re.compile(r"/join/([\w-]+\.[\w-]+\.[\w-]{43})", re.ASCII | re.IGNORECASE)


class LinkError(Exception):
    """A link that this bot did not make, or that was altered."""


class LinkExpiredError(LinkError):
    """A link that was good once."""


@dataclass(frozen=True)
class Conversation:
    """A conversation in Slack; a named meeting belongs to it.

    Attributes:
        team_id: the workspace's, or None where the bot is installed for a whole organisation.
        enterprise_id: the organisation's, if there is one.
        channel_id: the channel's.
        thread_ts: the thread in which the card stands, if it is in one.
    """

    team_id: str | None
    enterprise_id: str | None
    channel_id: str
    thread_ts: str | None = None

    @property
    def owner_id(self) -> str:
        """The id of whose channels these are: an organisation's workspaces can share some."""
        return self.enterprise_id or self.team_id or ""


@dataclass(frozen=True)
class JoinLink:
    """What a join link opens.

    Attributes:
        meeting_id: VideoSDK's id of the meeting, or the one that this bot gave it.
        name: what the meeting is called, if it is called anything.
        call: the Slack call on whose card the people who come this way show, if there is one.
        place: where the card is, so that the meeting can be started again there; None in links of
            version 1.0.0 and of plain cards.
        starter: the id of the user who started the meeting; set where `place` is.
    """

    meeting_id: str
    name: str | None = None
    call: CallRef | None = None
    place: Conversation | None = None
    starter: str | None = None

    @property
    def workspace_id(self) -> str:
        """The id of the workspace or organisation whose link it is; "" if it doesn't say."""
        source = self.place or self.call
        return (source.team_id or source.enterprise_id or "") if source else ""


@dataclass(frozen=True)
class Webhook:
    """What the address of a room's webhooks says: in which workspace the room was made.

    Attributes:
        team_id: the workspace's, or None where the bot is installed for a whole organisation.
        enterprise_id: the organisation's, if there is one.
    """

    team_id: str | None
    enterprise_id: str | None = None


@dataclass(frozen=True)
class NotesLink:
    """What the address of a transcription's webhooks says: the reply that shows its notes.

    Attributes:
        place: the conversation.
        ts: the reply's.
        room_id: VideoSDK's id of the room.
        user_id: who turned notes on.
        starter: who started the meeting; "" if the card doesn't say.
        kind: of the notes.
    """

    place: Conversation
    ts: str
    room_id: str
    user_id: str
    starter: str = ""
    kind: str = "transcript"

    @property
    def key(self) -> tuple[str, str]:
        """What tells the reply from all others."""
        return self.place.channel_id, self.ts


class JoinLinks(Protocol):
    """Where a meeting is opened in a browser."""

    def url(self, link: JoinLink) -> str | None:
        """Return the address that opens a meeting, if there is such a place."""

    def find(self, text: str) -> JoinLink | None:
        """Read the first join link in a text; return None if there is none."""


class NoLinks:
    """The interface of JoinLinks, where no browser opens a meeting."""

    def url(self, _: JoinLink) -> None:
        """Return None: there is no such place."""

    def find(self, _: str) -> None:
        """Return None: no text has a link of ours."""


class TemplateLinks:
    """Links to a team's own page: a template with `{meeting_id}` in it."""

    def __init__(self, template: str) -> None:
        self._template = template

    def url(self, link: JoinLink) -> str:
        """Return the address that opens a meeting."""
        return self._template.replace("{meeting_id}", quote(link.meeting_id, safe=""))

    def find(self, _: str) -> JoinLink | None:
        """Return None: the meeting's ID stands in the link, and is found by that."""
        return None


class SignedLinks:
    """Links to the bot's own join page, below `public_url`.

    Args:
        public_url: where the bot is reachable, without a slash at the end.
        key: a secret of this deployment, 32 bytes.
        clock: seconds since 1970.
    """

    def __init__(
        self, public_url: str, key: bytes, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.public_url = public_url
        self._webhooks = f"{public_url}/videosdk/"
        self._key = key
        self._clock = clock

    def url(self, link: JoinLink) -> str:
        """Return the address that opens a meeting for the next 30 days."""
        end = int(self._clock()) + JOIN_LIFETIME
        token = self._sign(_JOIN, {**_write_link(link), "exp": end})
        return f"{self.public_url}/join/{token}"

    def read(self, token: str, *, expired: bool = False) -> JoinLink:
        """Return what a join link opens.

        Args:
            token: the end of the link.
            expired: True reads a link that is no longer good, too.

        Raises:
            LinkExpiredError: it is older than 30 days.
            LinkError: it is not ours, or was altered.
        """
        claims = self._verify(_JOIN, token)
        if not expired and claims.get("exp", 0) <= self._clock():
            raise LinkExpiredError
        return _read_link(claims)

    def webhook_url(self, hook: Webhook) -> str:
        """Return the address for VideoSDK's webhooks about a meeting; it does not expire."""
        return f"{self._webhooks}{self._sign(_HOOK, asdict(hook))}"

    def read_webhook(self, token: str) -> Webhook:
        """Return what a webhook's address says.

        Raises:
            LinkError: it is not ours, or was altered.
        """
        claims = self._verify(_HOOK, token)
        return Webhook(claims.get("team_id"), claims.get("enterprise_id"))

    def notes_url(self, link: NotesLink) -> str:
        """Return the address for the webhooks of a transcription; it does not expire."""
        return f"{self._webhooks}notes/{self._sign(_NOTES, _write_notes(link))}"

    def read_notes(self, token: str) -> NotesLink:
        """Return what the address of a transcription's webhooks says.

        Raises:
            LinkError: it is not ours, or was altered.
        """
        return _read_notes(self._verify(_NOTES, token))

    def find_notes(self, url: str | None) -> NotesLink | None:
        """Return what a transcription's address says; None if it is not one of ours."""
        with suppress(LinkError):
            return self.read_notes((url or "").rstrip("/").rpartition("/")[2])
        return None

    def is_own_webhook(self, url: str) -> bool:
        """Return whether webhooks to this address reach this bot, and it accepts them."""
        try:
            self.read_webhook(url.removeprefix(self._webhooks))
        except LinkError:
            return False
        return url.startswith(self._webhooks)

    def find(self, text: str) -> JoinLink | None:
        """Read the first join link in a text; return None if there is none.

        The signature alone says that a link is ours: scheme, host, port and case may have changed
        on its way, and a link scanner may have wrapped it.
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
        # The clock is ours to ask: PyJWT asks the machine's.
        options: Options = {"require": ["aud"], "verify_exp": False}
        try:
            claims: dict[str, Any] = jwt.decode(
                token, self._key, algorithms=[_ALGORITHM], audience=audience, options=options
            )
        except jwt.InvalidTokenError:
            raise LinkError from None
        return claims


def _write_link(link: JoinLink) -> dict[str, Any]:
    """Return a link's claims; their names are short, for people see and copy the link."""
    call, place = link.call, link.place
    claims: dict[str, Any] = {"m": link.meeting_id, "n": link.name}
    if call:
        claims |= {"c": call.call_id, "t": call.team_id, "e": call.enterprise_id, "i": call.made_at}
    if place:
        claims |= {"t": place.team_id, "e": place.enterprise_id}
        claims |= {"h": place.channel_id, "r": place.thread_ts, "u": link.starter}
    return claims


def _read_link(claims: dict[str, Any]) -> JoinLink:
    team, enterprise = claims.get("t"), claims.get("e")
    call = CallRef(claims["c"], team, enterprise, claims.get("i", 0)) if "c" in claims else None
    place = Conversation(team, enterprise, claims["h"], claims.get("r")) if "h" in claims else None
    return JoinLink(claims["m"], claims.get("n"), call, place, claims.get("u"))


def _write_notes(link: NotesLink) -> dict[str, Any]:
    """Return a link's claims; their names are short: VideoSDK takes 512 characters."""
    place = link.place
    return {
        "t": place.team_id,
        "e": place.enterprise_id,
        "h": place.channel_id,
        "s": link.ts,
        "m": link.room_id,
        "u": link.user_id,
        "o": link.starter or None,
        "k": link.kind,
    }


def _read_notes(claims: dict[str, Any]) -> NotesLink:
    place = Conversation(claims.get("t"), claims.get("e"), claims["h"])
    return NotesLink(place, claims["s"], claims["m"], claims["u"], claims.get("o", ""), claims["k"])

"""Encode what people type, like Slack's composer.

https://docs.slack.dev/messaging/formatting-message-text
https://docs.slack.dev/interactivity/implementing-slash-commands ("Escape channels, users, and
links"). Commands contain emoji by name: https://github.com/slackapi/bolt-js/issues/1469
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.sandbox.slack.emoji import EMOJI, name_of
from bot.sandbox.slack.workspace import Block, Channel, User

_LETTER = r"[^\s<>|]"
_LAST = r"[^\s<>|.,;:!?)\]}'\"*_~]"  # a URL ends before punctuation
_DOMAIN = r"(?:[\w-]+\.)+(?:app|co|com|de|dev|eu|in|io|live|me|net|org|uk|us)\b"

_FORMS = {
    "url": "<{typed}>",
    "mail": "<mailto:{typed}|{typed}>",
    "domain": "<http://{typed}|{typed}>",
    "everyone": "<!{name}>",
    "user": "<@{id}|{name}>",
    "channel": "<#{id}|{name}>",
    "emoji": ":{name}:",
}
_ELEMENTS = {
    "url": {"type": "link", "url": "{typed}"},
    "mail": {"type": "link", "url": "mailto:{typed}", "text": "{typed}"},
    "domain": {"type": "link", "url": "http://{typed}", "text": "{typed}"},
    "everyone": {"type": "broadcast", "range": "{name}"},
    "user": {"type": "user", "user_id": "{id}"},
    "channel": {"type": "channel", "channel_id": "{id}"},
    "emoji": {"type": "emoji", "name": "{name}"},
}


@dataclass(frozen=True)
class Piece:
    """A part of what was typed.

    Attributes:
        kind: "text", "code", "url", "mail", "domain", "everyone", "user", "channel" or "emoji".
        typed: the characters.
        id: the user's or channel's ID.
        name: the user's handle, or the channel's or emoji's name.
    """

    kind: str
    typed: str
    id: str = ""
    name: str = ""


class Composer:
    """Encodes what people type in a workspace with these users and channels."""

    def __init__(self, users: Iterable[User], channels: Iterable[Channel]) -> None:
        self._users = {name.lower(): user for user in users for name in (user.handle, user.name)}
        named = [one for one in channels if one.kind in ("public", "private")]
        self._channels = {channel.name.lower(): channel for channel in named}
        self._piece = re.compile(
            rf"(?P<code>```.+?```|`[^`\n]+`)"
            rf"|(?P<url>https?://{_LETTER}*{_LAST})"
            rf"|(?P<mail>[\w.+-]+@{_DOMAIN})"
            rf"|(?<![\w@.])(?P<domain>{_DOMAIN}(?:/{_LETTER}*{_LAST})?)"
            rf"|(?<!\w)@(?P<everyone>here|channel|everyone)\b"
            rf"|(?<!\w)@(?P<user>{_any(self._users)})\b"
            rf"|(?<!\w)#(?P<channel>{_any(self._channels)})\b"
            rf"|(?P<emoji>{EMOJI})",
            re.IGNORECASE | re.DOTALL,
        )

    def command(self, line: str, *, should_escape: bool) -> str:
        """Encode a command line for an app.

        Args:
            line: the line as typed.
            should_escape: the setting in the app's manifest: encode names and links, too.
                If not, people appear by their handles, which don't identify them:
                https://github.com/slackapi/bolt-js/issues/2582
        """
        write = _encode if should_escape else _encode_plain
        return "".join(map(write, self._pieces(line)))

    def message(self, typed: str) -> tuple[str, list[Block]]:
        """Return a message's text and blocks."""
        pieces = self._pieces(typed)
        text = "".join(
            f"<@{piece.id}>" if piece.kind == "user" else _encode(piece) for piece in pieces
        )
        section = {"type": "rich_text_section", "elements": [_element(piece) for piece in pieces]}
        return text, [{"type": "rich_text", "elements": [section]}]

    def _pieces(self, typed: str) -> list[Piece]:
        pieces, end = list[Piece](), 0
        for found in self._piece.finditer(typed):
            pieces += [Piece("text", typed[end : found.start()]), self._special(found)]
            end = found.end()
        return [piece for piece in [*pieces, Piece("text", typed[end:])] if piece.typed]

    def _special(self, found: re.Match[str]) -> Piece:
        kind, typed = str(found.lastgroup), found[0]
        if kind == "user":
            user = self._users[found[kind].lower()]
            return Piece(kind, typed, user.id, user.handle)
        if kind == "channel":
            channel = self._channels[found[kind].lower()]
            # Slack doesn't tell apps the names of private channels.
            return Piece(kind, typed, channel.id, channel.name if channel.kind == "public" else "")
        if kind == "everyone":
            return Piece(kind, typed, name=found[kind].lower())
        return Piece(kind, typed, name=name_of(typed) if kind == "emoji" else "")


def escape(text: str) -> str:
    """Escape the three characters that have a meaning in Slack's markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _any(names: Mapping[str, object]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def _encode(piece: Piece) -> str:
    """Encode a piece in Slack's markup."""
    form = _FORMS.get(piece.kind, "{typed}")
    return form.format(typed=escape(piece.typed), id=piece.id, name=piece.name)


def _encode_plain(piece: Piece) -> str:
    if piece.kind == "user":
        return f"@{piece.name}"
    return _encode(piece) if piece.kind == "emoji" else escape(piece.typed)


def _element(piece: Piece) -> Block:
    """Return a piece as a rich text element."""
    if piece.kind == "code":
        return {"type": "text", "text": piece.typed.strip("`"), "style": {"code": True}}
    form = _ELEMENTS.get(piece.kind, {"type": "text", "text": "{typed}"})
    facts = {"typed": piece.typed, "id": piece.id, "name": piece.name}
    return {field: value.format(**facts) for field, value in form.items()}

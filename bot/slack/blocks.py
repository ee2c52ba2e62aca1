"""Build Block Kit's parts, within Slack's limits.

Limits, formatting and escaping: https://docs.slack.dev/reference/block-kit and
https://docs.slack.dev/messaging/formatting-message-text. Names that users typed go into
`plain_text` objects, which Slack doesn't parse. In the top-level `text`, which screen readers and
notifications use, they are escaped, and `parse: none` turns off automatic links.
"""

import html
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any, NotRequired, TypedDict

# Slack's limits, in UTF-16 units.
SECTION = 3000
HEADER = 150
BUTTON = 75

Block = dict[str, Any]

_MRKDWN = {"type": "mrkdwn", "verbatim": True}  # formatted text; names in it are escaped


class Message(TypedDict):
    """A message, in the form for acknowledgements and response_urls."""

    response_type: str
    text: str
    blocks: list[Block]
    parse: str
    link_names: bool
    unfurl_links: bool
    unfurl_media: bool
    replace_original: bool
    thread_ts: NotRequired[str]


# Escape exactly the three characters that have a meaning in Slack.
escape: Callable[[str], str] = partial(html.escape, quote=False)


def public(text: str, blocks: list[Block]) -> Message:
    """Return a message that everyone in the channel sees."""
    return Message(
        response_type="in_channel",
        text=text,
        blocks=blocks,
        parse="none",
        link_names=False,
        unfurl_links=False,
        unfurl_media=False,
        replace_original=False,
    )


def private(text: str, blocks: list[Block] | None = None) -> Message:
    """Return a message that only the person who acted sees."""
    return public(text, blocks or [section(text)]) | {"response_type": "ephemeral"}


def date(moment: datetime, before: str = "") -> str:
    """Return a time that Slack shows in each reader's time zone, with words before it.

    The words are part of the date token: without them, Slack would capitalise "today".
    """
    plain = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    shown = f"{before}{{date_short_pretty}} at {{time}}"
    return f"<!date^{int(moment.timestamp())}^{shown}|{before}{plain}>"


def link(url: str, label: str) -> str:
    """Return a link with a label."""
    return f"<{escape(url).replace('|', '%7C')}|{label}>"


def mention(user_id: str) -> str:
    """Return a mention of a user, whom Slack notifies if they can see it."""
    return f"<@{escape(user_id)}>"


def mentions(user_ids: Iterable[str]) -> str:
    """Return mentions of users, with commas between them."""
    return ", ".join(map(mention, user_ids))


def header(text: str) -> Block:
    """Return a title; Slack interprets emoji in it, but no mentions or links.

    Custom emoji only have names, like `:partyparrot:`. Slack shows them if `emoji` is true:
    https://github.com/soxtoby/SlackNet/issues/103
    """
    shown = {"type": "plain_text", "text": cut(text, HEADER), "emoji": True}
    return {"type": "header", "text": shown}


def section(text: str, fields: list[str] | None = None) -> Block:
    """Return a paragraph, with facts in two columns below it, if any."""
    block: Block = {"type": "section", "text": _MRKDWN | {"text": cut(text, SECTION)}}
    return block | {"fields": [_MRKDWN | {"text": field} for field in fields]} if fields else block


def actions(*buttons: Block) -> Block:
    """Return a row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def context(*notes: str) -> Block:
    """Return small print."""
    return {"type": "context", "elements": [_MRKDWN | {"text": note} for note in notes]}


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """Return the dialog that asks before something that can't be undone."""
    return {
        "title": plain(title),
        "text": plain(text),
        "confirm": plain(yes),
        "deny": plain(no),
        "style": "danger",
    }


def plain(text: str) -> Block:
    """Return text that Slack shows unchanged."""
    return {"type": "plain_text", "text": text, "emoji": False}


def cut(text: str, units: int) -> str:
    """Cut text to a number of UTF-16 units, the strictest way that Slack may count."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * units:
        return text
    return encoded[: 2 * (units - 1)].decode("utf-16-le", "ignore") + "…"

"""Build Block Kit's parts, within Slack's limits.

Limits, formatting and escaping: https://docs.slack.dev/reference/block-kit and
https://docs.slack.dev/messaging/formatting-message-text. A name that a user typed stands in
`plain_text` objects, where Slack reads no mention or link into it; in the top-level `text`, which
screen readers and notifications use, it is escaped, and `parse: none` keeps links out.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NotRequired, TypedDict

# What Slack allows, in UTF-16 units.
SECTION = 3000
HEADER = 150
BUTTON = 75

Block = dict[str, Any]


class Message(TypedDict):
    """A message in the form that an acknowledgement and a response_url take."""

    response_type: str
    text: str
    blocks: list[Block]
    parse: str
    link_names: bool
    unfurl_links: bool
    unfurl_media: bool
    replace_original: bool
    thread_ts: NotRequired[str]


def escape(text: str) -> str:
    """Escape the three characters that Slack gives a meaning, and no others."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def public(text: str, blocks: list[Block]) -> Message:
    """Return a message that everybody in the channel sees."""
    return _message("in_channel", text, blocks)


def private(text: str, blocks: list[Block] | None = None) -> Message:
    """Return a message that only the person who acted sees."""
    return _message("ephemeral", text, blocks or [section(text)])


def _message(response_type: str, text: str, blocks: list[Block]) -> Message:
    return Message(
        response_type=response_type,
        text=text,
        blocks=blocks,
        parse="none",
        link_names=False,
        unfurl_links=False,
        unfurl_media=False,
        replace_original=False,
    )


def date(moment: datetime, before: str = "") -> str:
    """Return a time that Slack shows in each reader's own time zone, and words in front of it.

    Slack writes "today" with a capital letter where nothing stands before it in the same token.
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
    """Return a title, which Slack reads no mention or link into, only emoji.

    A workspace's own have only names, like `:partyparrot:`, which Slack shows as emoji where
    `emoji` is true: https://github.com/soxtoby/SlackNet/issues/103
    """
    return {"type": "header", "text": plain(cut(text, HEADER)) | {"emoji": True}}


def section(text: str, fields: list[str] | None = None) -> Block:
    """Return a paragraph, with facts beside each other below it if there are any."""
    block: Block = {"type": "section", "text": mrkdwn(cut(text, SECTION))}
    return block | {"fields": [mrkdwn(field) for field in fields]} if fields else block


def actions(*buttons: Block) -> Block:
    """Return a row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def context(*notes: str) -> Block:
    """Return notes in small print."""
    return {"type": "context", "elements": [mrkdwn(note) for note in notes]}


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
    """Return text that Slack shows as it is."""
    return {"type": "plain_text", "text": text, "emoji": False}


def mrkdwn(text: str) -> Block:
    """Return text with marks; what stands in it must be escaped."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def cut(text: str, units: int) -> str:
    """Return text that is no longer than Slack allows, counted in UTF-16 units to be safe."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * units:
        return text
    return encoded[: 2 * (units - 1)].decode("utf-16-le", "ignore") + "…"

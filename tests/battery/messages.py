"""Check messages: they stay within Slack's limits, and have no mentions or links from typed text.

Limits: https://docs.slack.dev/reference/block-kit. Mentions and links:
https://docs.slack.dev/messaging/formatting-message-text.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from bot.sandbox.slack import blockkit
from bot.sandbox.slack.workspace import USERS

Content = dict[str, Any]

LONGEST_TEXT = 4000  # UTF-16 units
_MODAL = 100  # blocks
_FORM = re.compile(r"<([^<>]*)>")
_PLAIN = {
    "parse": "none",
    "link_names": False,
    "unfurl_links": False,
    "unfurl_media": False,
}
# The user who sends all commands may be mentioned: "<@…> started a meeting".
_ALLOWED = re.compile(rf"@{USERS[0].id}|!date\^[0-9]+\^[^|]*\|[^|]*")


def problems(message: Content, links: Iterable[str]) -> list[str]:
    """Return what is wrong with a message.

    Args:
        message: a message, or the arguments of views.open.
        links: the allowed prefixes of links.
    """
    if "view" in message:
        return list(_in_view(message["view"]))
    return [
        *_in_frame(message),
        *_in_blocks(message),
        *_typed_mentions_and_links(message, tuple(links)),
    ]


def _in_view(view: Any) -> Iterator[str]:
    read = json.loads(view) if isinstance(view, str) else view
    yield from blockkit.problems(read["blocks"], _MODAL)


def _in_frame(message: Content) -> Iterator[str]:
    text = message.get("text", "")
    if not text.strip():
        yield "no text"
    if len(text.encode("utf-16-le")) > 2 * LONGEST_TEXT:
        yield f"a text of over {LONGEST_TEXT} characters"
    if message.get("response_type") not in {"in_channel", "ephemeral"}:
        yield f"response_type {message.get('response_type')!r}"
    yield from (
        f"{name} is not {value!r}" for name, value in _PLAIN.items() if message.get(name) != value
    )


def _in_blocks(message: Content) -> Iterator[str]:
    yield from blockkit.problems(message.get("blocks", []))
    if any(part.get("verbatim") is not True for part in _mrkdwn_texts(message.get("blocks", []))):
        yield "mrkdwn that Slack finds links in"


def _typed_mentions_and_links(message: Content, links: tuple[str, ...]) -> Iterator[str]:
    """Yield mentions and links that aren't the bot's own."""
    marked = [
        message.get("text", ""),
        *(p["text"] for p in _mrkdwn_texts(message.get("blocks", []))),
    ]
    for text in marked:
        for form in _FORM.findall(text):
            if not _ALLOWED.fullmatch(form) and not form.startswith(links):
                yield f"a mention or link that somebody typed: {form[:40]!r}"


def _mrkdwn_texts(part: Any) -> Iterator[Content]:
    """Yield all mrkdwn texts, however deeply nested."""
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _mrkdwn_texts(inner)

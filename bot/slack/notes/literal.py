"""Text from a call, made harmless: what was said is text, and nothing in it takes effect.

It stands in `plain_text` objects, which Slack doesn't parse. Where a message needs it outside of
them, in its own `text`, it is escaped, and whatever Slack or a client could still read into it is
broken up by a character that nobody sees. Slack parses mentions, channels, URLs and e-mail
addresses unless `verbatim` is true or `parse` is `none`, and marks in any case:
https://docs.slack.dev/messaging/formatting-message-text
"""

import re

from bot.grammar.commands import clean
from bot.slack.blocks import escape

_BREAK = "\u2060"  # word joiner: no width, and no line ends at it
_HEADING = re.compile(r"^#{1,6}\s+")
_BULLET = re.compile(r"^(\s*)[-*+•]\s+")
_STRONG = re.compile(r"\*\*|__")
# Marks, mentions, channels, emoji and quotes; and the dot or colon that makes an address.
_MARK = re.compile(r"[*_~`@#|]|:(?=\S)|(?<=\S):|(?<=\w)\.(?=\w)|^>|&gt;", re.MULTILINE)


def lines(text: str) -> str:
    """Return text from a call as plain lines, without control characters and Markdown's marks."""
    read = (_line(line) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(read)).strip()


def spoken(text: str) -> str:
    """Return plain lines as mrkdwn in which nothing takes effect."""
    return _MARK.sub(lambda found: f"{_BREAK}{found[0]}{_BREAK}", escape(text))


def _line(line: str) -> str:
    indent = "  " if line[:2].isspace() and line.strip() else ""
    bare = _STRONG.sub("", _HEADING.sub("", _BULLET.sub("\\1• ", line)))
    return indent + clean(bare) if bare.strip() else ""

"""Text from a call, made harmless: what was said is text, and nothing in it takes effect.

It stands in `plain_text` objects, which Slack doesn't parse. Where a message needs it outside of
them, in its own `text`, it is escaped, marks are left out, and whatever a client could still take
for an address is broken up by a character that nobody sees. Slack parses mentions, channels, URLs
and e-mail addresses unless `verbatim` is true or `parse` is `none`, and marks in any case:
https://docs.slack.dev/messaging/formatting-message-text
"""

import re

from bot.grammar.text import clean
from bot.slack.blocks import escape

_BREAK = "\u2060"  # word joiner: it has no width, and no line ends at it
_HEADING = re.compile(r"^#{1,6}\s+")
_BULLET = re.compile(r"^(\s*)[-*+•]\s+")
_STRONG = re.compile(r"\*\*|__")
_MARKS = str.maketrans({"*": "", "~": "", "`": "", "_": " ", "|": "/"})
_QUOTE = re.compile(r"^[\s>]+", re.MULTILINE)
_ADDRESS = re.compile(r"[@#]|:(?=\S)|(?<=\w)\.(?=\w)")


def lines(text: str) -> str:
    """Return text from a call as plain lines, without control characters and Markdown's marks."""
    read = (_line(line) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(read)).strip()


def spoken(text: str) -> str:
    """Return plain lines as mrkdwn in which nothing takes effect."""
    bare = _QUOTE.sub("", text.translate(_MARKS))
    return escape(_ADDRESS.sub(lambda found: found[0] + _BREAK, bare))


def _line(line: str) -> str:
    indent = "  " if line[:2].isspace() and line.strip() else ""
    bare = clean(_STRONG.sub("", _HEADING.sub("", _BULLET.sub("\\1• ", line))))
    return indent + bare if bare else ""

"""Literal text: what was said in a call, with nothing in it that Slack acts on.

Blocks show it in `plain_text` objects, which Slack doesn't parse. A message's own `text` is mrkdwn,
so there it is escaped, formatting marks are removed, and anything a client might link is broken up
with an invisible character. Slack links mentions, channels, URLs and e-mail addresses unless
`verbatim` is true or `parse` is `none`, and applies formatting marks in any case:
https://docs.slack.dev/messaging/formatting-message-text
"""

import re

from bot.grammar.text import clean
from bot.slack.blocks import escape

_BREAK = "\u2060"  # word joiner: no width, and no line break
_HEADING = re.compile(r"^#{1,6}\s+")
_BULLET = re.compile(r"^(\s*)[-*+•]\s+")
_STRONG = re.compile(r"\*\*|__")
_MARKS = str.maketrans({"*": "", "~": "", "`": "", "_": " ", "|": "/"})
_QUOTE = re.compile(r"^[\s>]+", re.MULTILINE)
_ADDRESS = re.compile(r"[@#]|:(?=\S)|(?<=\w)\.(?=\w)")


def lines(text: str) -> str:
    """Return text from a call as plain lines, without control characters or Markdown."""
    read = (_line(line) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(read)).strip()


def spoken(text: str) -> str:
    """Return plain lines as mrkdwn that Slack shows literally."""
    bare = _QUOTE.sub("", text.translate(_MARKS))
    return escape(_ADDRESS.sub(lambda found: found[0] + _BREAK, bare))


def _line(line: str) -> str:
    indent = "  " if line[:2].isspace() and line.strip() else ""
    bare = clean(_STRONG.sub("", _HEADING.sub("", _BULLET.sub("\\1• ", line))))
    return indent + bare if bare else ""

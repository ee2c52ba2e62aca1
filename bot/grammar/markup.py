"""Slack's markup in what people type and post, read by its grammar.

A reference is `<`, a sigil, a target, perhaps `|` and a label, and `>`: `<@U1|ann>`,
`<#C1|general>`, `<!here>`, `<!subteam^S1|@devs>`, `<!date^1795428000^{date}|Nov 26>`,
`<https://a.b|label>`. A message's text has users without a name. `&`, `<` and `>` of the text
itself come as entities:
https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from urllib.parse import urlsplit

from bot.grammar.emoji_names import pictured

_REFERENCE = re.compile(
    r"<(?P<sigil>[@#!]|(?=[a-z][a-z0-9+.-]*:\S))(?P<target>[^<>|]+)(?:\|(?P<label>[^<>]*))?>",
    re.IGNORECASE,
)
_EVERYONE = {"here", "channel", "everyone"}
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # in this order: `&amp;lt;` is `&lt;`

_CODE_BLOCK = re.compile(r"```.*?(```|\Z)", re.DOTALL)
_EMOJI = re.compile(r"(?<![\w:]):[\w+'-]+:(:skin-tone-[2-6]:)?(?!\w)")
_LINE_START = re.compile(r"^[ \t]*((&gt;|[•◦▪])[ \t]*)+", re.MULTILINE)
_FORMATTED = re.compile(r"(?<!\w)(?P<mark>[*_~`])(?P<text>\S|\S[^\n]*?\S)(?P=mark)(?!\w)")
_NESTED = 4  # kinds of formatting: bold, italic, struck, code
_HEARD = 2000  # characters of a message; 40,000 asterisks would take seconds


def read(text: str) -> str:
    """Return text as it reads: emoji, and references by their labels, without raw ids."""
    return pictured(_unescape(_REFERENCE.sub(_written, text)))


def targets(text: str) -> str:
    """Return text with the target of each reference in its place, and no labels."""
    return _unescape(_REFERENCE.sub(lambda found: f" {found['target']} ", text))


def aloud(text: str) -> str:
    """Return a message as somebody would say it: without formatting, emoji, code blocks, URLs."""
    text = _LINE_START.sub("", _CODE_BLOCK.sub(" ", text)[:_HEARD])
    text = _EMOJI.sub(" ", _REFERENCE.sub(_said, text))
    for _ in range(_NESTED):
        text = _FORMATTED.sub(r"\g<text>", text)
    return _unescape(text)


def _unescape(text: str) -> str:
    for entity, char in _ENTITIES:
        text = text.replace(entity, char)
    return text


def _written(found: re.Match[str]) -> str:
    """Return the text that Slack shows for a reference; "" if it has only an id."""
    sigil, target, label = found["sigil"], found["target"], found["label"]
    if sigil == "!":
        return f"@{target}" if target in _EVERYONE else label or ""
    if sigil:
        return f"{sigil}{label.removeprefix(sigil)}" if label else ""
    return label or re.sub(r"^(mailto|tel):", "", target)


def _said(found: re.Match[str]) -> str:
    """Return a reference as somebody would say it: of a bare URL, the host."""
    shown = _written(found)
    try:
        host = urlsplit(shown).hostname if "://" in shown else None
    except ValueError:  # brackets without an IPv6 address between them
        return ""
    return host.removeprefix("www.") if host else shown

"""Parse Slack's markup in what people type and post.

A reference is `<`, a sigil, a target, perhaps `|` and a label, and `>`: `<@U1|ann>`,
`<#C1|general>`, `<!here>`, `<!subteam^S1|@devs>`, `<!date^1795428000^{date}|Nov 26>`,
`<https://a.b|label>`. In a message's text, users have no label. `&`, `<` and `>` in the text itself
are escaped as entities:
https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from urllib.parse import urlsplit

from bot.grammar.emoji_names import to_emoji

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
_LONGEST = 2000  # characters of a message that are parsed; 40,000 asterisks would take seconds


def read(text: str) -> str:
    """Return text as Slack shows it: emoji, and references by their labels, without raw IDs."""
    shown = _REFERENCE.sub(_shown, text)
    if "&" in shown:
        shown = _unescape(shown)
    return to_emoji(shown) if ":" in shown else shown


def targets(text: str) -> str:
    """Replace each reference with its target, such as the URL of a link."""
    return _unescape(_REFERENCE.sub(lambda found: f" {found['target']} ", text))


def spoken(text: str) -> str:
    """Return a message's words: without formatting, emoji, code blocks and URLs."""
    text = _LINE_START.sub("", _CODE_BLOCK.sub(" ", text)[:_LONGEST])
    text = _EMOJI.sub(" ", _REFERENCE.sub(_spoken, text))
    for _ in range(_NESTED):
        text = _FORMATTED.sub(r"\g<text>", text)
    return _unescape(text)


def _unescape(text: str) -> str:
    for entity, char in _ENTITIES:
        text = text.replace(entity, char)
    return text


def _shown(found: re.Match[str]) -> str:
    """Return the text that Slack shows for a reference; "" if it has only an ID."""
    sigil, target, label = found["sigil"], found["target"], found["label"]
    if sigil == "!":
        return f"@{target}" if target in _EVERYONE else label or ""
    if sigil:
        return f"{sigil}{label.removeprefix(sigil)}" if label else ""
    return label or re.sub(r"^(mailto|tel):", "", target)


def _spoken(found: re.Match[str]) -> str:
    """Return the text of a reference; for a bare URL, its host."""
    shown = _shown(found)
    try:
        host = urlsplit(shown).hostname if "://" in shown else None
    except ValueError:  # brackets without an IPv6 address between them
        return ""
    return host.removeprefix("www.") if host else shown

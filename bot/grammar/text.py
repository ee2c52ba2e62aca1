"""Text as people read it: on one line, with nothing invisible, and with plain quotes and dashes."""

import re
import unicodedata

from bot.grammar import markup

# What keyboards and languages make of quotes and dashes.
_STRAIGHT = str.maketrans(
    dict.fromkeys("“”„‟«»″＂「」『』｢｣《》❝❞〝〞〟", '"')
    | dict.fromkeys("‘’‚‛‹›′＇❛❜", "'")
    | dict.fromkeys("‐‑‒–—―−－﹘﹣", "-")
)
# One joiner belongs between two letters of some scripts or parts of an emoji; others only hide.
_JOINERS = {"\u200c", "\u200d"}
_STRAY_JOINER = re.compile(
    r"(?<![^\x00-\x7f\u200c\u200d])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f\u200c\u200d])"
)
_INVISIBLE = {"Cc", "Cf", "Cs"}  # control, format (bidi, zero-width), lone surrogates
_BLANKS = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters and marks without ink


def normalise(text: str) -> str:
    """Return the text as it reads: without Slack's markup, single spaces, nothing invisible."""
    return clean(markup.read(text))


def clean(text: str) -> str:
    """Return text from a stranger on one line, without control and invisible characters."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(" " if c.isspace() else c for c in text)
        text = "".join(c for c in text if c in _JOINERS or _is_visible(c))
        text = _STRAY_JOINER.sub("", text)
    return " ".join(text.split())


def straighten(text: str) -> str:
    """Return text with straight quotes and plain hyphens, character by character."""
    return text.translate(_STRAIGHT)


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in _INVISIBLE and char not in _BLANKS

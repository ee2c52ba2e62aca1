"""Clean text: one line, nothing invisible, plain quotes and dashes."""

import re
import unicodedata

# Variants of quotes and dashes in other languages and keyboards.
_STRAIGHT = str.maketrans(
    dict.fromkeys("“”„‟«»″＂「」『』｢｣《》❝❞〝〞〟", '"')
    | dict.fromkeys("‘’‚‛‹›′＇❛❜", "'")
    | dict.fromkeys("‐‑‒–—―−－﹘﹣", "-")
)
# A single joiner is needed between letters of some scripts and in emoji; others are invisible.
_JOINERS = {"\u200c", "\u200d"}
_STRAY_JOINER = re.compile(
    r"(?<![^\x00-\x7f\u200c\u200d])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f\u200c\u200d])"
)
_INVISIBLE = {"Cc", "Cf", "Cs"}  # control, format (bidi, zero-width), lone surrogates
_BLANKS = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # blank letters and marks


def clean(text: str) -> str:
    """Return foreign text on one line, without control and invisible characters."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(" " if c.isspace() else c for c in text)
        text = "".join(c for c in text if c in _JOINERS or _is_visible(c))
        text = _STRAY_JOINER.sub("", text)
    return " ".join(text.split())


def straighten(text: str) -> str:
    """Replace typographic quotes and dashes with ASCII ones; the length stays the same."""
    return text if text.isascii() else text.translate(_STRAIGHT)  # str.translate is slow


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in _INVISIBLE and char not in _BLANKS

"""Fold names, so that different spellings of a name lead to the same room.

Names are equal if they differ only in case, formatting, punctuation around the name, kinds of
quotes and dashes, or characters that select how another one is drawn.
"""

import re
import unicodedata

from bot.grammar.emoji_names import to_emoji
from bot.grammar.text import straighten

_FORMATTING = "*_~`"
_AROUND = f"{_FORMATTING} "  # stripped from the ends of a name, as punctuation is
# Punctuation that is part of a name even at its ends: C#, @ann, 100%
_KEPT = frozenset("#@%&/\\")
_VARIATIONS = dict.fromkeys(
    (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0x180B, 0x1810))
)
# Slack adds each person's default skin tone: https://slack.com/help/articles/4406393601683
_SKIN_TONE = re.compile("(?<=\\S)[\U0001f3fb-\U0001f3ff]")
# Turkish has i with and without a dot, in both cases; people type either.
_ONE_I = (("i\u0307", "i"), ("\u0131", "i"))


def fold(name: str) -> str:
    """Return the canonical form of a name."""
    named = to_emoji(name) if ":" in name else name
    same = named.casefold() if named.isascii() else _fold_beyond_ascii(named)
    same = " ".join([word.strip(_FORMATTING) or word for word in same.split()])
    around = [c for c in set(same) - _KEPT if unicodedata.category(c)[0] == "P" or c in _AROUND]
    return same.strip("".join(around)) or same


def _fold_beyond_ascii(name: str) -> str:
    """Fold the case, width and variations of letters, skin tones, quotes and dashes."""
    same = _SKIN_TONE.sub("", name.translate(_VARIATIONS))
    same = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", same).casefold())
    for letter, i in _ONE_I:
        same = same.replace(letter, i)
    return straighten(same)

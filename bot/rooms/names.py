"""Fold names, so that what is one name to people is one room.

Case, formatting, punctuation around a name, the shape of quotes and dashes, and characters that
only choose how another one is drawn don't make another name.
"""

import re
import unicodedata

from bot.grammar.emoji_names import pictured
from bot.grammar.text import straighten

_FORMATTING = "*_~`"
# At the ends of a name, these belong to it: C#, @ann, 100%
_TELLING = frozenset("#@%&/\\")
_VARIATIONS = dict.fromkeys(
    (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0x180B, 0x1810))
)
# Slack adds the one that somebody chose once: https://slack.com/help/articles/4406393601683
_SKIN_TONE = re.compile("(?<=\\S)[\U0001f3fb-\U0001f3ff]")
# Turkish has two letters i, with and without a dot, each in two cases; people type either.
_ONE_I = (("i\u0307", "i"), ("\u0131", "i"))


def fold(name: str) -> str:
    """Return the form that all spellings of a name share."""
    same = _SKIN_TONE.sub("", pictured(name).translate(_VARIATIONS))
    same = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", same).casefold())
    for letter, i in _ONE_I:
        same = same.replace(letter, i)
    words = straighten(same).split()
    same = " ".join(word.strip(_FORMATTING) or word for word in words)
    return _without_punctuation(same) or same


def _without_punctuation(name: str) -> str:
    start, end = 0, len(name)
    while start < end and _is_around(name[start]):
        start += 1
    while start < end and _is_around(name[end - 1]):
        end -= 1
    return name[start:end]


def _is_around(char: str) -> bool:
    """Return whether a character at the ends of a name says nothing."""
    is_mark = unicodedata.category(char)[0] == "P" or char.isspace() or char in _FORMATTING
    return is_mark and char not in _TELLING

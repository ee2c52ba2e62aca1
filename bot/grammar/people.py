"""Find the people whom a command invites: those mentioned at the start or the end of its text.

Slack sends a mention as `<@U012AB3CD|ann>` where the manifest has `should_escape: true`, and else
as it was typed, `@ann`, which says of nobody who they are:
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import takewhile

from bot.grammar.text import clean, normalise

MOST_INVITED = 20

_MENTION = re.compile(r"<@(?P<user_id>[UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_UNKNOWN = re.compile(
    r"(?P<word>@(?!(?:here|channel|everyone)\b)\w[\w.'-]*?)[.,;:!?)]*", re.IGNORECASE
)
_BEFORE, _AFTER = " ,;:([–—-", " ,;:)]–—"  # between a name and the people around it
_BETWEEN = f"{_BEFORE}{_AFTER}.!?&+/"
_LINKS = {"", "and", "with"}


@dataclass(frozen=True)
class People:
    """What a text says without the people it invites, and those.

    Attributes:
        rest: the text without them, as it reads.
        ids: theirs, in the order of the text, each once.
        typed: how one types them.
    """

    rest: str
    ids: tuple[str, ...] = ()
    typed: str = ""


def take_out(text: str, is_region: Callable[[str], bool]) -> People:
    """Return a text without the people it invites.

    A region may follow them. A mention in the middle of a name is part of it.
    """
    if "<@" not in text:
        return People(normalise(text))
    found = list(_MENTION.finditer(text))
    starts = [*(one.start() for one in found), len(text)]
    ends = [0, *(one.end() for one in found)]
    gaps = [normalise(text[end:start]) for end, start in zip(ends, starts, strict=True)]
    tail, region = _without_region(gaps[-1], is_region)
    first = _linked(gaps[:-1])
    last = len(found) - _linked([tail, *gaps[-2:first:-1]][: len(found) - first])
    rest = normalise(text[ends[first] : starts[last]])
    if first:
        rest = rest.lstrip(_AFTER).removeprefix("- ")
    if last < len(found):
        rest = f"{_without_with(rest.rstrip(_BEFORE))} {region}".strip()
    invited = [*found[:first], *found[last:]]
    ids = dict.fromkeys(one["user_id"] for one in invited)
    return People(rest, tuple(ids), normalise(" ".join(one[0] for one in invited)))


def unknown_person(text: str, is_region: Callable[[str], bool]) -> str | None:
    """Return the word like `@ann` that stands where people are invited, but is no mention."""
    words = _without_region(clean(text), is_region)[0].split(" ")
    is_after_with = len(words) > 1 and words[0].lower() == "with"
    for word in (words[-1], words[1 if is_after_with else 0]):
        if found := _UNKNOWN.fullmatch(word):
            return found["word"]
    return None


def _linked(gaps: Iterable[str]) -> int:
    """Return how many people only words like `and` stand before, until the first other text."""
    return sum(1 for _ in takewhile(lambda gap: gap.strip(_BETWEEN).lower() in _LINKS, gaps))


def _without_region(text: str, is_region: Callable[[str], bool]) -> tuple[str, str]:
    """Return a text without the region at its end, and that."""
    rest, _, last = text.rpartition(" ")
    return (rest, last) if is_region(last) else (text, "")


def _without_with(text: str) -> str:
    rest, _, last = text.rpartition(" ")
    return rest.rstrip(_BEFORE) if last.lower().strip(_BEFORE) == "with" else text

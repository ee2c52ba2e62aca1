"""Find the people that a command invites: those mentioned at the start or the end of its text.

Slack sends a mention as `<@U012AB3CD|ann>` if the manifest has `should_escape: true`. Otherwise it
sends `@ann` as typed, which doesn't identify anybody:
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import takewhile

from bot.grammar.markup import read
from bot.grammar.text import clean

MAX_INVITED = 20

_MENTION = re.compile(r"<@(?P<user_id>[UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_UNKNOWN = re.compile(
    r"(?P<word>@(?!(?:here|channel|everyone)\b)\w[\w.'-]*?)[.,;:!?)]*", re.IGNORECASE
)
_BEFORE, _AFTER = " ,;:([–—-", " ,;:)]–—"  # between a name and the people around it
_BETWEEN = f"{_BEFORE}{_AFTER}.!?&+/"
_LINKS = {"", "and", "with"}


@dataclass(frozen=True)
class People:
    """A text, split into the people it invites and the rest.

    Attributes:
        rest: the text without them, as Slack shows it.
        ids: their user IDs, in the order of the text, without duplicates.
        typed: the people in the form in which they are typed.
    """

    rest: str
    ids: tuple[str, ...] = ()
    typed: str = ""


def split_off_people(text: str, is_region: Callable[[str], bool]) -> People:
    """Split the people that a text invites off from the rest.

    A region may follow them. A mention in the middle of a name is part of the name.
    """
    found = list(_MENTION.finditer(text))
    starts = [*(mention.start() for mention in found), len(text)]
    ends = [0, *(mention.end() for mention in found)]
    gaps = [clean(read(text[end:start])) for end, start in zip(ends, starts, strict=True)]
    tail, region = _without_region(gaps[-1], is_region)
    first = _linked(gaps[:-1])
    last = len(found) - _linked([tail, *gaps[-2:first:-1]][: len(found) - first])
    rest = clean(read(text[ends[first] : starts[last]]))
    if first:
        rest = rest.lstrip(_AFTER).removeprefix("- ")
    if last < len(found):
        rest = f"{_without_with(rest.rstrip(_BEFORE))} {region}".strip()
    invited = [*found[:first], *found[last:]]
    ids = dict.fromkeys(mention["user_id"] for mention in invited)
    return People(rest, tuple(ids), clean(read(" ".join(mention[0] for mention in invited))))


def unknown_person(text: str, is_region: Callable[[str], bool]) -> str | None:
    """Return a word like `@ann` in the place of a mention, or None if there is none."""
    words = _without_region(clean(text), is_region)[0].split(" ")
    is_after_with = len(words) > 1 and words[0].lower() == "with"
    for word in (words[-1], words[1 if is_after_with else 0]):
        if found := _UNKNOWN.fullmatch(word):
            return found["word"]
    return None


def _linked(gaps: Iterable[str]) -> int:
    """Return how many people come before the first text that is more than a word like `and`."""
    return sum(1 for _ in takewhile(lambda gap: gap.strip(_BETWEEN).lower() in _LINKS, gaps))


def _without_region(text: str, is_region: Callable[[str], bool]) -> tuple[str, str]:
    """Split the region off the end of a text; "" if there is none."""
    rest, _, last = text.rpartition(" ")
    return (rest, last) if is_region(last) else (text, "")


def _without_with(text: str) -> str:
    rest, _, last = text.rpartition(" ")
    return rest.rstrip(_BEFORE) if last.lower().strip(_BEFORE) == "with" else text

"""Parse what people type after /meet and /meet-check."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.grammar import markup
from bot.grammar.errors import (
    LongNameError,
    MisplacedRegionError,
    OptionError,
    SeveralIdsError,
    TypingError,
    UnknownRegionError,
)
from bot.grammar.people import People, split_off_people, unknown_person
from bot.grammar.scanned_links import decodings
from bot.grammar.text import clean, straighten
from bot.videosdk import REGIONS

MAX_NAME = 80  # characters
_FIRST_WORDS = 50  # characters, for a meeting named after a message

_HELP = re.compile(r"help|\?|-+(h|help|\?)", re.IGNORECASE)
# A word with a leading dash, or a dash at the very start; `Weekly - sync` has neither.
_OPTION = re.compile(r"^-|(?<!\S)-+\w")
_LOOKS_LIKE_REGION = re.compile(r"[a-z]{2,3}[0-9]{3}")
_LABELLED_REGION = re.compile(
    r"(?<!\S)(-*region\s*[:=]\s*|-+r(egion)?\s+)(?P<code>\S+)", re.IGNORECASE
)
_QUOTED = re.compile(r"(?P<quote>[\"'])(?P<name>((?!(?P=quote)).)*)(?P=quote)(\s+(?P<region>\S+))?")
_MEETING_ID = re.compile(r"(?<![a-z0-9-])[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}(?![a-z0-9-])")
_SPOKEN_ID = re.compile(r"[a-z0-9]([\s-]*[a-z0-9]){11}")  # an ID read out: 87i6 bvw8 dtn1

_AROUND_CODE = ".,;:!?()[]`*_~"  # punctuation and Slack's formatting, copied along
_AROUND_ID = f"{_AROUND_CODE}\"'"
_BEFORE_PUNCTUATION = re.compile(r"\s*\(\s*\)|\s+(?=[,.;:!?])")  # left by a removed mention


@dataclass(frozen=True)
class MeetRequest:
    """A request to start a meeting.

    Attributes:
        name: the meeting's name, if any.
        region: the code of the requested region, if any.
        invited: the user IDs of the people mentioned.
        unknown: a word like `@ann` that Slack didn't convert to a mention, if any.
    """

    name: str | None = None
    region: str | None = None
    invited: tuple[str, ...] = ()
    unknown: str | None = None


@dataclass(frozen=True)
class CheckRequest:
    """A request to check a meeting.

    Attributes:
        meeting_id: the ID in what was typed, if any.
        name: what was typed, if it may be a name; a room with this name wins over the ID.
    """

    meeting_id: str | None = None
    name: str | None = None


class HelpRequest:
    """A request for help."""


def parse_meet(text: str, regions: Mapping[str, str] = REGIONS) -> MeetRequest | HelpRequest:
    """Parse what follows `/meet`: `[name] [region]`.

    Args:
        text: everything after the command, as Slack sends it.
        regions: the known regions, by code.

    Raises:
        TypingError: it makes no sense; options and regions are never part of a name.
    """

    def is_region(word: str) -> bool:
        return _codes(straighten(word), regions) != [""]

    people = split_off_people(text, is_region) if "<@" in text else People(clean(markup.read(text)))
    try:
        wanted = _parse_rest(people.rest, regions)
    except TypingError as mistake:
        mistake.invited = people.typed
        raise
    if isinstance(wanted, HelpRequest) or "@" not in text:
        return wanted
    return replace(wanted, invited=people.ids, unknown=unknown_person(text, is_region))


def _parse_rest(typed: str, regions: Mapping[str, str]) -> MeetRequest | HelpRequest:
    straight = straighten(typed)
    if _HELP.fullmatch(unicodedata.normalize("NFKC", straight)):
        return HelpRequest()
    quoted = _QUOTED.fullmatch(straight)
    [code] = _codes(quoted["region"], regions) if quoted and quoted["region"] else [""]
    if quoted and (code or not quoted["region"]):
        name, word = typed[slice(*quoted.span("name"))], quoted["region"]
    else:
        if "-" in straight or ":" in straight or "=" in straight:
            _reject_options(typed, straight, regions)
        codes = _codes(straight, regions)
        # Only codes with a digit count: `in` could be an operator's.
        found = {code for code in codes if code in regions and not code.isalpha()}
        if not found.isdisjoint(codes[:-1]):
            raise _misplaced(typed, codes, found)
        code = codes[-1]
        name, _, word = typed.rpartition(" ") if code else (typed, "", "")
    if code and code not in regions:
        raise UnknownRegionError(clean(f"{name} {word}"), name.strip(), word)
    return MeetRequest(checked_name(name), code or None)


def _reject_options(typed: str, straight: str, regions: Mapping[str, str]) -> None:
    """Raise TypingError for a labelled region, and for words that start with a dash."""
    labelled = _LABELLED_REGION.search(straight)
    [code] = _codes(labelled["code"], regions) if labelled else [""]
    if labelled and code:
        rest = clean(f"{typed[: labelled.start()]} {typed[labelled.end() :]}")
        if code not in regions:
            raise UnknownRegionError(typed, rest, labelled["code"])
        raise MisplacedRegionError(typed, rest, code)
    if option := _OPTION.search(straight):
        raise OptionError(typed, typed[option.start() :].partition(" ")[0])


def _misplaced(typed: str, codes: list[str], found: set[str]) -> MisplacedRegionError:
    """Return the error for regions before the last word."""
    words = zip(typed.split(" "), codes, strict=True)
    rest = [word for word, code in words if code not in found]
    last = [code for code in codes if code in found][-1]
    return MisplacedRegionError(typed, " ".join(rest), last)


def _codes(straight: str, regions: Mapping[str, str]) -> list[str]:
    """Return, for each word, the code of the region that it names or seems to name, or "".

    Args:
        straight: straightened words; punctuation around them doesn't matter.
        regions: the known regions, by code.
    """
    words = [unicodedata.normalize("NFKC", word).lower() for word in straight.split(" ")]
    codes = [word.strip(_AROUND_CODE) for word in words]
    return [code if code in regions or _LOOKS_LIKE_REGION.fullmatch(code) else "" for code in codes]


def _folded(text: str) -> str:
    """Return text in lower case, with full-width letters (Japanese keyboards) as ASCII."""
    return unicodedata.normalize("NFKC", text).lower()


def checked_name(text: str) -> str | None:
    """Return a meeting's name, stripped, or None if nothing of it is visible.

    Raises:
        LongNameError: it is longer than 80 characters.
    """
    name = text.strip()
    if len(name) > MAX_NAME:
        raise LongNameError(len(name))
    # Combining marks alone would give a card without a visible title.
    return name if [c for c in name if unicodedata.category(c)[0] != "M"] else None


def parse_check(text: str) -> CheckRequest | HelpRequest:
    """Parse what follows `/meet-check`: an ID (bare, in a link or in a sentence) or a name.

    Raises:
        SeveralIdsError: it has more than one ID.
    """
    typed = clean(markup.read(text))
    if not typed or _HELP.fullmatch(_folded(straighten(typed))):
        return HelpRequest()
    for decoded in decodings(markup.targets(text)):
        found = set(_MEETING_ID.findall(_folded(straighten(clean(decoded)))))
        if len(found) > 1:
            raise SeveralIdsError
        if found:
            return CheckRequest(found.pop())
    quoted = _QUOTED.fullmatch(straighten(typed))
    name = typed[slice(*quoted.span("name"))] if quoted and not quoted["region"] else typed
    return CheckRequest(_spoken_id(typed), name)


def _spoken_id(typed: str) -> str | None:
    """Return the meeting ID in forms like `87i6 bvw8 dtn1` or `87I6BVW8DTN1`, or None."""
    plain = _folded(straighten(typed)).strip(_AROUND_ID)
    if not _SPOKEN_ID.fullmatch(plain):
        return None
    digits = re.sub(r"[\s-]", "", plain)
    return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def first_words(text: str) -> str | None:
    """Return a name for a meeting about a message: its first words, or None if it has none."""
    spoken = _BEFORE_PUNCTUATION.sub("", clean(markup.spoken(text)))
    words, name = spoken.split(" "), ""
    for word in words:
        if len(name) + len(word) >= _FIRST_WORDS:
            break
        name = f"{name} {word}".strip()
    name = _trimmed(name or words[0][:_FIRST_WORDS])
    return name if any(c.isalnum() for c in name) else None


def _trimmed(name: str) -> str:
    """Return a name without the punctuation that removed mentions or the cut leave at its ends."""
    return name.lstrip(",.;:!?-–—)] ").rstrip(",;:-–—([ ")


def in_quotes(name: str) -> str:
    """Return a name in quotes, so that the command takes all of it as the name."""
    if '"' not in straighten(name):
        return f'"{name}"'
    if "'" not in straighten(name):
        return f"'{name}'"
    return f'"{"".join(c for c in name if straighten(c) != chr(34))}"'


def quoted(name: str, regions: Mapping[str, str] = REGIONS) -> str:
    """Return a name as it must be typed after the command, in quotes if needed."""
    try:
        plain = parse_meet(name, regions)
    except TypingError:
        plain = None
    return name if plain == MeetRequest(name) else in_quotes(name)

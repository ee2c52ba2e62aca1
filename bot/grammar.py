"""Read what people type after /meet and /meet-check."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from bot.videosdk import REGIONS, nearest_region

MAX_NAME = 80  # characters
_FIRST_WORDS = 50  # characters of a message that name a meeting about it

_HELP = {"help", "?"}
_LOOKS_LIKE_REGION = re.compile(r"[a-z]{2,3}[0-9]{3}")
_QUOTED = re.compile(r"(?P<quote>[\"'])(?P<name>((?!(?P=quote)).)*)(?P=quote)(\s+(?P<region>\S+))?")
_MEETING_ID = re.compile(r"(?<![a-z0-9-])[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}(?![a-z0-9-])")

# What keyboards make of quotes and dashes while people type.
_TYPED = str.maketrans(
    dict.fromkeys("“”„‟«»″＂", '"')
    | dict.fromkeys("‘’‚‛‹›′＇", "'")
    | dict.fromkeys("‐‑‒–—―−－", "-")
)
_AROUND_CODE = ".,;:!?()[]`*_~"  # punctuation and Slack's formatting, as people copy it along
# Slack's forms of mentions, channels and links: <@U1|ann>, <#C1|general>, <https://…|label>.
_SLACK_FORM = re.compile(
    r"<(?P<kind>[@#]|(?=https?://|mailto:))(?P<id>[^<>|]*)(?:\|(?P<label>[^<>]*))?>"
)
# One joiner belongs between two letters of some scripts or parts of an emoji; others only hide.
_JOINERS = {"\u200c", "\u200d"}
_STRAY_JOINER = re.compile(
    r"(?<![^\x00-\x7f\u200c\u200d])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f\u200c\u200d])"
)
_INVISIBLE = {"Cc", "Cf", "Cs"}  # control, format (bidi, zero-width), lone surrogates
_BLANKS = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters and marks without ink


@dataclass(frozen=True)
class MeetRequest:
    """A meeting that somebody asks for: its name and region, either of which may be missing."""

    name: str | None = None
    region: str | None = None


class HelpRequest:
    """Somebody asks how this works."""


class UsageError(Exception):
    """What was typed cannot be meant; the message says so, and what to type instead."""


class NoMeetingIdError(UsageError):
    """There is no meeting ID in what was typed.

    Attributes:
        typed: what was typed instead, which may be a name.
    """

    def __init__(self, typed: str) -> None:
        super().__init__(
            "I see no meeting ID in that. An ID looks like `87i6-bvw8-dtn1`: copy it from the "
            "meeting's card, or paste the join link."
        )
        self.typed = typed


def normalise(text: str) -> str:
    """Return the text as meant: plain quotes and dashes, single spaces, nothing invisible.

    Slack escapes `&`, `<` and `>` in what it delivers; that is taken back once.
    """
    text = _SLACK_FORM.sub(_as_typed, text)
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, char)
    return clean(text.translate(_TYPED))


def clean(text: str) -> str:
    """Return text from a stranger on one line, without control and invisible characters."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(" " if c.isspace() else c for c in text)
        text = "".join(c for c in text if c in _JOINERS or _is_visible(c))
        text = _STRAY_JOINER.sub("", text)
    return " ".join(text.split())


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in _INVISIBLE and char not in _BLANKS


def _as_typed(form: re.Match[str]) -> str:
    label = form["label"]
    if form["kind"]:
        return form["kind"] + (label or form["id"])
    return label or form["id"]


def parse_meet(text: str, regions: Mapping[str, str] = REGIONS) -> MeetRequest | HelpRequest:
    """Return what `/meet [name] [region]` asks for.

    Args:
        text: everything after the command, as Slack delivers it.
        regions: the known codes.

    Raises:
        UsageError: the last word looks like a region and is none, or the name is too long.
    """
    text = normalise(text)
    if _folded(text) in _HELP:
        return HelpRequest()
    quoted = _QUOTED.fullmatch(text)
    if quoted and not quoted["region"]:
        return MeetRequest(name=_name(quoted["name"]))
    name, _, last = text.rpartition(" ")
    code = _folded(last).strip(_AROUND_CODE)
    if code not in regions and not _LOOKS_LIKE_REGION.fullmatch(code):
        return MeetRequest(name=_name(text))
    if quoted:
        name = quoted["name"]
    return MeetRequest(_name(name), _region(code, regions))


def _folded(text: str) -> str:
    """Return text in small letters, and full-width letters (Japanese keyboards) as plain ones."""
    return unicodedata.normalize("NFKC", text).lower()


def _region(code: str, regions: Mapping[str, str]) -> str:
    if code in regions:
        return code
    nearest = nearest_region(code, regions)
    meant = f" Did you mean `{nearest}` ({regions[nearest]})?" if nearest else ""
    known = ", ".join(f"`{known}`" for known in regions)
    raise UsageError(
        f"`{code}` is not a region that I know.{meant} The regions are {known}. "
        f'If it belongs to the name, put the whole name in quotes, like `"room {code}"`.'
    )


def _name(text: str) -> str | None:
    name = text.strip()
    if len(name) > MAX_NAME:
        raise UsageError(
            f"That name is {len(name)} characters long, and {MAX_NAME} is the limit. "
            "Please shorten it and try again."
        )
    # Marks without a letter to stand on would make a card without a title.
    return name if any(unicodedata.category(c)[0] != "M" for c in name) else None


def parse_check(text: str) -> str | HelpRequest:
    """Return the meeting ID in what follows `/meet-check`: bare, quoted, in a link or a sentence.

    Raises:
        UsageError: there is no ID in it, or more than one.
    """
    typed = normalise(_SLACK_FORM.sub(lambda form: f" {form['id']} ", text))
    if not typed or _folded(typed) in _HELP:
        return HelpRequest()
    found: set[str] = set(_MEETING_ID.findall(_folded(typed)))
    if len(found) == 1:
        return found.pop()
    if found:
        raise UsageError("That is more than one meeting ID. Please check one at a time.")
    raise NoMeetingIdError(typed)


def first_words(text: str) -> str | None:
    """Return what a meeting about a message is called: the message's first words."""
    words, name = normalise(text).split(" "), ""
    for word in words:
        if len(name) + len(word) >= _FIRST_WORDS:
            break
        name = f"{name} {word}".strip()
    return _name(name or words[0][:_FIRST_WORDS])


def quoted(name: str) -> str:
    """Return a name so that the command reads it as a name, and nothing else."""
    quote = "'" if '"' in name else '"'
    try:
        plain = parse_meet(name)
    except UsageError:
        plain = None
    return name if plain == MeetRequest(name) else f"{quote}{name}{quote}"

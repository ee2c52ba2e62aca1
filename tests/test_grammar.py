"""What people type is understood, or answered with what to type instead."""

# ruff: noqa: RUF001 - curly quotes, dashes and full-width letters are what it is about

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.grammar import (
    MAX_NAME,
    HelpRequest,
    MeetRequest,
    UsageError,
    clean,
    normalise,
    parse_check,
    parse_meet,
    quoted,
)
from bot.videosdk import REGIONS

ID = "87i6-bvw8-dtn1"
JOINERS = "\u200c\u200d"
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"

quick = settings(max_examples=50, derandomize=True, deadline=None)

# Any text at all, rich in what the grammar looks at.
TRICKY = [
    *"\"'“”‘’«»?-–—  \u00a0\u3000\u200b\u200c\u200d\ufeff\u3164<>|&;`\x00\n",
    *BIDI,
    "👩",
    "é",
]
WORDS = ["help", "us001", "EU001", "uk001", "&lt;", "&amp;", "<@U1|ann>", "<https://a.b|c>", ID]
typed = st.one_of(
    st.text(),
    st.lists(st.sampled_from(TRICKY + WORDS) | st.text(max_size=3)).map("".join),
    st.lists(st.sampled_from(WORDS)).map(" ".join),
)


def understood(text: str) -> MeetRequest:
    """Return the meeting that a text asks for."""
    request = parse_meet(text)
    assert isinstance(request, MeetRequest)
    return request


def outcome(parse: Callable[[str], object], text: str) -> object:
    """Return what a text is read as, or the mistake that is told."""
    try:
        return parse(text)
    except UsageError as mistake:
        return mistake


def refused(text: str) -> str:
    """Return what is said to a text that cannot be meant."""
    with pytest.raises(UsageError) as told:
        parse_meet(text)
    return str(told.value)


@pytest.mark.parametrize(
    ("text", "name", "region"),
    [
        ("", None, None),
        ("   ", None, None),
        ("standup", "standup", None),
        ("Weekly sync us001", "Weekly sync", "us001"),
        ("US001", None, "us001"),
        ("Weekly sync Eu001", "Weekly sync", "eu001"),
        ("us001 standup", "us001 standup", None),
        ("Weekly sync us001.", "Weekly sync", "us001"),
        ("shall we, in (us001)?", "shall we, in", "us001"),
        ("copied from help `us001`", "copied from help", "us001"),
        ("週次 ｕｓ００１", "週次", "us001"),
        ("help me", "help me", None),
        ("?!", "?!", None),
        ("payload=1&command=x", "payload=1&command=x", None),
    ],
)
def test_the_last_word_is_the_region_and_the_rest_the_name(
    text: str, name: str | None, region: str | None
) -> None:
    assert understood(text) == MeetRequest(name, region)


@pytest.mark.parametrize(
    ("text", "name", "region"),
    [
        ('"us001"', "us001", None),
        ("'uk001'", "uk001", None),
        ("“us001”", "us001", None),
        ("„Wöchentlich“ eu001", "Wöchentlich", "eu001"),
        ("＂help＂", "help", None),
        ('"room uk001" SG002', "room uk001", "sg002"),
        ('" spaced  out "', "spaced out", None),
        ('""', None, None),
        ('"" us001', None, "us001"),
        ('the "us001"', 'the "us001"', None),
        ('"Weekly" sync', '"Weekly" sync', None),
        ("'90s night", "'90s night", None),
        ('"Weekly sync us001', '"Weekly sync', "us001"),
        ("Ann's call us001", "Ann's call", "us001"),
    ],
)
def test_quotes_make_any_text_a_name_and_an_unbalanced_one_is_text(
    text: str, name: str | None, region: str | None
) -> None:
    assert understood(text) == MeetRequest(name, region)


@pytest.mark.parametrize("text", ["help", " HELP ", "?", "？", "ｈｅｌｐ", "he\u200blp"])
def test_help_and_a_question_mark_alone_ask_for_help(text: str) -> None:
    assert isinstance(parse_meet(text), HelpRequest)
    assert isinstance(parse_check(text), HelpRequest)


def test_what_looks_like_a_region_and_is_none_is_refused_with_the_nearest_and_all_codes() -> None:
    assert refused("standup uk001") == (
        "`uk001` is not a region that I know. Did you mean `eu001` (Frankfurt, DE)? The regions "
        "are `sg001`, `sg002`, `in002`, `us001`, `eu001`. If it belongs to the name, put the whole "
        'name in quotes, like `"room uk001"`.'
    )


def test_a_code_that_is_like_none_gets_no_guess() -> None:
    assert "Did you mean" not in refused("zzz999")


def test_a_code_that_the_operator_added_is_a_region() -> None:
    regions = {**REGIONS, "mars-1": "Olympus Mons"}

    assert parse_meet("landing MARS-1", regions) == MeetRequest("landing", "mars-1")


def test_a_name_may_have_80_characters_and_no_more() -> None:
    assert understood("é" * 80).name == "é" * 80
    assert refused(f"{'é' * 81} us001") == (
        "That name is 81 characters long, and 80 is the limit. Please shorten it and try again."
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a\u00a0b\u3000c\nd\te", "a b c d e"),
        ("week–ly — sync", "week-ly - sync"),
        ("in\u200bvis\u00adib\ufeffle", "invisible"),
        ("\u202eevil\u2066", "evil"),
        ("bell\x07 and \x00 null", "bell and null"),
        ("a\u200db\u200c c\u200d", "ab c"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻 team", "👩\u200d💻 team"),
        ("é\u200d\u200c\u200dé", "éé"),
        ("\ud800lone", "lone"),
        ("\u3164", ""),
        ("R&amp;D &lt;3", "R&D <3"),
        ("&amp;lt;", "&lt;"),
        ("with <@U012AB3CD|ann> in <#C024BE7LR|general>", "with @ann in #general"),
        ("<@U012AB3CD>", "@U012AB3CD"),
        ("<https://a.b/c|a.b> <https://a.b/c> <mailto:x@y.z|x@y.z>", "a.b https://a.b/c x@y.z"),
        ("1 < 2 | 3 > 2", "1 < 2 | 3 > 2"),
    ],
)
def test_text_is_normalised_to_what_was_meant(text: str, meant: str) -> None:
    assert normalise(text) == meant


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" Ann\t\n Bo ", "Ann Bo"),
        ("\u202eevil\x07\u200b", "evil"),
        ("<@U1|ann> “R&amp;D”", "<@U1|ann> “R&amp;D”"),
        ("\u3164", ""),
    ],
)
def test_text_from_strangers_is_cleaned_and_not_interpreted(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_marks_with_nothing_to_stand_on_are_no_name() -> None:
    assert understood("\ufe0f\u0301").name is None
    assert understood("e\u0301").name == "e\u0301"


@quick
@given(typed)
@example("\u0301\u200d\u0301")
def test_any_text_is_a_meeting_help_or_a_mistake_in_words(text: str) -> None:
    match outcome(parse_meet, text):
        case MeetRequest(name, region):
            assert region is None or region in REGIONS
            assert name is None or is_clean(name)
        case UsageError() as mistake:
            assert str(mistake).isprintable()
        case answer:
            assert isinstance(answer, HelpRequest)


def is_clean(name: str) -> bool:
    """Tell whether a name is short, trimmed, on one line, and hides nothing."""
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return (
        0 < len(name) <= MAX_NAME
        and name == " ".join(name.split())
        and not any(unicodedata.category(c) in hidden for c in name if c not in JOINERS)
        and not re.search(rf"[{BIDI}]", name)
        and all(is_inside_word(name, at) for at, char in enumerate(name) if char in JOINERS)
    )


def is_inside_word(name: str, at: int) -> bool:
    """Tell whether a joiner stands between two visible characters beyond ASCII."""
    around = name[at - 1 : at] + name[at + 1 : at + 2]
    return len(around) == 2 and not around.isascii() and not set(around) & {*JOINERS, " "}


@quick
@given(typed, st.sampled_from(["us001", "US001", "uS001", "eu001", "In002"]))
def test_a_known_code_as_the_last_word_is_always_the_region(text: str, code: str) -> None:
    match outcome(parse_meet, f"{text} {code}"):
        case MeetRequest(_, region):
            assert region == code.lower()
        case mistake:
            assert "characters long" in str(mistake)


@quick
@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=80))
def test_any_text_in_quotes_is_the_name(text: str) -> None:
    name = normalise(text).replace('"', "")

    assert understood(f'"{name}"').name in {name.strip(), None}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Weekly sync", "Weekly sync"),
        ("Ann's call", "Ann's call"),
        ("us001", '"us001"'),
        ("room uk001", '"room uk001"'),
        ("help", '"help"'),
        ('"us001"', "'\"us001\"'"),
        ("x" * 81, f'"{"x" * 81}"'),
    ],
)
def test_a_name_is_shown_in_quotes_where_the_command_needs_them(name: str, shown: str) -> None:
    assert quoted(name) == shown


@quick
@given(st.lists(st.sampled_from([*WORDS, '"', "'", "sync", "-"]), min_size=1).map(" ".join))
def test_a_name_that_is_typed_as_shown_is_the_same_name(text: str) -> None:
    request = outcome(parse_meet, text)
    if not isinstance(request, MeetRequest) or not request.name or len({*"\"'"} & {*text}) == 2:
        return

    assert parse_meet(quoted(request.name)) == MeetRequest(request.name)


@quick
@given(typed)
def test_what_was_normalised_stays_as_it_is(text: str) -> None:
    once = normalise(text)

    if not re.search(r"&(lt|gt|amp);|<.*>", once):
        assert normalise(once) == once


@pytest.mark.parametrize(
    "text",
    [
        ID,
        ID.upper(),
        f"`{ID}`",
        f"“{ID}”",
        f"is {ID} still open?",
        "87i6–bvw8–dtn1",
        f"\u2068{ID}\u2069",
        f"https://meet.example.com/{ID}?from=card",
        f"<https://meet.example.com/{ID}>",
        f"<https://meet.example.com/{ID.upper()}|the call>",
        f"https://meet.example.com/join?room={ID}&amp;name=ann",
        f"{ID} or https://meet.example.com/{ID}",
    ],
)
def test_an_id_is_found_in_any_wrapping(text: str) -> None:
    assert parse_check(text) == ID


@pytest.mark.parametrize(
    "text", ["standup", "87i6-bvw8", f"{ID}-x1y2", f"x{ID}", "550e8400-e29b-41d4-a716-446655440000"]
)
def test_what_is_no_id_is_answered_with_what_one_looks_like(text: str) -> None:
    with pytest.raises(UsageError, match="An ID looks like `87i6-bvw8-dtn1`"):
        parse_check(text)


def test_two_ids_are_one_too_many() -> None:
    with pytest.raises(UsageError, match="one at a time"):
        parse_check(f"{ID} pbow-6vec-vahn")


def test_nothing_to_check_asks_for_help() -> None:
    assert isinstance(parse_check(" \u200b "), HelpRequest)


@quick
@given(typed)
def test_any_text_is_an_id_help_or_a_mistake_in_words(text: str) -> None:
    match outcome(parse_check, text):
        case str(meeting_id):
            assert re.fullmatch(r"[a-z0-9]{4}(-[a-z0-9]{4}){2}", meeting_id)
        case UsageError() as mistake:
            assert str(mistake).isprintable()
        case answer:
            assert isinstance(answer, HelpRequest)

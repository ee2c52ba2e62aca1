"""Commands are parsed, or rejected with the error that says what to type instead."""

# ruff: noqa: RUF001 - curly quotes, dashes and full-width letters are what it is about

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.grammar.commands import (
    MAX_NAME,
    CheckRequest,
    HelpRequest,
    MeetRequest,
    first_words,
    parse_check,
    parse_meet,
    quoted,
)
from bot.grammar.errors import (
    LongNameError,
    MisplacedRegionError,
    OptionError,
    SeveralIdsError,
    TypingError,
    UnknownRegionError,
)
from bot.grammar.markup import read
from bot.grammar.text import clean, straighten
from bot.videosdk import REGIONS

ID = "87i6-bvw8-dtn1"
JOINERS = "\u200c\u200d"
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"

quick = settings(max_examples=50, derandomize=True, deadline=None)

# Arbitrary text, rich in what the grammar looks for.
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
    """Return the meeting that a text requests."""
    request = parse_meet(text)
    assert isinstance(request, MeetRequest)
    return request


def outcome(parse: Callable[[str], object], text: str) -> object:
    """Return the parsed request, or the error."""
    try:
        return parse(text)
    except TypingError as mistake:
        return mistake


@pytest.mark.parametrize(
    ("text", "name", "region"),
    [
        ("", None, None),
        ("   ", None, None),
        ("standup", "standup", None),
        ("Weekly sync us001", "Weekly sync", "us001"),
        ("US001", None, "us001"),
        ("Weekly sync Eu001", "Weekly sync", "eu001"),
        ("Weekly sync us001.", "Weekly sync", "us001"),
        ("shall we, in (us001)?", "shall we, in", "us001"),
        ("copied from help `us001`", "copied from help", "us001"),
        ("週次 ｕｓ００１", "週次", "us001"),
        ("help me", "help me", None),
        ("?!", "?!", None),
        ("Weekly - sync", "Weekly - sync", None),
        ("week–ly — sync", "week–ly — sync", None),
        ("region north", "region north", None),
        ("region: north", "region: north", None),
        ("CS101 study", "CS101 study", None),
        ("payload=1&command=x", "payload=1&command=x", None),
        (":tada: launch us001", "🎉 launch", "us001"),
        ("launch :partyparrot: 10:30:45", "launch :partyparrot: 10:30:45", None),
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
        ("「週次」 us001", "週次", "us001"),
        ("« hebdo »", "hebdo", None),
        ("《周会》", "周会", None),
        ('"--verbose"', "--verbose", None),
        ('"us001 standup"', "us001 standup", None),
        ("“Ann’s call”", "Ann’s call", None),
        ('"room uk001" SG002', "room uk001", "sg002"),
        ('" spaced  out "', "spaced out", None),
        ('""', None, None),
        ('"" us001', None, "us001"),
        ('the "us001"', 'the "us001"', None),
        ('"Weekly" sync', '"Weekly" sync', None),
        ("the “big” one", "the “big” one", None),
        ("'90s night", "'90s night", None),
        ('"Weekly sync us001', '"Weekly sync', "us001"),
        ("Ann's call us001", "Ann's call", "us001"),
    ],
)
def test_anything_in_quotes_is_a_name_and_an_unbalanced_quote_is_text(
    text: str, name: str | None, region: str | None
) -> None:
    assert understood(text) == MeetRequest(name, region)


@pytest.mark.parametrize(
    "text",
    ["help", " HELP ", "?", "？", "ｈｅｌｐ", "he\u200blp", "-h", "--help", "—help", "–h", "-?"],
)
def test_every_spelling_of_help_gives_help(text: str) -> None:
    assert isinstance(parse_meet(text), HelpRequest)
    assert isinstance(parse_check(text), HelpRequest)


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("--verbose", "--verbose"),
        ("—verbose standup", "—verbose"),
        ("standup –v", "–v"),
        ("-", "-"),
        ("- standup", "-"),
        ("standup -5", "-5"),
    ],
)
def test_a_word_that_starts_with_a_dash_is_never_part_of_a_name(text: str, option: str) -> None:
    mistake = outcome(parse_meet, text)

    assert isinstance(mistake, OptionError)
    assert (mistake.typed, mistake.option) == (text, option)


@pytest.mark.parametrize(
    ("text", "name", "region"),
    [
        ("us001 standup", "standup", "us001"),
        ("(US001) standup", "standup", "us001"),
        ("weekly us001 sync", "weekly sync", "us001"),
        ("us001 eu001", "", "eu001"),
        ("region:us001", "", "us001"),
        ("standup region = EU001", "standup", "eu001"),
        ("Region: us001 standup", "standup", "us001"),
        ("standup --region us001", "standup", "us001"),
        ("—region=us001 standup", "standup", "us001"),
        ("-r us001", "", "us001"),
    ],
)
def test_a_region_anywhere_but_at_the_end_is_never_part_of_a_name(
    text: str, name: str, region: str
) -> None:
    mistake = outcome(parse_meet, text)

    assert isinstance(mistake, MisplacedRegionError)
    assert (mistake.typed, mistake.name, mistake.region) == (text, name, region)


@pytest.mark.parametrize(
    ("text", "typed", "name", "code"),
    [
        ("standup uk001", "standup uk001", "standup", "uk001"),
        ("study CS101", "study CS101", "study", "CS101"),
        ("“study group” CS101", "study group CS101", "study group", "CS101"),
        ("study region:cs101", "study region:cs101", "study", "cs101"),
        ("CS101", "CS101", "", "CS101"),
    ],
)
def test_an_unknown_region_is_reported_with_the_words_that_were_typed(
    text: str, typed: str, name: str, code: str
) -> None:
    mistake = outcome(parse_meet, text)

    assert isinstance(mistake, UnknownRegionError)
    assert (mistake.typed, mistake.name, mistake.code) == (typed, name, code)


def test_a_code_that_the_operator_added_is_a_region() -> None:
    regions = {**REGIONS, "mars-1": "Olympus Mons"}

    assert parse_meet("landing MARS-1", regions) == MeetRequest("landing", "mars-1")
    with pytest.raises(MisplacedRegionError):
        parse_meet("mars-1 landing", regions)


def test_a_code_that_could_be_a_word_is_a_region_only_at_the_end() -> None:
    regions = {**REGIONS, "in": "Mumbai"}

    assert parse_meet("all in one", regions) == MeetRequest("all in one")
    assert parse_meet("all in", regions) == MeetRequest("all", "in")


def test_a_name_may_have_80_characters_and_no_more() -> None:
    assert understood("é" * 80).name == "é" * 80
    with pytest.raises(LongNameError) as raised:
        parse_meet(f"{'é' * 81} us001")
    assert raised.value.length == 81


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a\u00a0b\u3000c\nd\te", "a b c d e"),
        ("week–ly — “sync”", "week–ly — “sync”"),
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
    ],
)
def test_text_is_normalised_to_what_slack_shows(text: str, meant: str) -> None:
    assert clean(read(text)) == meant


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" Ann\t\n Bo ", "Ann Bo"),
        ("\u202eevil\x07\u200b", "evil"),
        ("<@U1|ann> “R&amp;D”", "<@U1|ann> “R&amp;D”"),
        ("\u3164", ""),
    ],
)
def test_foreign_text_is_cleaned_and_not_interpreted(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_combining_marks_alone_are_not_a_name() -> None:
    assert understood("\ufe0f\u0301").name is None
    assert understood("e\u0301").name == "e\u0301"


@quick
@given(typed)
@example("\u0301\u200d\u0301")
def test_any_text_is_a_meeting_help_or_an_error(text: str) -> None:
    match outcome(parse_meet, text):
        case MeetRequest(name, region):
            assert region is None or region in REGIONS
            assert name is None or is_clean(name)
        case answer:
            assert isinstance(answer, (HelpRequest, TypingError))


def is_clean(name: str) -> bool:
    """Return whether a name is short, trimmed, on one line, and without invisible characters."""
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return (
        0 < len(name) <= MAX_NAME
        and name == " ".join(name.split())
        and not any(unicodedata.category(c) in hidden for c in name if c not in JOINERS)
        and not re.search(rf"[{BIDI}]", name)
        and all(is_inside_word(name, at) for at, char in enumerate(name) if char in JOINERS)
    )


def is_inside_word(name: str, at: int) -> bool:
    """Return whether a joiner is between two visible characters beyond ASCII."""
    around = name[at - 1 : at] + name[at + 1 : at + 2]
    return len(around) == 2 and not around.isascii() and not set(around) & {*JOINERS, " "}


@quick
@given(typed, st.sampled_from(["us001", "US001", "uS001", "eu001", "In002"]))
def test_a_known_code_as_the_last_word_is_always_the_region(text: str, code: str) -> None:
    match outcome(parse_meet, f"{text} {code}"):
        case MeetRequest(_, region) | MisplacedRegionError(region=region):
            assert region == code.lower()
        case mistake:
            assert isinstance(mistake, (LongNameError, OptionError, UnknownRegionError))


@quick
@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=80))
def test_any_text_in_quotes_is_the_name(text: str) -> None:
    name = "".join(char for char in clean(read(text)) if straighten(char) != '"')

    assert understood(f'"{name}"').name in {name.strip(), None}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Weekly sync", "Weekly sync"),
        ("Ann's call", "Ann's call"),
        ("us001", '"us001"'),
        ("room uk001", '"room uk001"'),
        ("help", '"help"'),
        ("us001 standup", '"us001 standup"'),
        ("--help", '"--help"'),
        ('"us001"', "'\"us001\"'"),
        ("Ann's “big” us001", '"Ann\'s big us001"'),
        ("x" * 81, f'"{"x" * 81}"'),
    ],
)
def test_a_name_is_shown_in_quotes_where_the_command_needs_them(name: str, shown: str) -> None:
    assert quoted(name) == shown


@quick
@given(st.lists(st.sampled_from([*WORDS, '"', "'", "sync", "-"]), min_size=1).map(" ".join))
def test_a_name_typed_as_shown_is_the_same_name(text: str) -> None:
    request = outcome(parse_meet, text)
    if not isinstance(request, MeetRequest) or not request.name or len({*"\"'"} & {*text}) == 2:
        return

    assert parse_meet(quoted(request.name)) == MeetRequest(request.name)


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
        f"<https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fm.ex%2F{ID}&amp;data=0|x>",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__m.ex_87i6-2Dbvw8-2Ddtn1&d=x",
        f"https://urldefense.com/v3/__https://m.ex/{ID}__;!!x$",
    ],
)
def test_an_id_is_found_in_any_wrapping(text: str) -> None:
    assert parse_check(text) == CheckRequest(ID)


@pytest.mark.parametrize(
    "text",
    [
        "87i6 bvw8 dtn1",
        "87I6BVW8DTN1",
        "8 7 i 6 - b v w 8 - d t n 1",
        "`87i6 bvw8 dtn1`.",
        "87i6  –  bvw8 – dtn1",
    ],
)
def test_an_id_read_out_may_also_be_a_name(text: str) -> None:
    assert parse_check(text) == CheckRequest(ID, clean(read(text)))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("standup", "standup"),
        ("“Weekly sync”", "Weekly sync"),
        ('"standup" us001', '"standup" us001'),
        ("87i6-bvw8", "87i6-bvw8"),
        (f"{ID}-x1y2", f"{ID}-x1y2"),
        (f"x{ID}", f"x{ID}"),
        ("550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"),
    ],
)
def test_text_without_an_id_may_be_a_name(text: str, name: str) -> None:
    assert parse_check(text) == CheckRequest(None, name)


def test_two_ids_are_an_error() -> None:
    with pytest.raises(SeveralIdsError):
        parse_check(f"{ID} pbow-6vec-vahn")


def test_an_empty_check_gives_help() -> None:
    assert isinstance(parse_check(" \u200b "), HelpRequest)


@quick
@given(typed)
def test_any_text_to_check_is_an_id_a_name_help_or_an_error(text: str) -> None:
    match outcome(parse_check, text):
        case CheckRequest(meeting_id, name):
            assert meeting_id or name
            assert not meeting_id or re.fullmatch(r"[a-z0-9]{4}(-[a-z0-9]{4}){2}", meeting_id)
        case answer:
            assert isinstance(answer, (HelpRequest, SeveralIdsError))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", None),
        ("word " * 30, " ".join(["word"] * 10)),
        ("x" * 200, "x" * 50),
        ("hi", "hi"),
        (
            "<@U04JONASBK>, can you look at `make test` in <#C1|build>? <https://ci.ex/1|It's red>",
            "can you look at make test in #build? It's red",
        ),
        ("*Weekly* _sync_ :tada::skin-tone-2: with ~Ann~ Ben", "Weekly sync with Ann Ben"),
        ("&gt; quoted\n• one &amp; two", "quoted one & two"),
        ("```\nTraceback\n``` why (<@U04JONASBK>)?", "why?"),
        ("https://a.b <https://www.example.com/a/b?c=1>", "https://a.b example.com"),
        ("see <http://[a> and <http://b.ex/:x:>", "see and b.ex"),
        ("<!here> <!subteam^S1|@devs> deploy", "@here @devs deploy"),
        ("at 10:30:45, snake_case and 2*3*4 stay", "at 10:30:45, snake_case and 2*3*4 stay"),
        ("*_~`deep`~_*", "deep"),
        (":tada: <@U04JONASBK> ```x```", None),
        ("<@U04JONASBK> ... ?!", None),
    ],
)
def test_a_message_gives_a_name_in_plain_words(text: str, name: str | None) -> None:
    assert first_words(text) == name


@quick
@given(typed)
def test_any_message_gives_a_name_or_none(text: str) -> None:
    name = first_words(text)

    assert name is None or is_clean(name)


def test_a_giant_message_is_parsed_fast() -> None:
    assert first_words("*a " * 13_000) == " ".join(["*a"] * 17)

"""Sentences about typing mistakes contain a command to copy."""

import re

import pytest

from bot.grammar.commands import parse_check, parse_meet
from bot.grammar.errors import TypingError
from bot.slack.wording.typing import hint, listed
from bot.videosdk import REGIONS

ID = "87i6-bvw8-dtn1"


def told(typed: str) -> str:
    """Return the sentence for a mistyped command."""
    with pytest.raises(TypingError) as mistake:
        parse_meet(typed)
    return hint(mistake.value, "/meet", REGIONS)


@pytest.mark.parametrize(
    ("typed", "commands"),
    [
        ("standup —fast", ['/meet "standup —fast"', "/meet help"]),
        ("us001 standup", ["/meet standup us001", '/meet "us001 standup"']),
        ("us001 eu001", ["/meet eu001", '/meet "us001 eu001"']),
        ("region:us001", ["/meet us001", '/meet "region:us001"']),
        ("help us001 me", ["/meet help me us001", '/meet "help us001 me"']),
        ("help region:us001", ['/meet "help" us001', '/meet "help region:us001"']),
        ("study CS101", ['/meet "study CS101"']),
        ("uk001", ['/meet "uk001"', "/meet eu001"]),
        ('"us001" uk001', ['/meet "us001 uk001"', '/meet "us001" eu001']),
        ("R&amp;D &lt;3 zzz999", ['/meet "R&amp;D &lt;3 zzz999"']),
        ("fix `main` zzz999", ['/meet "fix main zzz999"']),
    ],
)
def test_a_mistake_comes_with_the_right_command_to_copy(typed: str, commands: list[str]) -> None:
    assert re.findall(r"`(/meet[^`]*)`", told(typed)) == commands


def test_a_mistake_is_explained_in_short_sentences() -> None:
    assert told("--fast") == (
        "I don't know the option `--fast`. If it's part of the name, put the name in quotes: "
        '`/meet "--fast"`. To see what I can do, type `/meet help`.'
    )
    assert told("us001 standup") == (
        "A meeting has one region, and it goes last: `/meet standup us001`. If it's part of the "
        'name, put the name in quotes: `/meet "us001 standup"`.'
    )
    assert told("study uk001") == (
        "I don't know the region `uk001`. If it's part of the name, put the name in quotes: "
        '`/meet "study uk001"`. Did you mean Frankfurt, DE? Then type `/meet study eu001`. '
        "The regions are `sg001`, `sg002`, `in002`, `us001`, `eu001`."
    )
    assert told("x" * 81) == (
        "That name is 81 characters long, and the limit is 80. Please shorten it."
    )


def test_several_ids_are_a_mistake_that_is_explained() -> None:
    with pytest.raises(TypingError) as mistake:
        parse_check(f"{ID} pbow-6vec-vahn")

    assert hint(mistake.value, "/meet", REGIONS) == (
        "I see more than one meeting ID in that. Please check one at a time."
    )


def test_a_long_list_ends_with_how_many_more_there_are() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed((str(number) for number in range(32)), "·").endswith("28·29 and 2 more")

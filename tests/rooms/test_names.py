"""Different spellings of a name lead to the same room."""

# ruff: noqa: RUF001 - letters and marks that look alike are what it is about

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rooms.names import fold

STANDUP = [
    "standup",
    "Standup",
    "STANDUP!",
    "*standup*",
    "_*standup*_",
    "`standup`",
    "“standup”",
    "«standup»",
    "„standup“",
    "「standup」",
    "(standup)",
    "standup…",
    "standup。",
    "¿standup?",
    "ｓｔａｎｄｕｐ",
    "- standup -",
]


def test_formatting_quotes_punctuation_and_case_are_ignored() -> None:
    assert {fold(name) for name in STANDUP} == {"standup"}


@pytest.mark.parametrize(
    "names",
    [
        ["İstanbul", "istanbul", "ISTANBUL", "ıstanbul"],
        ["✔️ done", "✔ done"],
        ["Ann’s call", "Ann's call"],
        ["week–ly", "week-ly"],
        ["été", "e\u0301te\u0301"],
        ["Straße", "STRASSE"],
        ["*Weekly* sync", "Weekly sync"],
        ["葛󠄀城", "葛城"],
        [":tada: launch", "🎉 launch", "*:tada:* Launch!"],
        [":wave::skin-tone-2: team", ":wave: team", "👋🏻 team", "👋 team"],
        [":heart: it", "❤️ it", "❤ it"],
        ["👨🏽‍💻 pairing", ":male-technologist: pairing"],
    ],
)
def test_equivalent_characters_give_the_same_name(names: list[str]) -> None:
    assert len({fold(name) for name in names}) == 1


@pytest.mark.parametrize(
    "names",
    [
        ["C", "C#", "C++"],
        ["100", "100%"],
        ["team a", "team-a", "team"],
        ["?!", "...", "*"],
        ["週次", "月次"],
        ["#general", "general"],
        [":tada: launch", "tada: launch", "launch"],
        ["🏻", "🏿", "blue 🏻"],
    ],
)
def test_different_names_stay_different(names: list[str]) -> None:
    assert len({fold(name) for name in names}) == len(names)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(
    st.text(
        st.sampled_from("aIİıß .!?*_~`\"'“”«»「」-—#\ufe0f\u0301週")
        | st.characters(exclude_categories=["C"]),
        min_size=1,
        max_size=20,
    )
)
def test_folding_twice_changes_nothing(name: str) -> None:
    once = fold(name)

    assert fold(once) == once
    assert fold(f"*{name}*") == once or not once.strip("*_~` ")

"""Slack's emoji names are replaced by the emoji."""

from pathlib import Path

import pytest

from bot.grammar import emoji_names
from bot.grammar.emoji_names import to_emoji
from bot.sandbox.slack.emoji import BY_NAME

TABLE = Path(emoji_names.__file__).with_name("emoji_names.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (":tada: launch", "🎉 launch"),
        ("launch:tada:", "launch🎉"),
        ("会議:tada:明日", "会議🎉明日"),
        ("_:tada:_ (:rocket:)", "_🎉_ (🚀)"),
        (":heart::+1::skin-tone-4:", "❤️👍🏽"),
        (":partyparrot::tada::no_such_thing:", ":partyparrot:🎉:no_such_thing:"),
        (":flag-de: :first_place_medal: :satellite:", "🇩🇪 🥇 🛰️"),
        (":point_up::skin-tone-2: :male-technologist::skin-tone-6:", "☝🏻 👨🏿‍💻"),
        (":tada::skin-tone-7:", "🎉:skin-tone-7:"),
    ],
)
def test_a_name_becomes_its_emoji_and_an_unknown_one_stays(text: str, shown: str) -> None:
    assert to_emoji(text) == shown


@pytest.mark.parametrize(
    "text", ["10:30:45", "10:100:45", "a:b:c", "standup: 9:00", ":tada", ": tada :", ":TADA:", "::"]
)
def test_colons_alone_are_not_an_emoji(text: str) -> None:
    assert to_emoji(text) == text


def test_every_name_in_the_table_can_be_typed() -> None:
    names = [name for line in TABLE.splitlines() if line[0] != "#" for name in line.split()[:-1]]

    assert len(names) == len(set(names)) > 1900
    assert [name for name in names if to_emoji(f":{name}:") == f":{name}:"] == []


def test_the_names_mean_the_same_as_in_the_sandbox() -> None:
    assert {name: to_emoji(f":{name}:") for name in BY_NAME} == BY_NAME

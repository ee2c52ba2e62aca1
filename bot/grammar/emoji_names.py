"""Turn Slack's names of emoji into the emoji themselves: `:tada:` is 🎉.

A composer sends an emoji by its name: https://github.com/slackapi/bolt-js/issues/1469

The names are in a table beside this file, because the `emoji` package has GitHub's: a quarter of
Slack's names aren't among them (`:flag-de:`, `:first_place_medal:`), and eleven mean another emoji
there (`:satellite:`, `:umbrella:`).
"""

import re
from functools import cache
from pathlib import Path

_RUN = r"(:[a-z0-9_+-]+:)+"
# Between two letters or digits it's none: 10:30:45, a:b:c. Chinese and Japanese have no spaces.
_EMOJI = re.compile(rf"(?<![A-Za-z0-9]){_RUN}|{_RUN}(?![A-Za-z0-9])")
_ONE = re.compile(r":(?P<name>[a-z0-9_+-]+):(:skin-tone-(?P<tone>[2-6]):)?")
_LIGHTEST = 0x1F3FB  # the first of five skin tones, which Slack counts from 2
_VARIATION = "\ufe0f"  # asks for the coloured picture, as a skin tone does by itself


def pictured(text: str) -> str:
    """Return text with emoji in place of their names; a workspace's own emoji keep theirs."""
    return _EMOJI.sub(lambda run: _ONE.sub(_picture, run[0]), text)


def _picture(one: re.Match[str]) -> str:
    picture = _table().get(one["name"])
    if picture is None:
        return one[0]
    if not one["tone"]:
        return picture
    # The tone belongs to the person, who comes first: a man, the tone, a joiner, a computer.
    tone = chr(_LIGHTEST + int(one["tone"]) - 2)
    return f"{picture[0]}{tone}{picture[1:].removeprefix(_VARIATION)}"


@cache
def _table() -> dict[str, str]:
    """Return the emoji by name; the table is read once, for the first name."""
    lines = Path(__file__).with_name("emoji_names.txt").read_text(encoding="utf-8").splitlines()
    entries = [line.split() for line in lines if not line.startswith("#")]
    return {name: picture for *names, picture in entries for name in names}

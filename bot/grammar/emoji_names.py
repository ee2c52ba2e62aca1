"""Replace emoji names with the emoji: `:tada:` becomes 🎉.

Slack's composer sends emoji by name: https://github.com/slackapi/bolt-js/issues/1469

The table next to this file has Slack's names. The `emoji` package has GitHub's instead: a quarter
of Slack's are missing there (`:flag-de:`, `:first_place_medal:`), and eleven mean another emoji
(`:satellite:`, `:umbrella:`).
"""

import re
from functools import cache
from pathlib import Path

_RUN = r"(:[a-z0-9_+-]+:)+"
# Not between two ASCII letters or digits: 10:30:45, a:b:c. Chinese and Japanese have no spaces.
_EMOJI = re.compile(rf"(?<![A-Za-z0-9]){_RUN}|{_RUN}(?![A-Za-z0-9])")
_NAME = re.compile(r":(?P<name>[a-z0-9_+-]+):(:skin-tone-(?P<tone>[2-6]):)?")
_LIGHTEST = 0x1F3FB  # the first of five skin tones, which Slack numbers from 2
_VARIATION = "\ufe0f"  # selects the coloured picture; a skin tone implies it


def to_emoji(text: str) -> str:
    """Replace emoji names in a text; unknown names, such as custom emoji, stay."""
    return _EMOJI.sub(lambda run: _NAME.sub(_emoji, run[0]), text)


def _emoji(found: re.Match[str]) -> str:
    emoji = _table().get(found["name"])
    if emoji is None:
        return found[0]
    if not found["tone"]:
        return emoji
    # The tone follows the person, who comes first: a man, the tone, a joiner, a computer.
    tone = chr(_LIGHTEST + int(found["tone"]) - 2)
    return f"{emoji[0]}{tone}{emoji[1:].removeprefix(_VARIATION)}"


@cache
def _table() -> dict[str, str]:
    """Return the emoji by name, reading the file at the first call."""
    lines = Path(__file__).with_name("emoji_names.txt").read_text(encoding="utf-8").splitlines()
    entries = [line.split() for line in lines if not line.startswith("#")]
    return {name: emoji for *names, emoji in entries for name in names}

"""Slack's names of common emoji: people see the emoji, apps get `:tada:`.

The names are from https://github.com/iamcal/emoji-data, which Slack uses.
"""

import re

NAMES = {
    "😀": "grinning",
    "😂": "joy",
    "🙂": "slightly_smiling_face",
    "😉": "wink",
    "😊": "blush",
    "😍": "heart_eyes",
    "😎": "sunglasses",
    "🤔": "thinking_face",
    "😅": "sweat_smile",
    "😢": "cry",
    "😭": "sob",
    "😱": "scream",
    "😴": "sleeping",
    "🥳": "partying_face",
    "🤖": "robot_face",
    "👋": "wave",
    "👍": "+1",
    "👎": "-1",
    "👏": "clap",
    "🙌": "raised_hands",
    "🙏": "pray",
    "💪": "muscle",
    "👀": "eyes",
    "🧠": "brain",
    "❤️": "heart",
    "💙": "blue_heart",
    "💚": "green_heart",
    "💔": "broken_heart",
    "🎉": "tada",
    "🎂": "birthday",
    "🎁": "gift",
    "🏆": "trophy",
    "🚀": "rocket",
    "🔥": "fire",
    "✨": "sparkles",
    "⭐": "star",
    "💡": "bulb",
    "💯": "100",
    "✅": "white_check_mark",
    "❌": "x",
    "⚠️": "warning",
    "❓": "question",
    "❗": "exclamation",
    "🚨": "rotating_light",
    "🐛": "bug",
    "🔧": "wrench",
    "🔒": "lock",
    "🔗": "link",
    "📌": "pushpin",
    "📅": "date",
    "📈": "chart_with_upwards_trend",
    "📝": "memo",
    "📣": "mega",
    "🔔": "bell",
    "⏰": "alarm_clock",
    "☀️": "sunny",
    "🌈": "rainbow",
    "🌍": "earth_africa",
    "☕": "coffee",
    "🍕": "pizza",
    "🍰": "cake",
    "🍺": "beer",
    "🏖️": "beach_with_umbrella",
    "🏠": "house",
    "🐶": "dog",
    "🐱": "cat",
    "🦄": "unicorn_face",
    "🇩🇪": "flag-de",
    "🇮🇳": "flag-in",
    "🇺🇸": "us",
}
BY_NAME = {name: emoji for emoji, name in NAMES.items()}

_VARIATION = "\ufe0f"  # selects the coloured picture; some keyboards omit it
_LIGHTEST = 0x1F3FB  # the first of five skin tones, which Slack numbers from 2
_NAME_OF = {emoji.rstrip(_VARIATION): name for emoji, name in NAMES.items()}

# A regular expression for any of these emoji, longest first.
EMOJI = "|".join(
    f"{re.escape(emoji)}{_VARIATION}?[\U0001f3fb-\U0001f3ff]?"
    for emoji in sorted(_NAME_OF, key=len, reverse=True)
)


def name_of(emoji: str) -> str:
    """Return the name of an emoji that EMOJI matches, like `+1` or `+1::skin-tone-3`."""
    tone = ord(emoji[-1]) - _LIGHTEST
    if 0 <= tone < 5:  # noqa: PLR2004 - there are five
        return f"{name_of(emoji[:-1])}::skin-tone-{tone + 2}"
    return _NAME_OF[emoji.rstrip(_VARIATION)]


def to_emoji(text: str) -> str:
    """Replace emoji names in a text; unknown names stay."""
    return re.sub(r":([a-z0-9_+'-]+):", lambda found: BY_NAME.get(found[1], found[0]), text)

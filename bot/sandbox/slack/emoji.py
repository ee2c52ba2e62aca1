"""Slack's names of common emoji: what people see is a picture, what apps get is `:tada:`.

Names as in https://github.com/iamcal/emoji-data, which Slack uses.
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
PICTURES = {name: picture for picture, name in NAMES.items()}

_VARIATION = "\ufe0f"  # asks for the coloured picture; keyboards leave it out at times
_LIGHTEST = 0x1F3FB  # the first of five skin tones, which Slack counts from 2
_BY_PICTURE = {picture.rstrip(_VARIATION): name for picture, name in NAMES.items()}

# Any picture that has a name, the longest first.
PICTURE = "|".join(
    f"{re.escape(picture)}{_VARIATION}?[\U0001f3fb-\U0001f3ff]?"
    for picture in sorted(_BY_PICTURE, key=len, reverse=True)
)


def name_of(picture: str) -> str:
    """Return the name of a picture that PICTURE matches, like `+1` or `+1::skin-tone-3`."""
    tone = ord(picture[-1]) - _LIGHTEST
    if 0 <= tone < 5:  # noqa: PLR2004 - there are five
        return f"{name_of(picture[:-1])}::skin-tone-{tone + 2}"
    return _BY_PICTURE[picture.rstrip(_VARIATION)]


def pictured(text: str) -> str:
    """Return text with pictures for the names in it; unknown names stay."""
    return re.sub(r":([a-z0-9_+'-]+):", lambda found: PICTURES.get(found[1], found[0]), text)

"""What people type is encoded like in Slack."""

import pytest

from bot.sandbox.slack.typed import Composer
from bot.sandbox.slack.workspace import CHANNELS, USERS

MAYA, JONAS = USERS[:2]
PUBLIC, PRIVATE, _ = CHANNELS
COMPOSER = Composer(USERS, CHANNELS)


@pytest.mark.parametrize(
    ("typed", "plain", "escaped"),
    [
        ("/meet standup us001", "/meet standup us001", "/meet standup us001"),
        ("/meet R&D <b>", "/meet R&amp;D &lt;b&gt;", "/meet R&amp;D &lt;b&gt;"),
        ("/meet @jonas", "/meet @jonas", f"/meet <@{JONAS.id}|jonas>"),
        ("/meet @Maya Ortega", "/meet @maya", f"/meet <@{MAYA.id}|maya>"),
        ("/meet @nobody", "/meet @nobody", "/meet @nobody"),
        ("/meet @here", "/meet @here", "/meet <!here>"),
        ("/meet #team-standup", "/meet #team-standup", f"/meet <#{PUBLIC.id}|team-standup>"),
        ("/meet #launch-plan", "/meet #launch-plan", f"/meet <#{PRIVATE.id}|>"),
        (
            "/meet-check https://a.b/?c=1&d=2.",
            "/meet-check https://a.b/?c=1&amp;d=2.",
            "/meet-check <https://a.b/?c=1&amp;d=2>.",
        ),
        ("/meet 🎉 launch", "/meet :tada: launch", "/meet :tada: launch"),
        ("/meet ❤️👍🏽", "/meet :heart::+1::skin-tone-4:", "/meet :heart::+1::skin-tone-4:"),
        ("/meet 🫠 🇫🇷", "/meet 🫠 🇫🇷", "/meet 🫠 🇫🇷"),
    ],
)
def test_a_command_is_encoded_as_the_manifest_says(typed: str, plain: str, escaped: str) -> None:
    assert COMPOSER.command(typed, should_escape=False) == plain
    assert COMPOSER.command(typed, should_escape=True) == escaped


@pytest.mark.parametrize(
    ("typed", "text", "element"),
    [
        ("a & b", "a &amp; b", {"type": "text", "text": "a & b"}),
        ("@MAYA", f"<@{MAYA.id}>", {"type": "user", "user_id": MAYA.id}),
        ("@channel", "<!channel>", {"type": "broadcast", "range": "channel"}),
        (
            "#team-standup",
            f"<#{PUBLIC.id}|team-standup>",
            {"type": "channel", "channel_id": PUBLIC.id},
        ),
        ("https://a.b/c", "<https://a.b/c>", {"type": "link", "url": "https://a.b/c"}),
        (
            "example.com",
            "<http://example.com|example.com>",
            {"type": "link", "url": "http://example.com", "text": "example.com"},
        ),
        (
            "ann@example.com",
            "<mailto:ann@example.com|ann@example.com>",
            {"type": "link", "url": "mailto:ann@example.com", "text": "ann@example.com"},
        ),
        ("🚀", ":rocket:", {"type": "emoji", "name": "rocket"}),
        (
            "`@maya <b>`",
            "`@maya &lt;b&gt;`",
            {"type": "text", "text": "@maya <b>", "style": {"code": True}},
        ),
    ],
)
def test_a_message_has_text_and_rich_text(
    typed: str, text: str, element: dict[str, object]
) -> None:
    section = {"type": "rich_text_section", "elements": [element]}
    rich_text = {"type": "rich_text", "elements": [section]}

    assert COMPOSER.message(typed) == (text, [rich_text])


def test_several_pieces_and_lines_stay_in_order() -> None:
    text, [block] = COMPOSER.message("Hi @jonas, see a.dev/x\nand #general")

    assert text == f"Hi <@{JONAS.id}>, see <http://a.dev/x|a.dev/x>\nand #general"
    kinds = [one["type"] for one in block["elements"][0]["elements"]]
    assert kinds == ["text", "user", "text", "link", "text"]

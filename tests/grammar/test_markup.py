"""Slack's markup is parsed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.grammar.markup import read, targets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("with <@U012AB3CD|ann> in <#C024BE7LR|general>", "with @ann in #general"),
        ("<@U012AB3CD> <@W012AB3CD> <#C024BE7LR> <#C024BE7LR|>", "   "),
        ("<!here> <!channel> <!everyone> <!here|here>", "@here @channel @everyone @here"),
        ("<!subteam^S123|@devs> <!subteam^S123>", "@devs "),
        ("by <!date^1795428000^{date_short}^https://a.b|Nov 26, 2026>", "by Nov 26, 2026"),
        ("<https://a.b/c|a.b> <https://a.b/c>", "a.b https://a.b/c"),
        ("<mailto:x@y.z|x@y.z> <mailto:x@y.z> <tel:+4930123|030 123>", "x@y.z x@y.z 030 123"),
        ("<tel:+4930123>", "+4930123"),
        (":tada: *bold* `code`", "🎉 *bold* `code`"),
        ("R&amp;D &lt;3 &amp;lt;", "R&D <3 &lt;"),
        ("1 < 2 | 3 > 2, <3|4>, <b>", "1 < 2 | 3 > 2, <3|4>, <b>"),
        ("&lt;@U012AB3CD&gt;", "<@U012AB3CD>"),
    ],
)
def test_references_are_replaced_by_their_labels(text: str, shown: str) -> None:
    assert read(text) == shown


def test_references_can_be_replaced_by_their_targets() -> None:
    assert targets("<https://a.b/c?d=1&amp;e=2|here> &amp;") == " https://a.b/c?d=1&e=2  &"


@settings(max_examples=50, derandomize=True, deadline=None)
@given(
    st.sampled_from(["@", "#", "!subteam^"]),
    st.from_regex(r"[UWCS][0-9A-Z]{8}", fullmatch=True),
    st.none() | st.text("abcé .-", max_size=8),
)
def test_no_id_is_ever_shown(sigil: str, target: str, label: str | None) -> None:
    reference = f"<{sigil}{target}{'' if label is None else '|' + label}>"

    assert target not in read(reference)
    assert (label or "") in read(reference)

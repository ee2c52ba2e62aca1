"""Slack shows what was said in a call literally."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.slack.blockkit import problems
from bot.sandbox.slack.chat_api import MAX_UPDATED
from bot.slack.notes import literal
from tests.slack.notes.hostile import SUMMARIES, effects, shown


@settings(max_examples=300, deadline=None, derandomize=True)
@given(summary=SUMMARIES, name=st.text(max_size=20))
def test_summaries_and_names_never_become_markup(summary: str, name: str) -> None:
    message = shown(summary * 9, name)

    assert effects(message) == []
    assert problems(message["blocks"]) == []
    assert len(message["text"]) <= MAX_UPDATED


def test_markdown_is_read_as_plain_lines() -> None:
    written = "## Summary\n\n\n\n**Ann** talked.\n- one\n  * two\n"

    assert literal.lines(written) == "Summary\n\nAnn talked.\n• one\n  • two"

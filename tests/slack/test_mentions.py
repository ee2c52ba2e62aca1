"""A card mentions the people mentioned in the command, and nobody else."""

import contextlib

from hypothesis import given, settings

from bot.grammar.errors import TypingError
from tests.mentions import check_mentions, texts


@settings(max_examples=100, derandomize=True, deadline=None)
@given(texts())
def test_nobody_is_mentioned_whom_the_command_did_not_mention(text: str) -> None:
    with contextlib.suppress(TypingError):
        check_mentions(text)

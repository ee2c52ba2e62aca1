"""docs/sentences.txt has every sentence that people read, exactly as the bot sends it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.sentences.scenes import FILE, written
from tests.sentences.sheet import normalise

WORDS = (
    "slack/wording/cards.py",
    "slack/wording/commands.py",
    "slack/wording/errors.py",
    "slack/wording/invited.py",
    "slack/wording/typing.py",
)
PAGES = ("web/install/outcomes.py", "web/join/notices.py")


async def test_the_sentences_are_what_the_bot_sends() -> None:
    assert await written() == FILE.read_text(encoding="utf-8"), "python -m tests.sentences"


def sentences_in(path: Path) -> Iterator[str]:
    """Yield the constant parts of a module's sentences."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        ast.get_docstring(node, clean=False)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, str) and value not in docstrings:
            yield from re.split(r"\{\w*\}|\n", value)


@pytest.mark.parametrize("module", [*WORDS, *PAGES])
def test_no_sentence_is_missing(module: str) -> None:
    written_down = FILE.read_text(encoding="utf-8")
    said = {normalise(part).strip() for part in sentences_in(ROOT / "bot" / module)}

    missing = {part for part in said if len(part.split()) > 1 and part not in written_down}

    assert missing == set(), "add a scene to tests/sentences, or remove the sentence"

"""Files are UTF-8 and terminals are what they are, whatever the locale says."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

SOURCES = [*ROOT.glob("bot/**/*.py"), *ROOT.glob("tests/**/*.py"), *ROOT.glob("docs/**/*.py")]
TEXT_MODE = re.compile(r"[rwxat+]{1,3}")


def opens_text(call: ast.Call) -> bool:
    """Return whether a call opens a file or a pipe as text, as far as its source shows."""
    name = ast.unparse(call.func).rpartition(".")[2]
    if name in {"read_text", "write_text"}:
        return True
    if name != "open":
        return any(ast.unparse(keyword) == "text=True" for keyword in call.keywords)
    modes = [one.value for one in call.args[-1:] if isinstance(one, ast.Constant)]
    is_builtin = isinstance(call.func, ast.Name)
    return any(TEXT_MODE.fullmatch(str(mode)) for mode in modes) or (is_builtin and not modes)


def opened_without_encoding(source: str) -> Iterator[int]:
    """Yield the lines that open a text file or a pipe and leave its encoding to the locale."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and opens_text(node):
            named = {keyword.arg for keyword in node.keywords}
            if "encoding" not in named:
                yield node.lineno


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("path.read_text()", True),
        ("path.write_text('x')", True),
        ("open(path)", True),
        ("open(path, 'w')", True),
        ("path.open('w')", True),
        ("run(command, text=True)", True),
        ("path.read_text(encoding='utf-8')", False),
        ("path.open('ab')", False),
        ("page.open('/slack/install')", False),
    ],
)
def test_a_missing_encoding_is_found(source: str, found: bool) -> None:  # noqa: FBT001
    assert bool(list(opened_without_encoding(source))) == found


def test_every_text_file_is_opened_with_an_encoding() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in SOURCES
        for line in opened_without_encoding(path.read_text(encoding="utf-8"))
    }

    assert found == set()

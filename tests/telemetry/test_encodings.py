"""The bot works in every locale: files are UTF-8, and terminals may lack characters."""

import ast
import asyncio
import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.telemetry import logs
from bot.telemetry.terminal import escape_unwritable
from tests.conftest import ROOT
from tests.many import many
from tests.process import bot_process

# Without these two, Python uses UTF-8 in the C locale: https://peps.python.org/pep-0538/
C = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
LOCALES = {
    "ascii": C,
    "gbk": {"PYTHONIOENCODING": "gbk:strict"},
}
SOURCES = [path for folder in ("bot", "tests", "docs") for path in (ROOT / folder).rglob("*.py")]
MAY_OPEN = re.compile(r"open\(|(read|write)_text\(|text=True")
TEXT_MODE = re.compile(r"[rwxat+]{1,3}")


async def printed(locale: str, *arguments: str) -> str:
    """Run a command in a locale, check that it succeeds, and return its output."""
    async with bot_process(LOCALES[locale], *arguments, fresh=True) as bot:
        assert bot.process.stdout
        output = await asyncio.wait_for(bot.process.stdout.read(), 20)
        code = await bot.process.wait()
    assert (code, bot.printed) == (0, "")
    return output.decode(locale)


async def test_the_manifest_is_the_same_in_every_locale() -> None:
    each = await asyncio.gather(*(printed(locale, "manifest", "--socket") for locale in LOCALES))

    assert len(set(each)) == 1
    assert yaml.safe_load(each[0])["settings"]["socket_mode_enabled"] is True


async def test_the_sandbox_reads_and_shows_every_character_in_every_locale() -> None:
    line = "/meet café 朋友 eu001"
    each = await asyncio.gather(*(printed(one, "sandbox", "--send", line) for one in LOCALES))

    shown = dict(zip(LOCALES, each, strict=True))
    assert r"caf\xe9 \u670b\u53cb" in shown["ascii"]
    assert "朋友" in shown["gbk"]


async def test_a_bot_for_many_workspaces_starts_and_logs_json_in_the_c_locale(
    tmp_path: Path,
) -> None:
    async with many(f"sqlite:///{tmp_path}/installs.db") as bots:
        settings = bots.settings | C | {"VIDEOSDK_REGIONS": "eu001=Köln"}
        async with bot_process(settings, fresh=True) as bot:
            await bot.until("serving")
            await bots.install()
            answer = await bots.say("/meet standup eu001")
            assert await bot.stop() == 0

    assert "Köln" in answer
    assert all("level" in line for line in bot.log)


def test_a_log_in_another_encoding_is_valid_json() -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="gbk", write_through=True)
    logs.configure("INFO", "json", stream)

    logging.getLogger("bot.test").info("answered", extra={"room": "größer 朋友 🎉"})

    assert json.loads(written.getvalue().decode("ascii"))["room"] == "größer 朋友 🎉"


def test_a_stream_without_an_encoding_is_left_alone() -> None:
    escape_unwritable(stream := io.StringIO())

    assert stream.write("…") == 1


def opens_text(call: ast.Call) -> bool:
    """Return whether a call visibly opens a file or a pipe as text."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name in {"read_text", "write_text"}:
        return True
    if name != "open":
        return any(keyword.arg == "text" and is_true(keyword.value) for keyword in call.keywords)
    modes = [one.value for one in call.args[-1:] if isinstance(one, ast.Constant)]
    is_builtin = isinstance(call.func, ast.Name)
    return any(TEXT_MODE.fullmatch(str(mode)) for mode in modes) or (is_builtin and not modes)


def is_true(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is True


def opened_without_encoding(source: str) -> Iterator[int]:
    """Yield the lines that open a text file or pipe with the locale's encoding."""
    if not MAY_OPEN.search(source):
        return
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

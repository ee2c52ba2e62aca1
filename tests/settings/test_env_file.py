"""A `.env` file is read as its editor wrote it, or is one sentence."""

import asyncio
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.settings.env_file import read_env_file
from bot.settings.settings import SettingsError
from tests.conftest import environment
from tests.process import bot_process

LINES = "".join(f"{name}={value}\n" for name, value in environment().items())
NOBODY = 65534  # the user's number on every Linux and macOS that has one
NOT_UTF8 = "isn't UTF-8 text. Save it as UTF-8, or delete it."
BROKEN = {
    "UTF-16 with a mark": LINES.encode("utf-16"),
    "UTF-16 without a mark": LINES.encode("utf-16-le"),
    "Latin-1": f"# für uns\n{LINES}".encode("latin-1"),
}


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the working directory's file is to be."""
    monkeypatch.chdir(tmp_path)
    return Path(".env")


@pytest.mark.parametrize("command", [["manifest", "--socket"], ["doctor"], ["migrate"], []])
def test_a_file_that_is_not_utf8_is_one_sentence_to_every_command(
    command: list[str], env_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env_file.write_bytes(BROKEN["UTF-16 with a mark"])

    assert main(command) == 2
    logging.disable(logging.NOTSET)
    assert capsys.readouterr() == ("", f"Meet for Slack can't start: .env {NOT_UTF8}\n")


@pytest.mark.parametrize("written", BROKEN)
def test_foreign_bytes_are_found_wherever_they_are(written: str, env_file: Path) -> None:
    env_file.write_bytes(BROKEN[written])

    with pytest.raises(SettingsError, match="isn't UTF-8"):
        read_env_file(env_file)


async def test_a_directory_of_that_name_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()

    async with bot_process(environment(), cwd=tmp_path) as bot:
        assert await asyncio.wait_for(bot.process.wait(), 10) == 2

    assert [line["event"] for line in bot.log] == [
        "Meet for Slack can't start: .env can't be read: Is a directory. Fix or delete it."
    ]


@pytest.fixture
def _as_nobody() -> Iterator[None]:
    """Run as somebody whom permissions stop; they never stop root."""
    own = os.geteuid()
    os.seteuid(own or NOBODY)
    yield
    os.seteuid(own)


def test_a_file_that_may_not_be_read_is_one_sentence(
    env_file: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    env_file.touch(mode=0)
    request.getfixturevalue("_as_nobody")

    assert main([]) == 2
    assert capsys.readouterr().err == (
        "Meet for Slack can't start: .env can't be read: Permission denied. Fix or delete it.\n"
    )


def test_a_mark_in_front_is_no_part_of_the_first_name(env_file: Path) -> None:
    env_file.write_bytes("PORT=0\nLOG_LEVEL=\n".encode("utf-8-sig"))

    assert read_env_file(env_file) == {"PORT": "0"}

"""A `.env` file is read whichever editor wrote it, or is reported in one sentence."""

import asyncio
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.settings.env_file import EnvFileError, read_env_file
from tests.conftest import environment
from tests.process import bot_process

LINES = "".join(f"{name}={value}\n" for name, value in environment().items())
NOBODY = 65534  # the user ID of "nobody"
NOT_UTF8 = "isn't UTF-8 text. Save it as UTF-8, or delete it."
BROKEN = {
    "UTF-16 with a mark": LINES.encode("utf-16"),
    "UTF-16 without a mark": LINES.encode("utf-16-le"),
    "Latin-1": f"# für uns\n{LINES}".encode("latin-1"),
}


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of the working directory's `.env`, which doesn't exist yet."""
    monkeypatch.chdir(tmp_path)
    return Path(".env")


@pytest.mark.parametrize("command", [["manifest", "--socket"], ["doctor"], ["migrate"], []])
def test_every_command_reports_a_file_that_is_not_utf8(
    command: list[str], env_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env_file.write_bytes(BROKEN["UTF-16 with a mark"])

    assert main(command) == 2
    logging.disable(logging.NOTSET)
    assert capsys.readouterr() == ("", f"Meet for Slack can't start: .env {NOT_UTF8}\n")


@pytest.mark.parametrize("written", BROKEN)
def test_invalid_bytes_are_found_anywhere(written: str, env_file: Path) -> None:
    env_file.write_bytes(BROKEN[written])

    with pytest.raises(EnvFileError, match="isn't UTF-8"):
        read_env_file(env_file)


async def test_a_directory_named_env_is_reported(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()

    async with bot_process(environment(), cwd=tmp_path) as bot:
        assert await asyncio.wait_for(bot.process.wait(), 10) == 2

    assert [line["event"] for line in bot.log] == [
        "Meet for Slack can't start: .env can't be read: Is a directory. Fix or delete it."
    ]


@pytest.fixture
def _as_nobody() -> Iterator[None]:
    """Run as an unprivileged user: permissions don't apply to root."""
    own = os.geteuid()
    os.seteuid(own or NOBODY)
    yield
    os.seteuid(own)


def test_an_unreadable_file_is_reported(
    env_file: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    env_file.touch(mode=0)
    request.getfixturevalue("_as_nobody")

    assert main([]) == 2
    assert capsys.readouterr().err == (
        "Meet for Slack can't start: .env can't be read: Permission denied. Fix or delete it.\n"
    )


def test_a_byte_order_mark_is_skipped(env_file: Path) -> None:
    env_file.write_bytes("PORT=0\nLOG_LEVEL=\n".encode("utf-8-sig"))

    assert read_env_file(env_file) == {"PORT": "0"}

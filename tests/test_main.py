"""The command line."""

import pytest

from bot.__main__ import main


def test_an_unknown_word_is_answered_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fly"])

    assert ended.value.code == 2
    assert "python -m bot" in capsys.readouterr().err


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(f"    {command} " in told for command in ("sandbox", "doctor", "manifest"))


def test_an_address_and_socket_mode_exclude_each_other() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["manifest", "--socket", "--url", "https://bot.example.org"])

    assert ended.value.code == 2

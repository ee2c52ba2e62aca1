"""A short battery passes, and it detects a broken bot."""

from pathlib import Path

import pytest

from tests.battery.__main__ import main

ONE_OF_EACH_KIND = ["L2", "F5", "S2", "K2", "Z2", "H1"]  # all of them quick


def test_a_short_battery_passes_and_writes_its_results(tmp_path: Path) -> None:
    table = tmp_path / "battery.md"

    assert main(["--short", "--only", ",".join(ONE_OF_EACH_KIND), "--write", str(table)]) == 0

    rows = [
        line for line in table.read_text(encoding="utf-8").splitlines() if line.startswith("| **")
    ]
    assert [row.split("**")[1] for row in rows] == [*ONE_OF_EACH_KIND, "M", "X1"]
    assert "**missed**" not in table.read_text(encoding="utf-8")


def test_the_battery_detects_a_bot_that_trusts_typed_text_and_leaks_its_token(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--short", "--only", "Z2", "--broken"]) == 1

    output = capsys.readouterr().out
    assert "Z2   MISSED" in output
    assert "a mention or link that somebody typed: '!channel'" in output
    assert "no secret in a log: 2: bot token; Slack token" in output
    assert "Not every target was met" in output

"""The wheel is complete, and the bot starts from any directory."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.build import build_wheel

from bot.manifest import manifest_for
from tests.conftest import ROOT


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site-packages folder with the wheel installed."""
    monkeypatch.chdir(ROOT)
    wheel = tmp_path / build_wheel(str(tmp_path))
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    return site


def printed(site: Path, *arguments: str) -> str:
    """Return the output of the installed bot."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bot", *arguments],
        cwd=site.parent,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


def test_the_wheel_starts_from_anywhere(site: Path) -> None:
    address = "https://bot.example.com"

    assert printed(site, "manifest", "--url", address) == manifest_for({}, url=address)
    assert "standup" in printed(site, "sandbox", "--send", "/meet standup")
    assert (site / "bot" / "py.typed").exists()
    assert not (site / "tests").exists()

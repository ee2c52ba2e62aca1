"""docs/videosdk.md says what bot.videosdk offers, and its example runs."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from bot import videosdk
from bot.sandbox.faults import PRESETS
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import API_KEY, SECRET_KEY
from tests.reference.docstrings import docstring
from tests.reference.page import FILE, public, written

PAGE = FILE.read_text(encoding="utf-8")


def test_the_page_says_what_the_docstrings_say() -> None:
    assert written() == PAGE, "python -m tests.reference"


def test_every_public_name_is_on_the_page() -> None:
    assert [name for name in videosdk.__all__ if f"`{name}`" not in PAGE] == []


def called() -> Iterator[tuple[str, Any]]:
    """Yield every public class, function and method that takes arguments."""
    for name, value in public().items():
        if callable(value) and not (inspect.isclass(value) and issubclass(value, Exception)):
            yield name, value
    for name, method in inspect.getmembers(videosdk.VideoSDK, inspect.isfunction):
        if not name.startswith("_"):
            yield f"VideoSDK.{name}", method


def test_every_parameter_is_described() -> None:
    missing = [
        f"{name}({parameter})"
        for name, value in called()
        for parameter in inspect.signature(value).parameters
        if parameter != "self" and f"\n    {parameter}: " not in docstring(value)
    ]

    assert missing == []


async def test_the_example_runs(
    videosdk_standin: VideoSDKStandIn,
    videosdk_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("VIDEOSDK_API_KEY", API_KEY)
    monkeypatch.setenv("VIDEOSDK_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("VIDEOSDK_API_ENDPOINT", videosdk_url)
    example: dict[str, Any] = {"__name__": "example"}
    exec(PAGE.split("```python\n")[1].split("```")[0], example)  # noqa: S102 - our own page's

    await example["main"]()
    [meeting_id] = videosdk_standin.meetings
    videosdk_standin.join(meeting_id, "Ann", ago=60)
    await example["main"]()
    videosdk_standin.faults.plan(PRESETS["402"][1])
    await example["main"]()

    printed = capsys.readouterr().out
    assert printed.count(f"The meeting is {meeting_id}\n") == 2
    assert printed.count("A token for one person: eyJ") == 2
    assert printed.count("People in it: 1\n") == 1
    assert printed.endswith("VideoSDK failed: RoomId is invalid.\n")

"""The error classes match the tree in their module's docstring."""

import re

import pytest

import bot.videosdk
from bot.videosdk import VideoSDKError, errors
from tests.conftest import API_KEY, SECRET_KEY


def drawn(kind: type[VideoSDKError], indent: str = "") -> list[str]:
    """Return the names of a class and its subclasses, as a tree."""
    lines = []
    below = kind.__subclasses__()
    for child in below:
        branch, trunk = ("└── ", "    ") if child is below[-1] else ("├── ", "│   ")
        lines += [indent + branch + child.__name__, *drawn(child, indent + trunk)]
    return lines


def every_kind(kind: type[VideoSDKError] = VideoSDKError) -> list[type[VideoSDKError]]:
    """Return a class and all its subclasses."""
    return [kind, *(below for child in kind.__subclasses__() for below in every_kind(child))]


def test_the_tree_in_the_docstring_is_the_classes() -> None:
    tree = [line for line in (errors.__doc__ or "").splitlines() if "VideoSDK" in line][1:]

    assert [re.split(r"(?<=Error)\s", line)[0] for line in tree] == [
        "VideoSDKError",
        *drawn(VideoSDKError),
    ]


def test_every_error_can_be_imported_from_the_package() -> None:
    assert {kind.__name__ for kind in every_kind()} == {
        name for name in bot.videosdk.__all__ if name.endswith("Error")
    }


def test_every_exported_name_exists() -> None:
    assert all(hasattr(bot.videosdk, name) for name in bot.videosdk.__all__)


@pytest.mark.parametrize("kind", every_kind())
def test_an_error_carries_the_known_facts(kind: type[VideoSDKError]) -> None:
    assert (kind("why").status, kind("why").retry_after) == (None, None)
    error = kind("why", status=429, retry_after=3.0)
    assert (str(error), error.status, error.retry_after) == ("why", 429, 3.0)


def test_a_token_in_the_text_of_an_error_is_masked() -> None:
    token = bot.videosdk.mint_token(API_KEY, SECRET_KEY, now=1_700_000_000)

    assert str(VideoSDKError(f"Bearer {token} is refused")) == "Bearer … is refused"
    assert str(VideoSDKError(f"cut off: {token[:50]}")) == "cut off: …"

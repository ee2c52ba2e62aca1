"""The regions are the API page's five; a near miss gets the nearest one."""

import pytest

from bot.videosdk import REGIONS, nearest_region


def test_the_regions_are_those_of_the_api_page() -> None:
    assert dict(REGIONS) == {
        "sg001": "Singapore, SG",
        "sg002": "Singapore, SG",
        "in002": "Bangalore, IN",
        "us001": "Fremont, CA",
        "eu001": "Frankfurt, DE",
    }


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("uk001", "eu001"),
        ("us002", "us001"),
        ("in001", "in002"),
        ("in003", "in002"),
        ("uae001", "in002"),
        ("aus001", "sg001"),
        ("us003", "us001"),
        ("sg003", "sg002"),
        ("eu01", "eu001"),
        ("xyz999", None),
        ("cs101", None),
        ("", None),
    ],
)
def test_an_unknown_code_suggests_the_nearest(typed: str, meant: str | None) -> None:
    assert nearest_region(typed) == meant


def test_only_regions_that_are_offered_are_suggested() -> None:
    without_frankfurt = {"us001": "Fremont, CA", "in002": "Bangalore, IN"}

    assert nearest_region("uk001", without_frankfurt) == "us001"
    assert nearest_region("aus001", {"in002": "Bangalore, IN"}) is None

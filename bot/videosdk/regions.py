"""Regions: the codes that VideoSDK's API page lists, and the nearest one to any other code.

Source: https://docs.videosdk.live, "Create Meeting using API".
"""

from collections.abc import Mapping
from difflib import get_close_matches

REGIONS: Mapping[str, str] = {
    "sg001": "Singapore, SG",
    "sg002": "Singapore, SG",
    "in002": "Bangalore, IN",
    "us001": "Fremont, CA",
    "eu001": "Frankfurt, DE",
}

# Codes that other VideoSDK pages have named, with the nearest place of the five.
_NEIGHBOURS: Mapping[str, str] = {
    "uk001": "eu001",
    "us002": "us001",
    "in001": "in002",
    "in003": "in002",
    "uae001": "in002",
    "aus001": "sg001",
}


def nearest_region(code: str, regions: Mapping[str, str] = REGIONS) -> str | None:
    """Return the known code that somebody who typed this one most likely means, or None.

    Args:
        code: what was typed: a typo, or a code from other pages of VideoSDK's.
        regions: the known codes, with their places.
    """
    neighbour = _NEIGHBOURS.get(code)
    if neighbour in regions:
        return neighbour
    return next(iter(get_close_matches(code, regions, n=1, cutoff=0.7)), None)

"""Durations are in minutes, and from two hours on in hours."""

import pytest

from bot.durations import ago, counted, lasted

HOUR = 3600


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "less than a minute"),
        (29, "less than a minute"),
        (61, "1 minute"),
        (119 * 60, "119 minutes"),
        (2 * HOUR, "2 hours"),
        (2 * HOUR + 60, "2 hours 1 minute"),
        (26.5 * HOUR, "26 hours 30 minutes"),
    ],
)
def test_the_duration_of_a_meeting(seconds: float, words: str) -> None:
    assert lasted(seconds) == words


def test_times_ago_are_in_days_from_two_days_on() -> None:
    texts = [ago(hours * HOUR) for hours in (0, 1.5, 2, 47, 48)]

    assert texts == ["just now", "90 minutes ago", "2 hours ago", "47 hours ago", "2 days ago"]


def test_one_takes_the_singular() -> None:
    assert [counted(1, "person", "people"), counted(2, "person", "people")] == [
        "1 person",
        "2 people",
    ]

"""A Recent dictionary has a limited size."""

from bot.caching import recent
from bot.caching.recent import Recent


def test_the_entry_set_longest_ago_is_dropped_first() -> None:
    known: Recent[int, str] = Recent()
    for key in range(recent.SIZE):
        known[key] = "old"
    known[0] = "again"

    known[-1] = "new"

    assert len(known) == recent.SIZE
    assert (known.get(0), known.get(1), known[-1]) == ("again", None, "new")

"""A process forgets what is oldest, so that its memory has an end."""

from bot.recent import MOST, Recent


def test_the_oldest_entry_is_forgotten_and_one_that_is_set_again_is_not() -> None:
    recent: Recent[int, str] = Recent()
    for number in range(MOST):
        recent[number] = ""
    recent[0] = "again"

    recent[MOST] = "one more"

    assert len(recent) == MOST
    assert 0 in recent
    assert 1 not in recent

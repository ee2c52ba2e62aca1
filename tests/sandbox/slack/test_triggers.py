"""A trigger_id works once, within three seconds."""

import pytest

from bot.sandbox.slack.errors import MethodError
from bot.sandbox.slack.triggers import Triggers


def test_a_trigger_gives_its_user_and_channel_once() -> None:
    triggers = Triggers(lambda: 100.0)
    triggers.issue("1.2.a", "U1", "C1")

    assert triggers.exchange("1.2.a") == ("U1", "C1")
    with pytest.raises(MethodError, match="exchanged_trigger_id"):
        triggers.exchange("1.2.a")
    with pytest.raises(MethodError, match="invalid_trigger_id"):
        triggers.exchange("1.2.b")


@pytest.mark.parametrize(("now", "error"), [(103.0, ""), (103.1, "expired_trigger_id")])
def test_a_trigger_lasts_three_seconds(now: float, error: str) -> None:
    times = iter([100.0, now])
    triggers = Triggers(lambda: next(times))
    triggers.issue("1.2.a", "U1", "C1")

    if error:
        with pytest.raises(MethodError, match=error):
            triggers.exchange("1.2.a")
    else:
        assert triggers.exchange("1.2.a") == ("U1", "C1")

"""Arguments are read as Slack reads them, whatever carries them."""

from typing import Any

import pytest

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import MethodError


def test_texts_are_there_or_not() -> None:
    arguments = Arguments({"title": "standup", "duration": 5, "id": None})

    assert (arguments.text("title"), arguments.text("duration")) == ("standup", "5")
    assert (arguments.text("id"), arguments.text("users")) == ("", "")
    with pytest.raises(MethodError, match="missing_argument") as refusal:
        arguments.required("id")
    assert refusal.value.fields == {"argument": "id"}


@pytest.mark.parametrize(("value", "number"), [("12", 12), (12, 12), ("", None), (None, None)])
def test_numbers_are_whole(value: Any, number: int | None) -> None:
    assert Arguments({"duration": value}).number("duration") == number


@pytest.mark.parametrize("value", ["-1", 1.5, "soon", "²"])
def test_what_is_no_number_is_refused_by_name(value: Any) -> None:
    with pytest.raises(MethodError, match="invalid_start_time"):
        Arguments({"date_start": value}).number("date_start", "invalid_start_time")


@pytest.mark.parametrize("value", ['[{"slack_id": "U1"}]', [{"slack_id": "U1"}]])
def test_lists_come_as_they_are_or_as_json(value: Any) -> None:
    assert Arguments({"users": value}).structure("users") == [{"slack_id": "U1"}]


def test_what_is_no_json_is_refused_by_name() -> None:
    with pytest.raises(MethodError, match="bad_users"):
        Arguments({"users": "[{"}).structure("users", "bad_users")

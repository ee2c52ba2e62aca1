"""Arguments are read like in Slack, from the query, a form or JSON."""

from typing import Any

import pytest

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import MethodError


def test_a_missing_text_is_empty() -> None:
    arguments = Arguments({"title": "standup", "duration": 5, "id": None})

    assert (arguments.text("title"), arguments.text("duration")) == ("standup", "5")
    assert (arguments.text("id"), arguments.text("users")) == ("", "")
    with pytest.raises(MethodError, match="missing_argument") as refusal:
        arguments.required("id")
    assert refusal.value.fields == {"argument": "id"}


@pytest.mark.parametrize(("value", "number"), [("12", 12), (12, 12), ("", None), (None, None)])
def test_numbers_are_integers(value: Any, number: int | None) -> None:
    assert Arguments({"duration": value}).number("duration") == number


@pytest.mark.parametrize("value", ["-1", 1.5, "soon", "²"])
def test_a_malformed_number_is_an_error_with_its_name(value: Any) -> None:
    with pytest.raises(MethodError, match="invalid_start_time"):
        Arguments({"date_start": value}).number("date_start", "invalid_start_time")


@pytest.mark.parametrize("value", ['[{"slack_id": "U1"}]', [{"slack_id": "U1"}]])
def test_lists_are_read_from_json_bodies_and_forms(value: Any) -> None:
    assert Arguments({"users": value}).structure("users") == [{"slack_id": "U1"}]


def test_malformed_json_is_an_error_with_its_name() -> None:
    with pytest.raises(MethodError, match="bad_users"):
        Arguments({"users": "[{"}).structure("users", "bad_users")

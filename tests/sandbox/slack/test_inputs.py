"""Entered values are converted to Slack's state.values."""

from typing import Any

import pytest

from bot.sandbox.slack.inputs import missing, read_values, response_url_channels
from tests.sandbox.modals import CHANNEL, DIRECT, MODAL, PRIVATE, PUBLIC, input_block, option


def test_every_input_has_its_value_in_slacks_form() -> None:
    entered = {"name": "standup", "region": "eu", "channel": PRIVATE}

    assert read_values(MODAL, entered, PUBLIC) == {
        "name": {"name-input": {"type": "plain_text_input", "value": "standup"}},
        "region": {"region-input": {"type": "static_select", "selected_option": option("eu")}},
        "channel": {
            "channel-input": {"type": "conversations_select", "selected_conversation": PRIVATE}
        },
    }


def test_slacks_own_form_is_accepted() -> None:
    entered = {"name": "standup", "region": "eu", "channel": PRIVATE}
    values = read_values(MODAL, entered, PUBLIC)

    assert read_values(MODAL, values, PUBLIC) == values


def test_missing_inputs_keep_their_initial_values() -> None:
    groups = [{"label": {}, "options": [option("us")]}, {"label": {}, "options": [option("eu")]}]
    region = {"type": "static_select", "option_groups": groups, "initial_option": option("eu")}
    view = {"blocks": [CHANNEL, input_block("region", region)]}

    values = read_values(view, {}, DIRECT)
    assert values["region"]["region-input"]["selected_option"] == option("eu")
    assert values["channel"]["channel-input"]["selected_conversation"] == DIRECT
    values = read_values(view, {"region": "us", "channel": ""}, DIRECT)
    assert values["region"]["region-input"]["selected_option"] == option("us")
    assert response_url_channels(view, values) == {}


@pytest.mark.parametrize("entered", [{"topic": "x"}, {"region": "mars"}, {"name": {"other": {}}}])
def test_impossible_values_are_rejected(entered: dict[str, Any]) -> None:
    with pytest.raises(LookupError):
        read_values(MODAL, entered, PUBLIC)


def test_people_can_be_chosen_up_to_a_limit() -> None:
    people = {"type": "multi_users_select", "max_selected_items": 2}
    view = {"blocks": [input_block("people", people)]}

    for entered in (["U1", "U2"], {"people-input": {**people, "selected_users": ["U1", "U2"]}}):
        values = read_values(view, {"people": entered}, PUBLIC)
        assert values["people"]["people-input"]["selected_users"] == ["U1", "U2"]
    for nothing in ({}, {"people": None}, {"people": list[str]()}):
        values = read_values(view, nothing, PUBLIC)
        assert values["people"]["people-input"]["selected_users"] == []
        assert missing(view, values).keys() == {"people"}
    with pytest.raises(LookupError):
        read_values(view, {"people": ["U1", "U2", "U3"]}, PUBLIC)


def test_empty_required_inputs_are_reported() -> None:
    values = read_values(MODAL, {"name": "", "channel": None}, PUBLIC)

    words = "Please complete this required field."
    assert missing(MODAL, values) == {"region": words, "channel": words}


def test_a_channel_can_be_chosen_for_a_response_url() -> None:
    values = read_values(MODAL, {}, PUBLIC)

    assert response_url_channels(MODAL, values) == {("channel", "channel-input"): PUBLIC}

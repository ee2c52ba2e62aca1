"""Convert what somebody entered into a modal to its `state.values`.

https://docs.slack.dev/reference/views/modal-views
"""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack.blockkit import find_option
from bot.sandbox.slack.workspace import Block

Values = dict[str, dict[str, Block]]

_REQUIRED = "Please complete this required field."

# For each element: the field of its initial value, and that of its value in `state.values`.
_VALUE_FIELDS = {
    "plain_text_input": ("initial_value", "value"),
    "static_select": ("initial_option", "selected_option"),
    "conversations_select": ("initial_conversation", "selected_conversation"),
    "multi_users_select": ("initial_users", "selected_users"),
}


def read_values(view: Block, entered: Mapping[str, Any], channel: str) -> Values:
    """Return a view's values.

    Args:
        view: a view with input blocks.
        entered: by block_id: a text, an option's value, a channel's ID or a list of user IDs, "" or
            None for nothing, or the block's part of `state.values`. Missing blocks keep their
            initial values.
        channel: the ID of the channel where the view was opened.

    Raises:
        LookupError: there is no such input or option, or too many are chosen.
    """
    inputs = _inputs(view)
    if not entered.keys() <= inputs.keys():
        raise LookupError("input_not_found")
    values = {}
    for block_id, element in inputs.items():
        name = _VALUE_FIELDS[element["type"]][1]
        answer = _initial(element, channel)
        if block_id in entered:
            answer = _answer(element, entered[block_id])
        values[block_id] = {element["action_id"]: {"type": element["type"], name: answer}}
    return values


def missing(view: Block, values: Values) -> dict[str, str]:
    """Return Slack's messages about required inputs that are empty, by block_id."""
    optional = {block["block_id"] for block in view["blocks"] if block.get("optional")}
    return {
        block_id: _REQUIRED
        for block_id, element in _inputs(view).items()
        if block_id not in optional
        and values[block_id][element["action_id"]][_VALUE_FIELDS[element["type"]][1]] in (None, [])
    }


def unknown_inputs(view: Block) -> list[str]:
    """Return the types of a view's inputs that this stand-in doesn't support."""
    types = [block["element"]["type"] for block in view["blocks"] if block["type"] == "input"]
    return [name for name in types if name not in _VALUE_FIELDS]


def response_url_channels(view: Block, values: Values) -> dict[tuple[str, str], str]:
    """Return the channels for which the app requests response_urls, by block_id and action_id."""
    return {
        (block_id, element["action_id"]): chosen
        for block_id, element in _inputs(view).items()
        if element.get("response_url_enabled")
        and (chosen := values[block_id][element["action_id"]]["selected_conversation"])
    }


def _inputs(view: Block) -> dict[str, Block]:
    return {
        block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"
    }


def _initial(element: Block, channel: str) -> Any:
    if element.get("default_to_current_conversation"):
        return element.get("initial_conversation", channel)
    nothing: list[str] | None = [] if element["type"] == "multi_users_select" else None
    return element.get(_VALUE_FIELDS[element["type"]][0], nothing)


def _answer(element: Block, given: Any) -> Any:
    if isinstance(given, Mapping):
        given = given[element["action_id"]][_VALUE_FIELDS[element["type"]][1]]
    if isinstance(given, Mapping):
        given = given["value"]
    if element["type"] == "multi_users_select":
        return _users(element, given or [])
    if not given or element["type"] != "static_select":
        return given or None
    return find_option(element, given)


def _users(element: Block, given: list[str]) -> list[str]:
    if len(given) > element.get("max_selected_items", len(given)):
        raise LookupError("too_many_users")
    return given

"""Validate blocks by Block Kit's rules, like Slack.

https://docs.slack.dev/reference/block-kit/blocks
"""

import copy
import secrets
from collections import Counter
from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

MAX_BLOCKS = 50
MAX_FIELD = 2000  # characters
MAX_OPTION = (75, 150)  # characters of its text and of its value

_TEXTS = ("plain_text", "mrkdwn")
_PRESSABLE = ("button", "overflow")
_CONTEXT = (*_TEXTS, "image")


def problems(blocks: object, limit: int = MAX_BLOCKS) -> list[str]:
    """Return the reasons why Slack would reject these blocks, with their places; [] if none."""
    if not isinstance(blocks, list):
        return ["blocks: not a list"]
    found = [f"blocks: more than {limit}"] if len(blocks) > limit else []
    for at, block in enumerate(blocks):
        found += [f"blocks[{at}]: {problem}" for problem in _problems(block)]
    if not found:
        found += [f"block_id {key!r}: not unique" for key in _repeated(blocks, "block_id")]
    return found


def buttons(block: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the buttons and overflow menus of a block, in the order shown."""
    elements = [block.get("accessory"), *block.get("elements", [])]
    return [element for element in elements if element and element["type"] in _PRESSABLE]


def with_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a copy of the blocks in which missing IDs are added, as Slack does."""
    blocks = copy.deepcopy(blocks)
    for block in blocks:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for element in _controls(block):
            element.setdefault("action_id", secrets.token_urlsafe(4))
    return blocks


def find_button(
    blocks: list[dict[str, Any]], action_id: str, block_id: str = ""
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the block and the button, or menu, with these IDs.

    Raises:
        LookupError: there is none.
    """
    for block in blocks:
        for element in buttons(block):
            if element["action_id"] == action_id and block_id in ("", block["block_id"]):
                return block, element
    raise LookupError("button_not_found")


def find_option(element: dict[str, Any], value: str) -> dict[str, Any]:
    """Return a menu's option by its value.

    Raises:
        LookupError: there is none.
    """
    for option in _menu_options(element):
        if option.get("value") == value:
            return option
    raise LookupError("option_not_found")


def _problems(block: object) -> list[str]:
    try:
        return list(_violations(block))
    except SlackObjectFormationError as error:
        return [str(error)]
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        return [f"malformed ({error!r})"]


def _violations(block: Any) -> Iterator[str]:
    parsed = Block.parse(block)
    # The parser ignores parts that it doesn't know, and empty text.
    if parsed is None or parsed.to_dict() != block:
        yield f"{block['type']}: unknown, empty or misplaced parts"
    else:
        yield from _undetected(block)


def _undetected(block: dict[str, Any]) -> Iterator[str]:
    """Yield violations that slack_sdk's models don't detect."""
    if any(label["type"] != "plain_text" for label in _labels(block)):
        yield "headers, labels, buttons and menus take plain_text only"
    if any(len(field["text"]) > MAX_FIELD for field in block.get("fields", [])):
        yield f"field: more than {MAX_FIELD} characters"
    if any(_is_long(option) for option in _options(block)):
        yield "option: more than {} characters of text or {} of value".format(*MAX_OPTION)
    elements = block.get("elements", [])
    types = {element["type"] for element in elements}
    if block["type"] == "context" and not types.issubset(_CONTEXT):
        yield "context takes text and images only"
    if block["type"] == "actions" and not types.isdisjoint(_CONTEXT):
        yield "actions take interactive elements only"
    yield from (f"action_id {key!r}: not unique" for key in _repeated(elements, "action_id"))


def _labels(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the texts of a block that can't be mrkdwn."""
    if block["type"] == "header":
        yield block["text"]
    if block["type"] == "input":
        yield block["label"]
    yield from (option["text"] for option in _options(block))
    for element in _controls(block):
        if element.get("type") == "button":
            yield element["text"]
        dialog = element.get("confirm", {})
        yield from (dialog[part] for part in ("title", "confirm", "deny") if part in dialog)


def _controls(block: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the interactive elements of a block."""
    return [*buttons(block), *([block["element"]] if "element" in block else [])]


def _options(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for element in _controls(block):
        yield from _menu_options(element)


def _menu_options(element: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the options of a menu, grouped or not."""
    for group in element.get("option_groups", [element]):
        yield from group.get("options", [])


def _is_long(option: dict[str, Any]) -> bool:
    text, value = MAX_OPTION
    return len(option["text"]["text"]) > text or len(option.get("value", "")) > value


def _repeated(parts: list[dict[str, Any]], name: str) -> list[str]:
    counts = Counter(str(part[name]) for part in parts if name in part)
    return [value for value, count in counts.items() if count > 1]

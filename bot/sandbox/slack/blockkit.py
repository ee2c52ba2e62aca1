"""Hold blocks to Block Kit's rules, as Slack does before it shows a message.

https://docs.slack.dev/reference/block-kit/blocks
"""

import copy
import secrets
from collections import Counter
from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

MOST_BLOCKS = 50
MOST_IN_A_FIELD = 2000  # characters
MOST_IN_AN_OPTION = (75, 150)  # characters of its text and of its value

_TEXTS = ("plain_text", "mrkdwn")
_PRESSED = ("button", "overflow")
_CONTEXT = (*_TEXTS, "image")


def problems(blocks: object, most: int = MOST_BLOCKS) -> list[str]:
    """Return what Slack would refuse these blocks for, each with its place; [] if nothing."""
    if not isinstance(blocks, list):
        return ["blocks: not a list"]
    found = [f"blocks: more than {most}"] if len(blocks) > most else []
    for at, block in enumerate(blocks):
        found += [f"blocks[{at}]: {problem}" for problem in _problems(block)]
    if not found:
        found += [f"block_id {one!r}: not unique" for one in _repeated(blocks, "block_id")]
    return found


def buttons(block: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what can be pressed in a block, in the order in which it is shown."""
    elements = [block.get("accessory"), *block.get("elements", [])]
    return [element for element in elements if element and element["type"] in _PRESSED]


def with_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a copy of the blocks with the ids that they lack, which Slack makes up."""
    blocks = copy.deepcopy(blocks)
    for block in blocks:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for element in _controls(block):
            element.setdefault("action_id", secrets.token_urlsafe(4))
    return blocks


def find_button(
    blocks: list[dict[str, Any]], action_id: str, block_id: str = ""
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what can be pressed under these ids, after the block that it is in.

    Raises:
        LookupError: there is nothing.
    """
    for block in blocks:
        for element in buttons(block):
            if element["action_id"] == action_id and block_id in ("", block["block_id"]):
                return block, element
    raise LookupError("button_not_found")


def find_option(element: dict[str, Any], value: str) -> dict[str, Any]:
    """Return the option of a menu that has this value.

    Raises:
        LookupError: none has.
    """
    for option in _offered(element):
        if option.get("value") == value:
            return option
    raise LookupError("option_not_found")


def _problems(block: object) -> list[str]:
    try:
        return list(_breaches(block))
    except SlackObjectFormationError as error:
        return [str(error)]
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        return [f"malformed ({error!r})"]


def _breaches(block: Any) -> Iterator[str]:
    parsed = Block.parse(block)
    # The parser passes over what it does not know, and over empty text.
    if parsed is None or parsed.to_dict() != block:
        yield f"{block['type']}: unknown, empty or misplaced parts"
    else:
        yield from _oversights(block)


def _oversights(block: dict[str, Any]) -> Iterator[str]:
    """Find what slack_sdk's models let pass and Slack does not."""
    if any(label["type"] != "plain_text" for label in _labels(block)):
        yield "headers, labels, buttons and menus take plain_text only"
    if any(len(field["text"]) > MOST_IN_A_FIELD for field in block.get("fields", [])):
        yield f"field: more than {MOST_IN_A_FIELD} characters"
    if any(_is_long(option) for option in _options(block)):
        yield "option: more than {} characters of text or {} of value".format(*MOST_IN_AN_OPTION)
    elements = block.get("elements", [])
    if block["type"] == "context" and any(one["type"] not in _CONTEXT for one in elements):
        yield "context takes text and images only"
    if block["type"] == "actions" and any(one["type"] in _CONTEXT for one in elements):
        yield "actions take interactive elements only"
    yield from (f"action_id {one!r}: not unique" for one in _repeated(elements, "action_id"))


def _labels(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Find the texts of a block that cannot be mrkdwn."""
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
    """Return what can be pressed or filled in."""
    return [*buttons(block), *([block["element"]] if "element" in block else [])]


def _options(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for element in _controls(block):
        yield from _offered(element)


def _offered(element: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Find the options of a menu, in groups or not."""
    for group in element.get("option_groups", [element]):
        yield from group.get("options", [])


def _is_long(option: dict[str, Any]) -> bool:
    text, value = MOST_IN_AN_OPTION
    return len(option["text"]["text"]) > text or len(option.get("value", "")) > value


def _repeated(parts: list[dict[str, Any]], name: str) -> list[str]:
    counts = Counter(str(part[name]) for part in parts if name in part)
    return [value for value, count in counts.items() if count > 1]

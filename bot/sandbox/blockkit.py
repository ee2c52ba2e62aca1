"""Hold blocks to Block Kit's rules, as Slack does before it shows a message.

https://docs.slack.dev/reference/block-kit/blocks
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

MOST_BLOCKS = 50
MOST_IN_A_FIELD = 2000  # characters

_TEXTS = ("plain_text", "mrkdwn")
_CONTEXT = (*_TEXTS, "image")


def problems(blocks: object) -> list[str]:
    """Return what Slack would refuse these blocks for, each with its place; [] if nothing."""
    if not isinstance(blocks, list):
        return ["blocks: not a list"]
    found = ["blocks: more than 50"] if len(blocks) > MOST_BLOCKS else []
    for at, block in enumerate(blocks):
        found += [f"blocks[{at}]: {problem}" for problem in _problems(block)]
    if not found:
        found += [f"block_id {one!r}: not unique" for one in _repeated(blocks, "block_id")]
    return found


def buttons(block: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what can be pressed in a block, in the order in which it is shown."""
    elements = [block.get("accessory"), *block.get("elements", [])]
    return [element for element in elements if element and element["type"] == "button"]


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
    labels = [button["text"] for button in buttons(block)]
    if block["type"] == "header":
        labels.append(block["text"])
    if any(label["type"] != "plain_text" for label in labels):
        yield "headers and buttons take plain_text only"
    if any(len(field["text"]) > MOST_IN_A_FIELD for field in block.get("fields", [])):
        yield f"field: more than {MOST_IN_A_FIELD} characters"
    elements = block.get("elements", [])
    if block["type"] == "context" and any(one["type"] not in _CONTEXT for one in elements):
        yield "context takes text and images only"
    if block["type"] == "actions" and any(one["type"] in _CONTEXT for one in elements):
        yield "actions take interactive elements only"
    yield from (f"action_id {one!r}: not unique" for one in _repeated(elements, "action_id"))


def _repeated(parts: list[dict[str, Any]], name: str) -> list[str]:
    counts = Counter(str(part[name]) for part in parts if name in part)
    return [value for value, count in counts.items() if count > 1]

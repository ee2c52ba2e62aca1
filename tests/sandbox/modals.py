"""A modal with every type of input, for tests."""

from typing import Any

from bot.sandbox.slack.workspace import CHANNELS

PUBLIC, PRIVATE, DIRECT = (channel.id for channel in CHANNELS)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(value: str) -> dict[str, Any]:
    return {"text": plain(value.upper()), "value": value}


def input_block(block_id: str, element: dict[str, Any], **changes: Any) -> dict[str, Any]:
    element = {"action_id": f"{block_id}-input", **element}
    label = plain(block_id.title())
    return {"type": "input", "block_id": block_id, "label": label, "element": element, **changes}


NAME = input_block("name", {"type": "plain_text_input", "max_length": 80}, optional=True)
REGION = input_block("region", {"type": "static_select", "options": [option("us"), option("eu")]})
CHANNEL = input_block(
    "channel",
    {
        "type": "conversations_select",
        "default_to_current_conversation": True,
        "response_url_enabled": True,
    },
)
MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "start",
    "title": plain("Start a meeting"),
    "submit": plain("Start"),
    "blocks": [{"type": "divider"}, NAME, REGION, CHANNEL],
}

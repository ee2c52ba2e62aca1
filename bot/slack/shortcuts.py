"""Start meetings where slash commands do not reach: from a message, in a thread, from anywhere."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.grammar import MAX_NAME, MeetRequest, first_words, normalise
from bot.slack import command_words as words
from bot.slack.answers import DONE, Body
from bot.slack.blocks import Block, Message, plain
from bot.slack.failures import Failure
from bot.slack.listeners import Listeners, conversation
from bot.slack.workspaces import Workspace, Workspaces

LOG = logging.getLogger(__name__)

HERE = "start_meeting_here"  # on a message
ANYWHERE = "start_meeting"  # in the composer's menu
FORM = "start_meeting_form"

_OPENING = 2.2  # seconds; the trigger is good for 3
_NAME, _REGION, _CONVERSATION = "name", "region", "conversation"


@dataclass(frozen=True)
class Shortcut:
    """A shortcut as Slack's menus show it."""

    callback_id: str
    name: str
    type: str
    description: str


SHORTCUTS = (
    Shortcut(ANYWHERE, words.ANYWHERE, "global", words.ANYWHERE_DOES),
    Shortcut(HERE, words.HERE, "message", words.HERE_DOES),
)


class Shortcuts:
    """From Slack's shortcuts and the form behind one of them to messages.

    Args:
        listeners: start the meetings.
        workspaces: give the Web API client that opens the form.
        regions: the codes on offer, with their places.
    """

    def __init__(
        self, listeners: Listeners, workspaces: Workspaces, regions: Mapping[str, str]
    ) -> None:
        self._listeners = listeners
        self._workspaces = workspaces
        self._regions = regions

    async def here(self, body: Body) -> Message:
        """Start a meeting about a message, in its thread, named after its first words."""
        source = body["message"]
        request = MeetRequest(first_words(source.get("text", "")))
        thread_ts = source.get("thread_ts") or source["ts"]
        place = replace(conversation(body, body["channel"]["id"]), thread_ts=thread_ts)
        message = await self._listeners.start(request, place, body)
        message["thread_ts"] = thread_ts
        return message

    async def open_form(self, body: Body) -> str:
        """Open the form and return the outcome; Slack allows 3 seconds for that too."""
        trigger_id = body["trigger_id"]
        try:
            async with asyncio.timeout(_OPENING):
                client = await self._workspaces.client(Workspace.of(body))
                await client.views_open(trigger_id=trigger_id, view=self.form())
        except Exception as error:  # noqa: BLE001 - slack_sdk lets through what its transport raises
            reason = Failure.of(error).reason
        else:
            return DONE
        LOG.error("form not opened", extra={"reason": reason})
        return "not opened"

    async def submitted(self, body: Body) -> Message:
        """Start the meeting that the form asks for, in the conversation that it names."""
        values = body["view"]["state"]["values"]
        [target] = body["response_urls"]
        name = normalise(values[_NAME][_NAME].get("value") or "")
        region = values[_REGION][_REGION].get("selected_option")
        request = MeetRequest(name or None, region["value"] if region else None)
        place = conversation(body, target["channel_id"])
        return await self._listeners.start(request, place, body)

    def form(self) -> dict[str, Any]:
        """Return the form: a name, a region by its place, and a conversation."""
        options = [
            {"text": plain(f"{place} ({code})"), "value": code}
            for code, place in self._regions.items()
        ]
        return {
            "type": "modal",
            "callback_id": FORM,
            "title": plain(words.FORM_TITLE),
            "submit": plain(words.FORM_SUBMIT),
            "close": plain(words.FORM_CLOSE),
            "blocks": [
                _input(
                    _NAME, words.FORM_NAME, {"type": "plain_text_input", "max_length": MAX_NAME}
                ),
                _input(_REGION, words.FORM_REGION, {"type": "static_select", "options": options}),
                _input(
                    _CONVERSATION,
                    words.FORM_CONVERSATION,
                    {
                        "type": "conversations_select",
                        "default_to_current_conversation": True,
                        "response_url_enabled": True,
                    },
                    optional=False,
                ),
            ],
        }


def _input(name: str, label: str, element: Block, *, optional: bool = True) -> Block:
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "optional": optional,
        "element": element | {"action_id": name},
    }

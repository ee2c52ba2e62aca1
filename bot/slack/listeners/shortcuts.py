"""Shortcuts: start a meeting where slash commands don't work, such as in a thread."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.grammar.commands import MAX_NAME, MeetRequest, checked_name, first_words
from bot.grammar.errors import TypingError
from bot.grammar.markup import read
from bot.grammar.people import MAX_INVITED
from bot.grammar.text import clean
from bot.slack.blocks import Block, Message, cut, plain
from bot.slack.failures import Failure
from bot.slack.listeners.starting import Starting
from bot.slack.request import SlackRequest
from bot.slack.responder import DONE
from bot.slack.wording import commands as words
from bot.slack.wording.errors import UsageError
from bot.slack.wording.typing import hint
from bot.slack.workspaces import Workspaces

LOG = logging.getLogger(__name__)

HERE = "start_meeting_here"  # on a message
ANYWHERE = "start_meeting"  # in the composer's menu
FORM = "start_meeting_form"

_OPEN_TIMEOUT = 2.2  # seconds; a trigger ID expires after 3
NAME, REGION, PEOPLE, CONVERSATION = "name", "region", "people", "conversation"  # the form's inputs
_OPTION_LENGTH = 75  # characters in an option's text
_MAX_OPTIONS = 100  # in a menu or in a group; also the most groups in a menu


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
    """Listeners for the shortcuts and for the form that one of them opens.

    Args:
        starting: starts meetings.
        workspaces: provides Web API clients.
        regions: the region codes on offer, with their places.
    """

    def __init__(
        self, starting: Starting, workspaces: Workspaces, regions: Mapping[str, str]
    ) -> None:
        self._starting = starting
        self._workspaces = workspaces
        self._regions = regions

    async def here(self, request: SlackRequest) -> Message:
        """Start a meeting about a message, in its thread, named after its first words."""
        source = request.body["message"]
        wanted = MeetRequest(first_words(source.get("text") or ""))
        thread_ts = source.get("thread_ts") or source["ts"]
        place = replace(request.place, thread_ts=thread_ts)
        message = await self._starting.start(wanted, place, request)
        message["thread_ts"] = thread_ts
        return message

    async def open_form(self, request: SlackRequest) -> str:
        """Open the form and return the outcome, for the log."""
        try:
            async with asyncio.timeout(_OPEN_TIMEOUT):
                client = await self._workspaces.client(request.workspace)
                await client.views_open(trigger_id=request.trigger_id, view=self.form())
        except Exception as error:  # noqa: BLE001 - slack_sdk lets through what its transport raises
            reason = Failure.of(error).reason
        else:
            return DONE
        LOG.error("form not opened", extra={"reason": reason})
        return "not opened"

    async def submitted(self, request: SlackRequest) -> Message:
        """Start the meeting that a submitted form describes, in the conversation it names."""
        values = request.body["view"]["state"]["values"]
        [target] = request.body["response_urls"]
        region = values[REGION][REGION].get("selected_option")
        try:
            name = checked_name(clean(read(values[NAME][NAME].get("value") or "")))
        except TypingError as mistake:
            raise UsageError(hint(mistake, "", self._regions), NAME) from None
        people = values[PEOPLE][PEOPLE].get("selected_users") or []
        invited = tuple(dict.fromkeys(people))
        wanted = MeetRequest(name, region["value"] if region else None, invited)
        place = replace(request.place, channel_id=target["channel_id"])
        return await self._starting.start(wanted, place, request)

    def form(self) -> dict[str, Any]:
        """Return the form's view: name, region, people to invite, and conversation."""
        return {
            "type": "modal",
            "callback_id": FORM,
            "title": plain(words.FORM_TITLE),
            "submit": plain(words.FORM_SUBMIT),
            "close": plain(words.FORM_CLOSE),
            "blocks": [
                _input(NAME, words.FORM_NAME, {"type": "plain_text_input", "max_length": MAX_NAME}),
                _input(REGION, words.FORM_REGION, _menu(self._regions)),
                _input(
                    PEOPLE,
                    words.FORM_PEOPLE,
                    {"type": "multi_users_select", "max_selected_items": MAX_INVITED},
                ),
                _input(
                    CONVERSATION,
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


def _menu(regions: Mapping[str, str]) -> Block:
    """Return a menu of the regions, in groups if they are too many for one list."""
    options = [_option(code, place) for code, place in regions.items()]
    if len(options) <= _MAX_OPTIONS:
        return {"type": "static_select", "options": options}
    starts = range(0, len(options), _MAX_OPTIONS)
    groups = [_group(options[start : start + _MAX_OPTIONS]) for start in starts]
    return {"type": "static_select", "option_groups": groups[:_MAX_OPTIONS]}


def _group(options: list[Block]) -> Block:
    label = f"{options[0]['value']} – {options[-1]['value']}"  # noqa: RUF001 - a range
    return {"label": plain(label), "options": options}


def _option(code: str, place: str) -> Block:
    shown = cut(place, _OPTION_LENGTH - len(f" ({code})"))
    return {"text": plain(f"{shown} ({code})"), "value": code}


def _input(name: str, label: str, element: Block, *, optional: bool = True) -> Block:
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "optional": optional,
        "element": element | {"action_id": name},
    }

"""The bot's replies in threads: post, edit and delete them.

https://docs.slack.dev/reference/methods/chat.postMessage
https://docs.slack.dev/reference/methods/chat.update: `parse` defaults to `client`
https://docs.slack.dev/reference/methods/chat.delete
"""

import asyncio
import logging
from typing import Any

from bot.links import Conversation, NotesLink
from bot.slack.blocks import Message
from bot.slack.failures import Failure, Meaning
from bot.slack.workspaces import Workspaces

LOG = logging.getLogger(__name__)

_POST_TIMEOUT = 5.0  # seconds; somebody is waiting
_EDIT_TIMEOUT = 30.0  # seconds, including the wait when rate-limited
_GONE = "message_not_found"


class ReplyRefusedError(Exception):
    """Slack rejected a call, or failed; the message is Slack's error code or an exception's name.

    Attributes:
        is_transient: whether a later try may succeed.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.is_transient = failure.meaning is Meaning.TRANSIENT


class Replies:
    """The bot's own replies in Slack's threads.

    Args:
        workspaces: provides Web API clients, which retry when rate-limited.
    """

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    async def post(self, place: Conversation, message: Message) -> str:
        """Post a reply in a thread, and return its `ts`.

        Raises:
            ReplyRefusedError: Slack didn't confirm it.
        """
        fields = _content(message) | {
            "thread_ts": place.thread_ts,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        answer = await self._call("chat.postMessage", place, fields, _POST_TIMEOUT)
        return str(answer["ts"])

    async def edit(self, link: NotesLink, message: Message) -> bool:
        """Replace a reply's content; return False if the reply was deleted.

        Raises:
            ReplyRefusedError: Slack didn't confirm it.
        """
        return await self._change("chat.update", link, _content(message))

    async def delete(self, link: NotesLink) -> bool:
        """Delete a reply; return False if it was deleted already.

        Raises:
            ReplyRefusedError: Slack didn't confirm it.
        """
        return await self._change("chat.delete", link, {})

    async def _change(self, method: str, link: NotesLink, fields: dict[str, Any]) -> bool:
        try:
            await self._call(method, link.place, {"ts": link.ts, **fields}, _EDIT_TIMEOUT)
        except ReplyRefusedError as refusal:
            if str(refusal) != _GONE:
                raise
            return False
        return True

    async def _call(
        self, method: str, place: Conversation, fields: dict[str, Any], seconds: float
    ) -> Any:
        try:
            async with asyncio.timeout(seconds):
                client = await self._workspaces.client(place.workspace)
                return await client.api_call(method, json={"channel": place.channel_id, **fields})
        except Exception as error:  # noqa: BLE001 - slack_sdk lets through what its transport raises
            failure = Failure.of(error)
        if failure.reason != _GONE:
            LOG.warning("notes not written", extra={"method": method, "reason": failure.reason})
        raise ReplyRefusedError(failure)


def _content(message: Message) -> dict[str, Any]:
    return {
        "text": message["text"],
        "blocks": message["blocks"],
        "parse": "none",
        "link_names": False,
    }

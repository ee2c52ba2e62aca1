"""Links to the app's domain: the event `link_shared` and the method that unfurls them.

https://docs.slack.dev/reference/events/link_shared
https://docs.slack.dev/reference/methods/chat.unfurl
https://api.slack.com/changelog/2021-08-changes-to-unfurls
"""

import re
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.slack.arguments import Answer, Arguments, Method
from bot.sandbox.slack.errors import MethodError
from bot.sandbox.slack.interactions import RefusedAnswerError, read_content
from bot.sandbox.slack.workspace import Block, ChannelMessage, SlackWorkspace

READ, WRITE = "links:read", "links:write"
COMPOSER, SENT = "composer", "conversations_history"

_URL = re.compile(r"https?://[^\s<>|]+")


@dataclass(frozen=True)
class _Shared:
    """Links that an event was sent about; `message` is None for the composer."""

    source: str
    urls: frozenset[str]
    message: ChannelMessage | None = None


class Unfurls:
    """The links of one workspace."""

    def __init__(self, workspace: SlackWorkspace) -> None:
        self._workspace = workspace
        self._shared: dict[str, _Shared] = {}
        self._previews: dict[str, list[Block]] = {}

    def methods(self) -> dict[str, Method]:
        """Return chat.unfurl, which also works in channels that the app isn't in."""
        return {"chat.unfurl": Method(self._unfurl, WRITE, tier=3)}

    def sent(self, message: ChannelMessage, domains: Collection[str]) -> dict[str, Any] | None:
        """Return the event about a sent message's links to these domains, or None."""
        urls = _links(message.text, domains)
        unfurl_id = f"{message.channel}.{message.id}.{secrets.token_hex(32)}"
        return self._event(_Shared(SENT, urls, message), unfurl_id, message.user or "")

    def pasted(self, text: str, user: str, domains: Collection[str]) -> dict[str, Any] | None:
        """Return the event about the composer's links to these domains, or None."""
        unfurl_id = f"{user}-{uuid.uuid4()}-{secrets.token_hex(16)}"
        return self._event(_Shared(COMPOSER, _links(text, domains)), unfurl_id, user)

    def preview(self, unfurl_id: str) -> list[Block]:
        """Return the blocks that the composer shows below its links."""
        return self._previews.get(unfurl_id, [])

    def _event(self, shared: _Shared, unfurl_id: str, user: str) -> dict[str, Any] | None:
        if not shared.urls:
            return None
        self._shared[unfurl_id] = shared
        message = shared.message
        channel = message.channel if message else "COMPOSER"
        return {
            "type": "link_shared",
            "channel": channel,
            "is_bot_user_member": message is None or channel in self._workspace.joined,
            "user": user,
            "message_ts": message.id if message else unfurl_id,
            "unfurl_id": unfurl_id,
            "source": shared.source,
            "links": [
                {"url": url, "domain": urlsplit(url).hostname} for url in sorted(shared.urls)
            ],
        }

    def _unfurl(self, arguments: Arguments) -> Answer:
        shared = self._find(arguments)
        unfurls = arguments.structure("unfurls", "invalid_unfurls_format")
        if not isinstance(unfurls, dict) or not unfurls:
            raise MethodError("missing_unfurls")
        if not unfurls.keys() <= shared.urls:
            raise MethodError("cannot_unfurl_url")
        blocks = [block for unfurl in unfurls.values() for block in self._blocks(unfurl)]
        if shared.message is None:
            self._previews[arguments.text("unfurl_id")] = blocks
        else:
            self._workspace.unfurl(shared.message.id, blocks)
        return {}

    def _find(self, arguments: Arguments) -> _Shared:
        """Find the links by `unfurl_id` and `source`, or by `channel` and `ts`."""
        unfurl_id, source = arguments.text("unfurl_id"), arguments.text("source")
        if unfurl_id or source:
            if not (unfurl_id and source):
                raise MethodError("missing_source" if unfurl_id else "missing_unfurl_id")
            shared = self._shared.get(unfurl_id)
            if shared is None:
                raise MethodError("invalid_unfurl_id")
            if shared.source != source:
                raise MethodError("invalid_source")
            return shared
        channel, ts = arguments.required("channel"), arguments.required("ts")
        for shared in self._shared.values():
            if shared.message and (shared.message.channel, shared.message.id) == (channel, ts):
                return shared
        raise MethodError("cannot_find_message")

    def _blocks(self, unfurl: Any) -> list[Block]:
        blocks = unfurl.get("blocks") if isinstance(unfurl, dict) else None
        try:
            _, checked = read_content({"blocks": blocks}, self._workspace.calls)
        except RefusedAnswerError:
            raise MethodError("cannot_parse_attachment") from None
        if not checked:
            raise MethodError("cannot_parse_attachment")
        return checked


def _links(text: str, domains: Collection[str]) -> frozenset[str]:
    return frozenset(url for url in _URL.findall(text) if urlsplit(url).hostname in domains)

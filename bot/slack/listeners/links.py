"""Unfurls: show the live call below a join link that somebody pastes.

https://docs.slack.dev/messaging/unfurling-links-in-messages
https://docs.slack.dev/reference/events/link_shared
https://docs.slack.dev/reference/methods/chat.unfurl
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from slack_bolt.async_app import AsyncBoltContext

from bot.links import JoinLink, LinkError, SignedLinks
from bot.meetings import Meetings
from bot.participant_ids import CallRef
from bot.slack.blocks import Block, plain
from bot.slack.failures import Failure
from bot.slack.live_cards import LiveCards
from bot.slack.request import Body, SlackRequest
from bot.slack.wording.cards import UNNAMED
from bot.slack.workspaces import Workspaces
from bot.transport.requester import BACKGROUND, Requester, requester
from bot.workspace import Workspace

LOG = logging.getLogger(__name__)

_LOOKUP_TIMEOUT = 1.0  # seconds to find the active call
_UNFURL_TIMEOUT = 1.5  # seconds for chat.unfurl; Slack wants the event acknowledged within 3
_ADVICE = "add links:write to the app's scopes (manifest.yml has it) and reinstall it"


class NoSharedLinks:
    """Leaves links alone, where cards are plain: Slack shows the join page's own preview."""

    async def shared(self, body: Body, context: AsyncBoltContext) -> None:
        """Do nothing."""


class SharedLinks(NoSharedLinks):
    """Unfurls join links that belong to the workspace they are pasted in, and no others.

    Slack sends the event for sent messages, even where the bot isn't a member, and for drafts in
    the composer, which have no channel yet. On any failure the link stays a plain link.

    Args:
        links: reads join links.
        meetings: lists the runs of rooms.
        live_cards: finds the active call of a room.
        workspaces: provides Web API clients.
    """

    def __init__(
        self,
        links: SignedLinks,
        meetings: Meetings,
        live_cards: LiveCards,
        workspaces: Workspaces,
    ) -> None:
        self._links = links
        self._prefix = f"{links.public_url}/join/"
        self._meetings = meetings
        self._live_cards = live_cards
        self._workspaces = workspaces
        self._advised = False

    async def shared(self, body: Body, context: AsyncBoltContext) -> None:
        """Unfurl the join links among a `link_shared` event's links."""
        event, workspace = body["event"], SlackRequest.of(context, body).workspace
        requester.set(Requester(BACKGROUND, workspace.id))
        urls = {str(one.get("url", "")) for one in event.get("links", [])}
        own = {url: found for url in urls if (found := self._read(url, workspace))}
        if own:
            shown = await asyncio.gather(*(self._unfurl(*found) for found in own.values()))
            unfurls = dict(zip(own, shown, strict=True))
            await self._send(workspace, {**_where(event), "unfurls": unfurls})

    def _read(self, url: str, workspace: Workspace) -> tuple[JoinLink, CallRef] | None:
        """Return a valid join link of this workspace with its card's call, otherwise None."""
        if not url.startswith(self._prefix):
            return None
        try:
            link = self._links.read(url.removeprefix(self._prefix))
        except LinkError:
            return None
        is_own = link.owner == workspace
        return (link, link.call) if is_own and link.call else None

    async def _unfurl(self, link: JoinLink, own: CallRef) -> Block:
        """Return the unfurl of a link: a call block, which Slack keeps up to date."""
        call = await self._active(link, own)
        blocks = [{"type": "call", "call_id": call.call_id}]
        return {"blocks": blocks, "preview": {"title": plain(link.name or UNNAMED)}}

    async def _active(self, link: JoinLink, own: CallRef) -> CallRef:
        """Return the room's active call if it belongs to the link's workspace, otherwise `own`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOKUP_TIMEOUT):
                runs = await self._meetings.runs(link.meeting_id)
                call = await self._live_cards.active_call(link.meeting_id, runs or [])
                if call and call.workspace == link.owner:
                    return call
        return own

    async def _send(self, workspace: Workspace, fields: Mapping[str, Any]) -> None:
        try:
            async with asyncio.timeout(_UNFURL_TIMEOUT):
                client = await self._workspaces.client(workspace)
                await client.api_call("chat.unfurl", json=dict(fields))
        except Exception as error:  # noqa: BLE001 - slack_sdk lets through what its transport raises
            self._log(Failure.of(error).reason)

    def _log(self, reason: str) -> None:
        """Log a failure; a missing scope is logged once, with advice."""
        lacks_scope = reason == "missing_scope"
        if lacks_scope and self._advised:
            return
        self._advised = self._advised or lacks_scope
        facts = {"reason": reason} | ({"advice": _ADVICE} if lacks_scope else {})
        LOG.warning("link not unfurled", extra=facts)


def _where(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that identify the message, which may still be a draft.

    https://api.slack.com/changelog/2021-08-changes-to-unfurls
    """
    if event.get("unfurl_id") and event.get("source"):
        return {"unfurl_id": event["unfurl_id"], "source": event["source"]}
    return {"channel": event.get("channel"), "ts": event.get("message_ts")}

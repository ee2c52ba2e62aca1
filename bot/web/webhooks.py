"""Take VideoSDK's webhooks: who joined or left a meeting, that it is over, or transcribed.

https://docs.videosdk.live, "Webhooks". The signature is verified over the raw bytes; the address
has to be one that this bot made.
"""

import logging
from abc import ABC, abstractmethod
from http import HTTPStatus
from typing import Generic, TypeVar

from aiohttp import web

from bot.links import LinkError, NotesLink, SignedLinks, Webhook
from bot.slack.live_cards import LiveCards
from bot.slack.notes.notes import Notes
from bot.slack.notes.plain_notes import PlainNotes
from bot.slack.workspaces import Workspace
from bot.telemetry.metrics import UNCOUNTED, Metrics
from bot.transport.requester import BACKGROUND, Requester, requester
from bot.videosdk import (
    VideoSDK,
    VideoSDKBadReplyError,
    VideoSDKError,
    WebhookEvent,
    read_event,
)
from bot.web.guard import RejectedError
from bot.web.server import read_body, rejection

LOG = logging.getLogger(__name__)

_END = "session-ended"

Hook = TypeVar("Hook", Webhook, NotesLink)


class SignedEvents(ABC, Generic[Hook]):
    """An endpoint that VideoSDK reports to.

    Args:
        links: read the address.
        videosdk: knows VideoSDK's signature.
        metrics: count what came.
    """

    def __init__(
        self, links: SignedLinks, videosdk: VideoSDK, metrics: Metrics = UNCOUNTED
    ) -> None:
        self._links = links
        self._videosdk = videosdk
        self._metrics = metrics

    async def handle(self, request: web.Request) -> web.Response:
        """Answer 4xx to what VideoSDK did not sign for one of our addresses.

        Anything else gets 200 once Slack shows what has happened, or 503 after some seconds, so
        that a sender that retries will.
        """
        try:
            hook, owner = self._read(request.match_info["token"])
            requester.set(Requester(BACKGROUND, owner.team_id or owner.enterprise_id or ""))
            event = await self._read_event(request)
        except LinkError:  # no part of an address that isn't ours goes into the log
            return self._reject(RejectedError(HTTPStatus.NOT_FOUND, "not our address"))
        except RejectedError as rejected:
            return self._reject(rejected)
        self._metrics.webhook(event.type, "taken")
        LOG.info("webhook", extra={"type": event.type, "team": owner.team_id})
        caught_up = await self._caught_up(hook, owner, event)
        return web.Response(status=HTTPStatus.OK if caught_up else HTTPStatus.SERVICE_UNAVAILABLE)

    @abstractmethod
    def _read(self, token: str) -> tuple[Hook, Workspace]:
        """Return what an address says, and whose it is.

        Raises:
            LinkError: it is not ours.
        """

    @abstractmethod
    async def _caught_up(self, hook: Hook, owner: Workspace, event: WebhookEvent) -> bool:
        """Make Slack show what has happened, and return whether that worked soon enough."""

    async def _read_event(self, request: web.Request) -> WebhookEvent:
        body = await read_body(request)
        signature = request.headers.get("videosdk-signature", "")
        try:
            is_authentic = await self._videosdk.is_authentic(signature, body)
        except VideoSDKError:
            raise RejectedError(HTTPStatus.SERVICE_UNAVAILABLE, "no key to verify by") from None
        if not is_authentic:
            raise RejectedError(HTTPStatus.UNAUTHORIZED, "wrong signature")
        try:
            return read_event(body)
        except VideoSDKBadReplyError:
            raise RejectedError(HTTPStatus.BAD_REQUEST, "not readable") from None

    def _reject(self, rejected: RejectedError) -> web.Response:
        LOG.warning("webhook rejected", extra={"reason": str(rejected)})
        self._metrics.webhook("unknown", str(rejected))
        return rejection(rejected)


class Webhooks(SignedEvents[Webhook]):
    """The endpoint for rooms.

    Args:
        links: read the address.
        videosdk: knows VideoSDK's signature.
        live_cards: are brought up to date.
        metrics: count what came.
        notes: are looked at when a session has ended.
    """

    def __init__(
        self,
        links: SignedLinks,
        videosdk: VideoSDK,
        live_cards: LiveCards,
        metrics: Metrics = UNCOUNTED,
        notes: PlainNotes | None = None,
    ) -> None:
        super().__init__(links, videosdk, metrics)
        self._live_cards = live_cards
        self._notes = notes or PlainNotes()

    def _read(self, token: str) -> tuple[Webhook, Workspace]:
        hook = self._links.read_webhook(token)
        return hook, Workspace(hook.team_id, hook.enterprise_id)

    async def _caught_up(self, _: Webhook, owner: Workspace, event: WebhookEvent) -> bool:
        if event.meeting_id is None:  # about something else than a room
            return True
        if event.type == _END:
            self._notes.notice_room(event.meeting_id)
        return await self._live_cards.caught_up(event.meeting_id, owner)


class NotesWebhooks(SignedEvents[NotesLink]):
    """The endpoint for transcriptions.

    Args:
        links: read the address.
        videosdk: knows VideoSDK's signature.
        notes: are brought up to date.
        metrics: count what came.
    """

    def __init__(
        self, links: SignedLinks, videosdk: VideoSDK, notes: Notes, metrics: Metrics = UNCOUNTED
    ) -> None:
        super().__init__(links, videosdk, metrics)
        self._notes = notes

    def _read(self, token: str) -> tuple[NotesLink, Workspace]:
        hook = self._links.read_notes(token)
        return hook, Workspace(hook.place.team_id, hook.place.enterprise_id)

    async def _caught_up(self, hook: NotesLink, _: Workspace, event: WebhookEvent) -> bool:
        return await self._notes.caught_up(hook, event.resource_id or "")

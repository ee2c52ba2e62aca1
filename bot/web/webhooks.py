"""VideoSDK's webhooks: people join or leave, sessions end, transcriptions start and stop.

https://docs.videosdk.live, "Webhooks". The URL has to be one that this bot signed, and VideoSDK's
signature is verified over the raw bytes.
"""

import logging
from abc import ABC, abstractmethod
from http import HTTPStatus
from typing import Generic, TypeVar

from aiohttp import web

from bot.links import LinkError, NotesLink, SignedLinks
from bot.slack.live_cards import LiveCards
from bot.slack.notes.notes import Notes
from bot.slack.notes.plain_notes import PlainNotes
from bot.telemetry.metrics import NO_METRICS, Metrics
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
from bot.workspace import Workspace

LOG = logging.getLogger(__name__)

_END = "session-ended"

Hook = TypeVar("Hook", Workspace, NotesLink)


class SignedEvents(ABC, Generic[Hook]):
    """An endpoint for VideoSDK's webhooks.

    Args:
        links: reads the webhook's URL.
        videosdk: verifies VideoSDK's signature.
        metrics: counts webhooks.
    """

    def __init__(
        self, links: SignedLinks, videosdk: VideoSDK, metrics: Metrics = NO_METRICS
    ) -> None:
        self._links = links
        self._videosdk = videosdk
        self._metrics = metrics

    async def handle(self, request: web.Request) -> web.Response:
        """Reject a webhook that VideoSDK didn't sign, or whose URL this bot didn't.

        Otherwise respond 200 once Slack is up to date, or 503 if that takes too long, so that the
        sender retries if it does at all.
        """
        try:
            hook, owner = self._read(request.match_info["token"])
            requester.set(Requester(BACKGROUND, owner.id))
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
        """Return the content of a webhook's URL, and the workspace it was made for.

        Raises:
            LinkError: this bot didn't sign it.
        """

    @abstractmethod
    async def _caught_up(self, hook: Hook, owner: Workspace, event: WebhookEvent) -> bool:
        """Bring Slack up to date, and return whether that succeeded in time."""

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


class Webhooks(SignedEvents[Workspace]):
    """The endpoint for webhooks about rooms.

    Args:
        links: reads the webhook's URL.
        videosdk: verifies VideoSDK's signature.
        live_cards: brought up to date.
        metrics: counts webhooks.
        notes: looked at when a session ends; None without notes.
    """

    def __init__(
        self,
        links: SignedLinks,
        videosdk: VideoSDK,
        live_cards: LiveCards,
        metrics: Metrics = NO_METRICS,
        notes: PlainNotes | None = None,
    ) -> None:
        super().__init__(links, videosdk, metrics)
        self._live_cards = live_cards
        self._notes = notes or PlainNotes()

    def _read(self, token: str) -> tuple[Workspace, Workspace]:
        owner = self._links.read_webhook(token)
        return owner, owner

    async def _caught_up(self, _: Workspace, owner: Workspace, event: WebhookEvent) -> bool:
        if event.meeting_id is None:  # not about a room
            return True
        if event.type == _END:
            self._notes.notice_room(event.meeting_id)
        return await self._live_cards.follow(event.meeting_id, owner).catch_up()


class NotesWebhooks(SignedEvents[NotesLink]):
    """The endpoint for webhooks about transcriptions.

    Args:
        links: reads the webhook's URL.
        videosdk: verifies VideoSDK's signature.
        notes: brought up to date.
        metrics: counts webhooks.
    """

    def __init__(
        self, links: SignedLinks, videosdk: VideoSDK, notes: Notes, metrics: Metrics = NO_METRICS
    ) -> None:
        super().__init__(links, videosdk, metrics)
        self._notes = notes

    def _read(self, token: str) -> tuple[NotesLink, Workspace]:
        hook = self._links.read_notes(token)
        return hook, hook.place.workspace

    async def _caught_up(self, hook: NotesLink, _: Workspace, event: WebhookEvent) -> bool:
        return await self._notes.follow(hook, event.resource_id or "").catch_up()

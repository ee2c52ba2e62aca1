"""VideoSDK's webhooks: people join or leave, sessions end, transcriptions start and stop.

https://docs.videosdk.live, "Webhooks". The URL has to be one that this bot signed, and VideoSDK's
signature is verified over the raw bytes. A webhook is answered with 200 once Slack is up to date,
or with 503 if that takes too long, so that the sender retries if it does at all.
"""

import logging
from http import HTTPStatus

from aiohttp import web

from bot.links import LinkError, SignedLinks
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


class SignedEvents:
    """Reads the events that VideoSDK has signed.

    Args:
        videosdk: verifies VideoSDK's signature.
        metrics: counts webhooks.
    """

    def __init__(self, videosdk: VideoSDK, metrics: Metrics = NO_METRICS) -> None:
        self._videosdk = videosdk
        self._metrics = metrics

    async def read(self, request: web.Request, owner: Workspace) -> WebhookEvent:
        """Return the event in a webhook.

        Args:
            request: the webhook.
            owner: the workspace that its URL was made for.

        Raises:
            RejectedError: it is unreadable, VideoSDK didn't sign it, or that can't be verified now.
        """
        requester.set(Requester(BACKGROUND, owner.id))
        body = await read_body(request)
        signature = request.headers.get("videosdk-signature", "")
        try:
            is_authentic = await self._videosdk.is_authentic(signature, body)
        except VideoSDKError:
            raise RejectedError(HTTPStatus.SERVICE_UNAVAILABLE, "no key to verify by") from None
        if not is_authentic:
            raise RejectedError(HTTPStatus.UNAUTHORIZED, "wrong signature")
        try:
            event = read_event(body)
        except VideoSDKBadReplyError:
            raise RejectedError(HTTPStatus.BAD_REQUEST, "not readable") from None
        self._metrics.webhook(event.type, "taken")
        LOG.info("webhook", extra={"type": event.type, "team": owner.team_id})
        return event

    def reject(self, error: LinkError | RejectedError) -> web.Response:
        """Return the response to a rejected webhook; no part of a foreign URL is logged."""
        if isinstance(error, LinkError):
            error = RejectedError(HTTPStatus.NOT_FOUND, "not our address")
        LOG.warning("webhook rejected", extra={"reason": str(error)})
        self._metrics.webhook("unknown", str(error))
        return rejection(error)


class Webhooks:
    """The endpoint for webhooks about rooms.

    Args:
        links: reads the webhook's URL.
        events: reads the event.
        live_cards: brought up to date.
        notes: looked at when a session ends.
    """

    def __init__(
        self, links: SignedLinks, events: SignedEvents, live_cards: LiveCards, notes: PlainNotes
    ) -> None:
        self._links = links
        self._events = events
        self._live_cards = live_cards
        self._notes = notes

    async def handle(self, request: web.Request) -> web.Response:
        """Bring the room's cards up to date."""
        try:
            owner = self._links.read_webhook(request.match_info["token"])
            event = await self._events.read(request, owner)
        except (LinkError, RejectedError) as error:
            return self._events.reject(error)
        if event.meeting_id is None:  # not about a room
            return web.Response()
        if event.type == _END:
            self._notes.notice_room(event.meeting_id)
        caught_up = await self._live_cards.follow(event.meeting_id, owner).catch_up()
        return web.Response(status=HTTPStatus.OK if caught_up else HTTPStatus.SERVICE_UNAVAILABLE)


class NotesWebhooks:
    """The endpoint for webhooks about transcriptions.

    Args:
        links: reads the webhook's URL.
        events: reads the event.
        notes: brought up to date.
    """

    def __init__(self, links: SignedLinks, events: SignedEvents, notes: Notes) -> None:
        self._links = links
        self._events = events
        self._notes = notes

    async def handle(self, request: web.Request) -> web.Response:
        """Bring the reply with the notes up to date."""
        try:
            link = self._links.read_notes(request.match_info["token"])
            event = await self._events.read(request, link.place.workspace)
        except (LinkError, RejectedError) as error:
            return self._events.reject(error)
        caught_up = await self._notes.follow(link, event.resource_id or "").catch_up()
        return web.Response(status=HTTPStatus.OK if caught_up else HTTPStatus.SERVICE_UNAVAILABLE)

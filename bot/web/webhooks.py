"""Take VideoSDK's webhooks: who joined or left a meeting, and that it is over.

https://docs.videosdk.live, "Webhooks". The signature is verified over the raw bytes; the address
has to be one that this bot made.
"""

import logging
from http import HTTPStatus

from aiohttp import web

from bot.links import LinkError, SignedLinks, Webhook
from bot.slack.live_cards import LiveCards
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


class Webhooks:
    """The endpoint that VideoSDK reports to.

    Args:
        links: read the address.
        videosdk: knows VideoSDK's signature.
        live_cards: are brought up to date.
        metrics: count what came.
    """

    def __init__(
        self,
        links: SignedLinks,
        videosdk: VideoSDK,
        live_cards: LiveCards,
        metrics: Metrics = UNCOUNTED,
    ) -> None:
        self._links = links
        self._videosdk = videosdk
        self._live_cards = live_cards
        self._metrics = metrics

    async def handle(self, request: web.Request) -> web.Response:
        """Answer 4xx to what VideoSDK did not sign for one of our addresses.

        Anything else gets 200 once the cards match what has happened, or 503 after some seconds,
        so that a sender that retries will.
        """
        try:
            hook = self._read_address(request)
            event = await self._read_event(request)
        except RejectedError as rejected:
            LOG.warning("webhook rejected", extra={"reason": str(rejected)})
            self._metrics.webhook("unknown", str(rejected))
            return rejection(rejected)
        self._metrics.webhook(event.type, "taken")
        LOG.info("webhook", extra={"type": event.type, "team": hook.team_id})
        if event.meeting_id is None:  # about something else than a room
            return web.Response()
        workspace = Workspace(hook.team_id, hook.enterprise_id)
        caught_up = await self._live_cards.caught_up(event.meeting_id, workspace)
        return web.Response(status=HTTPStatus.OK if caught_up else HTTPStatus.SERVICE_UNAVAILABLE)

    def _read_address(self, request: web.Request) -> Webhook:
        """Return what the address says; no part of one that is not ours goes into the log."""
        try:
            hook = self._links.read_webhook(request.match_info["token"])
        except LinkError:
            raise RejectedError(HTTPStatus.NOT_FOUND, "not our address") from None
        requester.set(Requester(BACKGROUND, hook.team_id or hook.enterprise_id or ""))
        return hook

    async def _read_event(self, request: web.Request) -> WebhookEvent:
        body = await read_body(request)
        await self._verify(request.headers.get("videosdk-signature", ""), body)
        try:
            return read_event(body)
        except VideoSDKBadReplyError:
            raise RejectedError(HTTPStatus.BAD_REQUEST, "not readable") from None

    async def _verify(self, signature: str, body: bytes) -> None:
        try:
            is_authentic = await self._videosdk.is_authentic(signature, body)
        except VideoSDKError:
            raise RejectedError(HTTPStatus.SERVICE_UNAVAILABLE, "no key to verify by") from None
        if not is_authentic:
            raise RejectedError(HTTPStatus.UNAUTHORIZED, "wrong signature")

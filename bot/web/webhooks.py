"""Take VideoSDK's webhooks: who joined or left a meeting, and that it is over.

https://docs.videosdk.live, "Webhooks". The signature is verified over the raw bytes; the address
has to be one that this bot made.
"""

import logging
from http import HTTPStatus

from aiohttp import web

from bot.links import LinkError, SignedLinks
from bot.slack.live_cards import LiveCards
from bot.slack.notes.notes import Notes
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
_REJECTED = (LinkError, RejectedError, VideoSDKBadReplyError)


class Webhooks:
    """The endpoints that VideoSDK reports to.

    Args:
        links: read the address.
        videosdk: knows VideoSDK's signature.
        live_cards: are brought up to date.
        metrics: count what came.
        notes: are brought up to date, too, where they can be on.
    """

    def __init__(
        self,
        links: SignedLinks,
        videosdk: VideoSDK,
        live_cards: LiveCards,
        metrics: Metrics = UNCOUNTED,
        *,
        notes: Notes | None = None,
    ) -> None:
        self._links = links
        self._videosdk = videosdk
        self._live_cards = live_cards
        self._notes = notes
        self._metrics = metrics

    async def handle(self, request: web.Request) -> web.Response:
        """Answer 4xx to what VideoSDK did not sign for one of our addresses.

        Anything else gets 200 once the cards match what has happened, or 503 after some seconds,
        so that a sender that retries will.
        """
        try:
            hook = self._links.read_webhook(request.match_info["token"])
            event = await self._read(request, hook.team_id, hook.enterprise_id)
        except _REJECTED as error:
            return self._reject(error)
        if event.meeting_id is None:  # about something else than a room
            return web.Response()
        if self._notes and event.type == _END:
            self._notes.notice_room(event.meeting_id)
        workspace = Workspace(hook.team_id, hook.enterprise_id)
        return _answer(caught_up=await self._live_cards.caught_up(event.meeting_id, workspace))

    async def handle_notes(self, request: web.Request) -> web.Response:
        """Answer alike what came to the address of a transcription."""
        try:
            link = self._links.read_notes(request.match_info["token"].rstrip("/"))
            place = link.place
            event = await self._read(request, place.team_id, place.enterprise_id)
        except _REJECTED as error:
            return self._reject(error)
        if self._notes is None:  # they were on once
            return web.Response()
        return _answer(caught_up=await self._notes.caught_up(link, event.resource_id or ""))

    async def _read(
        self, request: web.Request, team_id: str | None, enterprise_id: str | None
    ) -> WebhookEvent:
        """Return the event that VideoSDK sent to the address of a workspace.

        Raises:
            RejectedError: VideoSDK didn't send it.
            VideoSDKBadReplyError: it can't be read.
        """
        requester.set(Requester(BACKGROUND, team_id or enterprise_id or ""))
        body = await read_body(request)
        await self._verify(request.headers.get("videosdk-signature", ""), body)
        event = read_event(body)
        self._metrics.webhook(event.type, "taken")
        LOG.info("webhook", extra={"type": event.type, "team": team_id})
        return event

    def _reject(self, error: Exception) -> web.Response:
        match error:
            case LinkError():
                rejected = RejectedError(HTTPStatus.NOT_FOUND, "not our address")
            case RejectedError():
                rejected = error
                LOG.warning("webhook rejected", extra={"reason": str(error)})
            case _:
                rejected = RejectedError(HTTPStatus.BAD_REQUEST, "not readable")
        self._metrics.webhook("unknown", str(rejected))
        return rejection(rejected)

    async def _verify(self, signature: str, body: bytes) -> None:
        try:
            is_authentic = await self._videosdk.is_authentic(signature, body)
        except VideoSDKError:
            raise RejectedError(HTTPStatus.SERVICE_UNAVAILABLE, "no key to verify by") from None
        if not is_authentic:
            raise RejectedError(HTTPStatus.UNAUTHORIZED, "wrong signature")


def _answer(*, caught_up: bool) -> web.Response:
    return web.Response(status=HTTPStatus.OK if caught_up else HTTPStatus.SERVICE_UNAVAILABLE)

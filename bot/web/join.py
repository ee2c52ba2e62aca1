"""Open a meeting in the browser of whoever has its join link."""

import logging
import secrets
import string
from urllib.parse import urlencode

from aiohttp import web

from bot.links import JoinLink, LinkError, LinkExpiredError, SignedLinks
from bot.videosdk import VideoSDK, VideoSDKError
from bot.web.pages import join_page, notice_page

LOG = logging.getLogger(__name__)

_BASE36 = string.digits + string.ascii_lowercase
# What VideoSDK's page offers; unset, it turns most of it off.
_OFFERED = dict.fromkeys(
    (
        "joinScreenEnabled",
        "micEnabled",
        "webcamEnabled",
        "chatEnabled",
        "screenShareEnabled",
        "participantCanToggleSelfWebcam",
        "participantCanToggleSelfMic",
        "participantCanLeave",
    ),
    "true",
)


class JoinPage:
    """The page behind a card's Join button.

    The participant's token is minted when the page is opened: it lets one person into one room for
    an hour, and no more. VideoSDK's page takes it in its address, so nothing longer-lived may be
    in there; our API key, which mints tokens by itself, never is.

    Args:
        links: reads the link.
        videosdk: finds the room and mints the token.
        embed_url: VideoSDK's page for meetings.
    """

    def __init__(self, links: SignedLinks, videosdk: VideoSDK, embed_url: str) -> None:
        self._links = links
        self._videosdk = videosdk
        self._embed_url = embed_url

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with the meeting, or with a page that says why there is none."""
        try:
            link = self._links.read(request.match_info["token"])
        except LinkExpiredError:
            return notice_page(
                410,
                "This join link is too old",
                "Join links are good for 30 days. Start the meeting again with its name in Slack: "
                "the new card leads to the same room.",
            )
        except LinkError:
            return notice_page(
                404,
                "This is not a join link",
                "It was cut short or changed on its way, or it belongs to another bot. "
                "Press Join on the meeting's card in Slack, or copy the whole link again.",
            )
        return await self._open(link)

    async def _open(self, link: JoinLink) -> web.Response:
        try:
            meeting = await self._videosdk.validate(link.meeting_id)
        except VideoSDKError as error:
            LOG.warning("meeting could not be opened", extra={"cause": type(error).__name__})
            return notice_page(
                503,
                "VideoSDK does not answer",
                "The meeting is fine as far as we know, but it cannot be opened right now. "
                "Please reload this page in a minute.",
            )
        if meeting is None or meeting.disabled:
            return notice_page(
                410,
                "This meeting is no more",
                "It has been switched off or removed. Start another one in Slack.",
            )
        return join_page(link.name or "Meeting", self._frame_url(meeting.meeting_id, link.call_id))

    def _frame_url(self, meeting_id: str, call_id: str | None) -> str:
        """Return the address of VideoSDK's page for one new participant.

        The participant's id begins with the Slack call's, so that whatever VideoSDK later says of
        the participant names the call too.
        """
        own = "".join(secrets.choice(_BASE36) for _ in range(8))
        participant_id = f"{call_id}-{own}" if call_id else own
        token = self._videosdk.participant_token(meeting_id, participant_id)
        parameters = {"meetingId": meeting_id, "participantId": participant_id, "token": token}
        return f"{self._embed_url}?{urlencode(parameters | _OFFERED)}"

"""Open a meeting in the browser of whoever has its join link."""

import logging
from http import HTTPStatus
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web

from bot.links import JoinLink, LinkError, LinkExpiredError, SignedLinks
from bot.participant_ids import VISITOR, CallRef, new_visitor, participant_id
from bot.requester import JOIN_PAGE, Requester, requester
from bot.slack.guard import RejectedError
from bot.slack.joining import Enter, Joining, NotPostedError, PlainJoining
from bot.videosdk import Meeting, VideoSDK, VideoSDKBusyError, VideoSDKError
from bot.web import join_notices as notices
from bot.web.pages import join_page
from bot.web.previews import is_preview
from bot.web.reading import read_body, turn_away

LOG = logging.getLogger(__name__)

_COOKIE = "meet-visitor"
_LASTS = 12 * 3600  # seconds that a browser stays the same participant, as their token does
# What VideoSDK's page offers. Unset, the last three are off, and the rest depends on its version.
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
        "pollEnabled",
        "raiseHandEnabled",
        "canToggleVirtualBackground",
        "canToggleWhiteboard",
        "canDrawOnWhiteboard",
    ),
    "true",
)


class JoinPage:
    """The page behind a card's Join button.

    The participant's token is minted when the page is opened: it lets one person into one room for
    12 hours, since VideoSDK's page sends it again on every rejoin. It travels in that page's
    address, so nothing longer-lived may be in there; our API key, which mints tokens by itself,
    never is.

    A cookie makes a browser the same participant when it reloads the page. VideoSDK disconnects the
    first of two with one id, so the card shows one person then, and two for two tabs.

    Args:
        links: reads the link.
        videosdk: finds the room and mints the token.
        joining: decides on whose card people show.
        embed_url: VideoSDK's page for meetings.
        command: the command that starts a meeting, for those who have to type it.
    """

    def __init__(
        self,
        links: SignedLinks,
        videosdk: VideoSDK,
        joining: Joining | PlainJoining,
        embed_url: str,
        command: str,
    ) -> None:
        self._links = links
        self._videosdk = videosdk
        self._joining = joining
        self._embed_url = embed_url
        self._command = command

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with the meeting, or with a page that says why there is none.

        Nothing is minted for a HEAD request, a prefetch or a preview; and opening never posts.
        """
        try:
            link = self._read(request)
            if is_preview(request):
                return notices.preview(link)
            meeting = await self._find(link)
        except _NoWayInError as error:
            return error.page
        entry = await self._joining.way_in(link, meeting)
        if isinstance(entry, Enter):
            note = notices.UNSEEN if entry.is_unseen else ""
            return self._open(request, link, meeting, entry.call, note)
        return notices.over(link, entry)

    async def start_again(self, request: web.Request) -> web.Response:
        """Take the form of the page that says that a meeting has ended.

        Raises:
            HTTPSeeOther: the meeting was started again: there is a fresh link.
        """
        if not _is_same_origin(request, self._links.public_url):
            return turn_away(RejectedError(HTTPStatus.FORBIDDEN, "from another site"))
        try:
            form = parse_qs((await read_body(request)).decode("utf-8", "replace"))
            link = self._read(request)
            meeting = await self._find(link)
        except RejectedError as rejected:
            return turn_away(rejected)
        except _NoWayInError as error:
            return error.page
        if form.get(notices.HOW) == [notices.QUIETLY]:
            return self._open(request, link, meeting, link.call)
        try:
            fresh = await self._joining.start_again(link, meeting)
        except NotPostedError:
            return notices.not_posted(link, self._command)
        raise web.HTTPSeeOther(self._links.url(fresh))

    def _read(self, request: web.Request) -> JoinLink:
        try:
            link = self._links.read(request.match_info["token"])
        except LinkExpiredError:
            raise _NoWayInError(notices.too_old()) from None
        except LinkError:
            raise _NoWayInError(notices.not_a_link()) from None
        requester.set(Requester(JOIN_PAGE, link.workspace_id))
        return link

    async def _find(self, link: JoinLink) -> Meeting:
        try:
            meeting = await self._videosdk.validate(link.meeting_id)
        except VideoSDKBusyError:
            raise _NoWayInError(notices.busy()) from None
        except VideoSDKError as error:
            LOG.warning("meeting could not be opened", extra={"cause": type(error).__name__})
            raise _NoWayInError(notices.unreachable()) from None
        if meeting is None or meeting.disabled:
            raise _NoWayInError(notices.closed())
        return meeting

    def _open(
        self,
        request: web.Request,
        link: JoinLink,
        meeting: Meeting,
        call: CallRef | None,
        note: str = "",
    ) -> web.Response:
        """Return the page with the meeting, for a browser that is the same participant again."""
        known = request.cookies.get(_COOKIE, "")
        is_same = VISITOR.fullmatch(known) and not _is_new_tab(request)
        visitor = known if is_same else new_visitor()
        back = f"{self._links.public_url}/join/{request.match_info['token']}"
        page = join_page(
            link.name or "Meeting",
            self._frame_url(meeting, participant_id(call, visitor), back),
            note,
        )
        page.set_cookie(
            _COOKIE,
            visitor,
            path=urlsplit(self._links.public_url).path + "/join",
            max_age=_LASTS,
            secure=back.startswith("https:"),
            httponly=True,
            samesite="Lax",
        )
        return page

    def _frame_url(self, meeting: Meeting, participant: str, back: str) -> str:
        """Return the address of VideoSDK's page for one participant.

        Its own "Rejoin" would lead back past us, possibly into a meeting that has ended on every
        card; so its left screen leads to the join link. The page decodes values twice.
        """
        parameters = {
            "meetingId": meeting.meeting_id,
            "participantId": participant,
            "token": self._videosdk.participant_token(meeting.meeting_id, participant),
            "leftScreenRejoinButtonEnabled": "false",
            "leftScreenActionButtonLabel": "Rejoin",
            "leftScreenActionButtonHref": back.replace("%", "%25"),
        }
        return f"{self._embed_url}?{urlencode(parameters | _OFFERED)}"


class _NoWayInError(Exception):
    """The link leads nowhere; `page` says why."""

    def __init__(self, page: web.Response) -> None:
        super().__init__(page.status)
        self.page = page


def _is_new_tab(request: web.Request) -> bool:
    """Return whether a browser came by a link; when it reloads, it asks for a fresh page."""
    navigates = request.headers.get("Sec-Fetch-Mode") == "navigate"
    return navigates and not request.headers.get("Cache-Control")


def _is_same_origin(request: web.Request, public_url: str) -> bool:
    """Return whether a form was sent from our own page; browsers say so in one of two headers."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site == "same-origin"
    try:
        return origin is None or _origin(origin) == _origin(public_url)
    except ValueError:  # it is no address
        return False


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, parts.hostname, parts.port or default

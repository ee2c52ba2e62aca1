"""Open a meeting in the browser of whoever has its join link."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from bot.caching.shared import Shared
from bot.links import JoinLink, LinkError, LinkExpiredError, SignedLinks
from bot.participant_ids import VISITOR, CallRef, new_visitor
from bot.slack.joining import Enter, NotPostedError, PlainJoining
from bot.telemetry.metrics import UNCOUNTED, Metrics
from bot.transport.requester import JOIN_PAGE, Requester, requester
from bot.videosdk import Meeting, VideoSDK, VideoSDKBusyError, VideoSDKError
from bot.web.guard import RejectedError
from bot.web.join import notices
from bot.web.join.doors import A_GUEST, OPEN_DOOR, Arrival, OpenDoor, TurnedAwayError
from bot.web.join.frame import Frame
from bot.web.join.previews import is_preview
from bot.web.join.transcribing import NeverTranscribing
from bot.web.join.visits import JoinVisits
from bot.web.pages import join_page
from bot.web.server import read_body, rejection

_COOKIE = "meet-visitor"
_LASTS = 12 * 3600  # seconds that a browser stays the same participant, as their token does


@dataclass
class _Visit:
    """What became of a request for the page.

    Attributes:
        outcome: what the page showed.
        link: by which it was opened, if it is one of the bot's.
        arrival: as whom they join.
        inside: how many people are in the meeting, if that is known.
        cause: what went wrong, if anything did.
    """

    outcome: str = "failed"
    link: JoinLink | None = None
    arrival: Arrival = A_GUEST
    inside: int | None = None
    cause: str | None = None


class JoinPage:
    """The page behind a card's Join button.

    The participant's token is minted when the page is opened: it lets one person into one room for
    12 hours, since VideoSDK's page sends it again on every rejoin. It travels in that page's
    address, so nothing longer-lived may be in there; our API key, which mints tokens by itself,
    never is.

    A cookie makes a browser the same participant when it reloads the page. VideoSDK disconnects the
    first of two with one id, so the card shows one person then, and two for two tabs.

    A room is looked up once in two seconds, however many come, and a link mints at most 500 tokens
    a minute.

    Args:
        links: reads the link.
        videosdk: finds the room and mints the token.
        joining: decides on whose card people show.
        embed_url: VideoSDK's page for meetings.
        command: the command that starts a meeting, for those who have to type it.
        door: decides who may join, and as whom.
        transcribing: knows whether a call is being transcribed, where notes can be on.
        metrics: count who comes.
    """

    def __init__(  # noqa: PLR0913 - one of them may be left out
        self,
        links: SignedLinks,
        videosdk: VideoSDK,
        joining: PlainJoining,
        embed_url: str,
        command: str,
        *,
        door: OpenDoor = OPEN_DOOR,
        transcribing: NeverTranscribing | None = None,
        metrics: Metrics = UNCOUNTED,
    ) -> None:
        self._links = links
        self._videosdk = videosdk
        self._joining = joining
        self._frame = Frame(embed_url, videosdk)
        self._door = door
        self._command = command
        self._transcribing = transcribing or NeverTranscribing()
        self._visits = JoinVisits(metrics)
        self._found: Shared[Meeting | None] = Shared()

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with the meeting, or with a page that says why there is none.

        Nothing is minted for a HEAD request, a prefetch or a preview; and opening never posts.
        """
        return await self._answer(request, self._enter)

    async def start_again(self, request: web.Request) -> web.Response:
        """Take the form of the page that says that a meeting has ended.

        Raises:
            HTTPSeeOther: the meeting was started again: there is a fresh link.
        """
        return await self._answer(request, self._take_form)

    async def _answer(
        self,
        request: web.Request,
        answer: Callable[[web.Request, _Visit], Awaitable[web.Response]],
    ) -> web.Response:
        """Return an answer, and note what it was."""
        visit = _Visit()
        try:
            return await answer(request, visit)
        except _NoWayInError as error:
            visit.outcome, visit.cause = str(error), error.cause
            return error.page
        finally:
            self._visits.note(visit.outcome, visit.link, visit.cause)

    async def _enter(self, request: web.Request, visit: _Visit) -> web.Response:
        link = visit.link = self._read(request)
        if is_preview(request):
            visit.outcome = "preview"
            return notices.preview(link, await self._joining.glance(link))
        self._admit(request, visit, link)
        meeting = await self._find(link)
        entry = await self._joining.way_in(link, meeting)
        if isinstance(entry, Enter):
            note = notices.UNSEEN if entry.is_unseen else ""
            visit.inside = entry.inside
            return await self._open(request, visit, meeting, entry.call, note)
        visit.outcome = "over"
        return notices.over(link, entry)

    async def _take_form(self, request: web.Request, visit: _Visit) -> web.Response:
        if not _is_same_origin(request, self._links.public_url):
            raise _rejected(RejectedError(HTTPStatus.FORBIDDEN, "from another site"))
        try:
            form = parse_qs((await read_body(request)).decode("utf-8", "replace"))
        except RejectedError as rejected:
            raise _rejected(rejected) from None
        link = visit.link = self._read(request)
        self._admit(request, visit, link)
        meeting = await self._find(link)
        if form.get(notices.HOW) == [notices.QUIETLY]:
            return await self._open(request, visit, meeting, link.call)
        try:
            fresh = await self._joining.start_again(link, meeting)
        except NotPostedError:
            visit.outcome = "card not posted"
            return notices.not_posted(link, self._command)
        visit.outcome = "started again"
        raise web.HTTPSeeOther(self._links.url(fresh))

    def _read(self, request: web.Request) -> JoinLink:
        try:
            link = self._links.read(request.match_info["token"])
        except LinkExpiredError:
            raise _NoWayInError(notices.too_old(), "too old") from None
        except LinkError:
            raise _NoWayInError(notices.not_a_link(), "not a link") from None
        requester.set(Requester(JOIN_PAGE, link.workspace_id))
        return link

    def _admit(self, request: web.Request, visit: _Visit, link: JoinLink) -> None:
        try:
            visit.arrival = self._door.admit(request, link, self._back(request))
        except TurnedAwayError as turned_away:
            raise _NoWayInError(turned_away.page, str(turned_away)) from None

    async def _find(self, link: JoinLink) -> Meeting:
        room = link.meeting_id
        try:
            meeting = await self._found.get(room, lambda: self._videosdk.validate(room))
        except VideoSDKBusyError:
            raise _NoWayInError(notices.busy(), "busy") from None
        except VideoSDKError as error:
            cause = type(error).__name__
            raise _NoWayInError(notices.unreachable(), "unreachable", cause) from None
        if meeting is None or meeting.disabled:
            raise _NoWayInError(notices.closed(), "closed")
        return meeting

    async def _open(
        self,
        request: web.Request,
        visit: _Visit,
        meeting: Meeting,
        call: CallRef | None,
        note: str = "",
    ) -> web.Response:
        """Return the page with the meeting, for a browser that is the same participant again."""
        link = visit.link
        if link is None or not self._visits.may_mint(link):
            raise _NoWayInError(notices.too_many(), "too many")
        transcribed = await self._transcribing.note(meeting.meeting_id)
        note = " ".join(filter(None, (note, transcribed)))
        visit.outcome = "meeting"
        known = request.cookies.get(_COOKIE, "")
        is_same = VISITOR.fullmatch(known) and not _is_new_tab(request)
        visitor = known if is_same else new_visitor()
        back, arrival = self._back(request), visit.arrival
        frame_url = self._frame.address(
            meeting,
            self._door.participant(link, arrival, call, visitor),
            back,
            arrival.member.name if arrival.member else "",
            moderates=arrival.moderates,
        )
        page = join_page(
            link.name or "Meeting",
            frame_url,
            note,
            arrival.badge,
            summary=notices.state(visit.inside),
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

    def _back(self, request: web.Request) -> str:
        return f"{self._links.public_url}/join/{request.match_info['token']}"


class _NoWayInError(Exception):
    """The link leads nowhere; `page` says why, and the message for the log.

    Attributes:
        page: for whoever came.
        cause: what went wrong, if anything did.
    """

    def __init__(self, page: web.Response, outcome: str, cause: str | None = None) -> None:
        super().__init__(outcome)
        self.page = page
        self.cause = cause


def _rejected(rejected: RejectedError) -> _NoWayInError:
    return _NoWayInError(rejection(rejected), str(rejected))


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

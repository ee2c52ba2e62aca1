"""The join page, which opens a meeting in the browser."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from bot.caching.shared import SharedResults
from bot.links import JoinLink, LinkError, LinkExpiredError, SignedLinks
from bot.participant_ids import VISITOR, CallRef, new_visitor
from bot.slack.joining import Enter, NotPostedError, PlainJoining
from bot.telemetry.metrics import NO_METRICS, Metrics
from bot.transport.requester import JOIN_PAGE, Requester, requester
from bot.videosdk import Meeting, VideoSDK, VideoSDKBusyError, VideoSDKError
from bot.web.guard import RejectedError
from bot.web.join import notices
from bot.web.join.doors import GUEST, OPEN_DOOR, Arrival, NoMeetingError, OpenDoor
from bot.web.join.frame import Frame
from bot.web.join.previews import is_preview
from bot.web.join.transcribing import NEVER_TRANSCRIBING, NeverTranscribing
from bot.web.join.visits import JoinVisits
from bot.web.pages import HOW, join_page
from bot.web.server import read_body, rejection

_COOKIE = "meet-visitor"
_COOKIE_SECONDS = 12 * 3600  # as long as a participant's token is valid


@dataclass
class _Visit:
    """A request for the page, and its outcome.

    Attributes:
        outcome: what the page showed, for the log.
        link: the join link's content, if it is valid.
        arrival: the person who joins.
        inside: how many people are in the meeting; None if unknown.
        cause: the error, if any.
    """

    outcome: str = "failed"
    link: JoinLink | None = None
    arrival: Arrival = GUEST
    inside: int | None = None
    cause: str | None = None


class JoinPage:
    """The page behind a card's Join button.

    Opening the page mints the participant's token. The browser sees the token, so it is for one
    person and one room, and expires: after 12 hours, because VideoSDK's page sends it again on
    every rejoin. The API key, which could mint tokens, never reaches a browser.

    A cookie makes a browser the same participant again when it reloads the page: VideoSDK
    disconnects the older of two participants with one ID, so the card shows one person. Two tabs
    are two people.

    A room is looked up at most once in two seconds, and a link mints at most 500 tokens a minute.

    Args:
        links: reads join links.
        videosdk: finds the room and mints the token.
        joining: decides what a join link leads to.
        embed_url: URL of VideoSDK's meeting page.
        command: the command that starts a meeting, for when people have to type it.
        door: decides who may join, and as whom.
        transcribing: tells whether a call is being transcribed.
        metrics: counts visits.
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
        transcribing: NeverTranscribing = NEVER_TRANSCRIBING,
        metrics: Metrics = NO_METRICS,
    ) -> None:
        self._links = links
        self._videosdk = videosdk
        self._joining = joining
        self._frame = Frame(embed_url, videosdk)
        self._door = door
        self._command = command
        self._transcribing = transcribing
        self._visits = JoinVisits(metrics)
        self._found: SharedResults[Meeting | None] = SharedResults()

    async def handle(self, request: web.Request) -> web.Response:
        """Respond with the meeting, or with a page that says why there is none.

        A HEAD request, a prefetch or a preview gets no token. A GET request never posts to Slack.
        """
        return await self._answer(request, self._enter)

    async def start_again(self, request: web.Request) -> web.Response:
        """Handle the form on the page of a meeting that has ended.

        Raises:
            HTTPSeeOther: to the new join link, if the meeting was started again.
        """
        return await self._answer(request, self._take_form)

    async def _answer(
        self,
        request: web.Request,
        answer: Callable[[web.Request, _Visit], Awaitable[web.Response]],
    ) -> web.Response:
        """Return the response, and record the visit."""
        visit = _Visit()
        try:
            return await answer(request, visit)
        except NoMeetingError as error:
            visit.outcome, visit.cause = str(error), error.cause
            return error.page
        finally:
            self._visits.note(visit.outcome, visit.link, visit.cause)

    async def _enter(self, request: web.Request, visit: _Visit) -> web.Response:
        link = visit.link = self._read(request)
        if is_preview(request):
            visit.outcome = "preview"
            return notices.preview(link, await self._joining.status(link))
        visit.arrival = self._door.admit(request, link, self._back(request))
        meeting = await self._find(link)
        entry = await self._joining.decide(link, meeting)
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
        visit.arrival = self._door.admit(request, link, self._back(request))
        meeting = await self._find(link)
        if form.get(HOW) == [notices.QUIETLY]:
            return await self._open(request, visit, meeting, link.call)
        try:
            new_link = await self._joining.start_again(link, meeting)
        except NotPostedError:
            visit.outcome = "card not posted"
            return notices.not_posted(link, self._command)
        visit.outcome = "started again"
        raise web.HTTPSeeOther(self._links.url(new_link))

    def _read(self, request: web.Request) -> JoinLink:
        try:
            link = self._links.read(request.match_info["token"])
        except LinkExpiredError:
            raise NoMeetingError(notices.too_old(), "too old") from None
        except LinkError:
            raise NoMeetingError(notices.not_a_link(), "not a link") from None
        requester.set(Requester(JOIN_PAGE, link.workspace_id))
        return link

    async def _find(self, link: JoinLink) -> Meeting:
        room = link.meeting_id
        try:
            meeting = await self._found.get(room, lambda: self._videosdk.validate(room))
        except VideoSDKBusyError:
            raise NoMeetingError(notices.busy(), "busy") from None
        except VideoSDKError as error:
            cause = type(error).__name__
            raise NoMeetingError(notices.unreachable(), "unreachable", cause) from None
        if meeting is None or meeting.disabled:
            raise NoMeetingError(notices.closed(), "closed")
        return meeting

    async def _open(
        self,
        request: web.Request,
        visit: _Visit,
        meeting: Meeting,
        call: CallRef | None,
        note: str = "",
    ) -> web.Response:
        """Return the page with the meeting; a cookie keeps the browser the same participant."""
        link, arrival, back = visit.link, visit.arrival, self._back(request)
        if link is None or not self._visits.may_mint(link):
            raise NoMeetingError(notices.too_many(), "too many")
        transcribed = await self._transcribing.note(meeting.meeting_id)
        visit.outcome = "meeting"
        visitor = _visitor(request)
        frame_url = self._frame.address(
            meeting,
            self._door.participant(link, arrival, call, visitor),
            back,
            arrival.member.name if arrival.member else "",
            moderates=arrival.moderates,
        )
        notes = " ".join(filter(None, (note, transcribed)))
        summary = notices.state(visit.inside)
        page = join_page(link.name or "Meeting", frame_url, notes, arrival.badge, summary=summary)
        page.set_cookie(
            _COOKIE,
            visitor,
            path=urlsplit(self._links.public_url).path + "/join",
            max_age=_COOKIE_SECONDS,
            secure=back.startswith("https:"),
            httponly=True,
            samesite="Lax",
        )
        return page

    def _back(self, request: web.Request) -> str:
        return f"{self._links.public_url}/join/{request.match_info['token']}"


def _rejected(rejected: RejectedError) -> NoMeetingError:
    return NoMeetingError(rejection(rejected), str(rejected))


def _visitor(request: web.Request) -> str:
    """Return the browser's ID from its cookie, or a new one for a new browser or tab."""
    cookie = request.cookies.get(_COOKIE, "")
    return cookie if VISITOR.fullmatch(cookie) and not _is_new_tab(request) else new_visitor()


def _is_new_tab(request: web.Request) -> bool:
    """Return whether a browser followed a link; a reload sends Cache-Control."""
    navigates = request.headers.get("Sec-Fetch-Mode") == "navigate"
    return navigates and not request.headers.get("Cache-Control")


def _is_same_origin(request: web.Request, public_url: str) -> bool:
    """Return whether a form was sent from our own page, by Sec-Fetch-Site or Origin."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site == "same-origin"
    try:
        return origin is None or _origin(origin) == _origin(public_url)
    except ValueError:  # not a URL
        return False


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, parts.hostname, parts.port or default

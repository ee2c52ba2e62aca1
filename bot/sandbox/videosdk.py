"""A stand-in for api.videosdk.live: its v1 API, as strict about tokens as the real one."""

import json
import time
from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.sandbox.faults import Faults
from bot.sandbox.room_page import room_page
from bot.sandbox.rooms import Record, Rooms
from bot.sandbox.videosdk_token import is_valid_token

# The API page's five, uk001 (still in its comments) and us002 (added three months later).
REGIONS = ("sg001", "sg002", "in002", "us001", "eu001", "uk001", "us002")
DEFAULT_REGION = "sg001"


class SeenRequest(NamedTuple):
    """One call to the API as it was on the wire: path with its query; body if it was JSON."""

    method: str
    path: str
    body: object


class _Journal(Protocol):
    def middleware(self, *, source: str, target: str) -> Middleware: ...


class VideoSDKStandIn:
    """One VideoSDK account behind the v1 API, and the room page that people join.

    The attributes below choose among what the real API is known, or may be, to do.

    Attributes:
        app: the server's application.
        requests: every call to the API, also those that a fault or a bad token spoilt.
        not_found: status and form of the answer about an unknown meeting.
        accepts_bearer: take `Bearer <JWT>` as well as the bare JWT.
        validate_verbs: with which a meeting can be validated; others get 405.
        echoes_region: answers carry `region`; the real API's did until 2022-12-09.
        repeated_id: what a create with a known userMeetingId gives.
    """

    def __init__(
        self,
        api_key: str,
        secret_key: str,
        *,
        faults: Faults | None = None,
        journal: _Journal | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._api_key = api_key
        self._secret_key = secret_key
        self._clock = clock
        self._rooms = Rooms(clock)
        self.faults = faults or Faults()
        self.requests: list[SeenRequest] = []
        self.not_found: tuple[int, Literal["json", "text"]] = (400, "json")
        self.accepts_bearer = True
        self.validate_verbs = {"POST", "GET"}
        self.echoes_region = True
        self.repeated_id: Literal["same", "new", "refuse400", "refuse409"] = "same"
        self.app = self._build(journal)

    @property
    def meetings(self) -> dict[str, Record]:
        """The stored meetings by meetingId, open to change."""
        return self._rooms.meetings

    def join(self, meeting_id: str, name: str) -> str:
        """Let somebody into the meeting, and return their participantId."""
        return self._rooms.join(meeting_id, name)

    def leave(self, meeting_id: str, participant_id: str) -> None:
        """Let somebody out; the last one out ends the session."""
        self._rooms.leave(meeting_id, participant_id)

    def end(self, meeting_id: str) -> None:
        """End the meeting's running session for everybody."""
        self._rooms.end(meeting_id)

    def _build(self, journal: _Journal | None) -> web.Application:
        """Mount the API (/api is v1's old alias); faults and the journal leave the page alone."""
        layers: list[Middleware] = [self._note, self.faults.middleware, self._check_token]
        if journal:
            layers.insert(0, journal.middleware(source="bot", target="VideoSDK"))
        meetings = [
            web.post("/meetings", self._create),
            web.get("/meetings", self._list_meetings),
            web.route("*", "/meetings/{id}", self._validate),
        ]
        sessions = [
            web.get("/meeting-sessions", self._list_sessions),
            web.get("/meeting-sessions/{id}", self._session),
        ]
        app = web.Application()
        for prefix, routes in (("/v1", meetings + sessions), ("/api", meetings)):
            api = web.Application(middlewares=layers)
            api.add_routes(routes)
            app.add_subapp(prefix, api)
        app.add_routes(room_page(self._rooms))
        return app

    @web.middleware
    async def _note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            content = await request.read()
        except (web.RequestPayloadError, ConnectionError):
            return _error(400, "Request body cannot be read.")
        self.requests.append(SeenRequest(request.method, request.raw_path, _json(content)))
        return await handler(request)

    @web.middleware
    async def _check_token(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        header = request.headers.get("Authorization")
        if not header:
            return _error(401, "Please login to continue!")
        scheme, _, token = header.rpartition(" ")
        known_scheme = not scheme or (self.accepts_bearer and scheme.lower() == "bearer")
        now = self._clock()
        if not known_scheme or not is_valid_token(token, self._api_key, self._secret_key, now):
            return _error(401, "Token is invalid or expired")
        return await handler(request)

    async def _create(self, request: web.Request) -> web.Response:
        content = await request.read()
        fields = _json(content) if content else {}
        if not isinstance(fields, dict):
            return _error(400, "Request body is not a JSON object.")
        region = fields.get("region", DEFAULT_REGION)
        if region not in REGIONS:
            return _error(400, "'region' field is invalid.")
        if "userMeetingId" not in fields:
            return self._show(self._rooms.create(region))
        user_meeting_id = fields["userMeetingId"]
        if not isinstance(user_meeting_id, str) or not user_meeting_id:
            return _error(400, "'userMeetingId' field is invalid.")
        return self._create_named(region, user_meeting_id)

    def _create_named(self, region: str, user_meeting_id: str) -> web.Response:
        known = self._rooms.find(user_meeting_id)
        if known is None or self.repeated_id == "new":
            return self._show(self._rooms.create(region, user_meeting_id))
        if self.repeated_id == "same":
            return self._show(known)
        status = 400 if self.repeated_id == "refuse400" else 409
        return _error(status, "'userMeetingId' is already in use.")

    async def _validate(self, request: web.Request) -> web.Response:
        if request.method not in self.validate_verbs:
            raise web.HTTPMethodNotAllowed(request.method, self.validate_verbs)
        record = self._rooms.find(request.match_info["id"])
        if record is not None:
            return self._show(record)
        status, form = self.not_found
        if form == "text":
            return web.Response(status=status, text="Room not found.")
        return _error(status, "Room not found.")

    async def _list_meetings(self, request: web.Request) -> web.Response:
        return _page(request, [self._shown(record) for record in self._rooms.own_meetings()])

    async def _list_sessions(self, request: web.Request) -> web.Response:
        wanted = request.query.get("meetingId")
        sessions = self._rooms.sessions
        return _page(request, [one for one in sessions if wanted in (None, one["meetingId"])])

    async def _session(self, request: web.Request) -> web.Response:
        for session in self._rooms.sessions:
            if session["id"] == request.match_info["id"]:
                return web.json_response(session)
        return _error(400, "Session not found.")

    def _show(self, record: Record) -> web.Response:
        return web.json_response(self._shown(record))

    def _shown(self, record: Record) -> Record:
        hidden = () if self.echoes_region else ("region",)
        return {name: value for name, value in record.items() if name not in hidden}


def _json(content: bytes) -> object:
    """Return what the JSON says, or None where it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _error(status: int, error: str) -> web.Response:
    return web.json_response({"statusCode": status, "error": error}, status=status)


def _page(request: web.Request, records: list[Record]) -> web.Response:
    """Answer one page of the records, newest first, in VideoSDK's list envelope."""
    page = _positive(request.query.get("page"), 1)
    per_page = _positive(request.query.get("perPage"), 20)
    info = {
        "currentPage": page,
        "perPage": per_page,
        "lastPage": max(1, -(-len(records) // per_page)),
        "total": len(records),
    }
    data = records[::-1][(page - 1) * per_page : page * per_page]
    return web.json_response({"pageInfo": info, "data": data})


def _positive(text: str | None, default: int) -> int:
    """Return the number in a query, or the default where it says none that counts."""
    try:
        return max(1, int(text or default))
    except ValueError:
        return default

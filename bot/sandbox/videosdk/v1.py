"""Version 1 of VideoSDK's API, as its API page describes it: meetings and meeting-sessions."""

from aiohttp import web

from bot.sandbox.videosdk.answers import (
    RefusedError,
    error,
    fields_of,
    listing,
    participant_field,
    text_field,
)
from bot.sandbox.videosdk.oddities import Oddities
from bot.sandbox.videosdk.rooms import Record, RoomRegistry
from bot.sandbox.videosdk.sessions import Sessions

# The API page's five, uk001 (still in its comments) and us002 (added three months later).
REGIONS = ("sg001", "sg002", "in002", "us001", "eu001", "uk001", "us002")
DEFAULT_REGION = "sg001"

_V2_ONLY = ("geoFence", "webhook")


class V1:
    """v1's endpoints for one account's rooms."""

    def __init__(self, rooms: RoomRegistry, sessions: Sessions, oddities: Oddities) -> None:
        self._rooms = rooms
        self._sessions = sessions
        self._oddities = oddities

    def meetings(self) -> list[web.RouteDef]:
        """Return the routes that are also under the old alias /api."""
        return [
            web.post("/meetings", self._create),
            web.get("/meetings", self._list_meetings),
            web.route("*", "/meetings/{id}", self._validate),
        ]

    def sessions(self) -> list[web.RouteDef]:
        """Return the routes about sessions."""
        return [
            web.get("/meeting-sessions", self._list_sessions),
            web.get("/meeting-sessions/{id}", self._session),
            web.post("/meeting-sessions/{id}/end", self._end),
            web.post("/meeting-sessions/{id}/remove-participant", self._remove),
        ]

    async def _create(self, request: web.Request) -> web.Response:
        fields = await fields_of(request)
        region = fields.get("region", DEFAULT_REGION)
        if region not in REGIONS:
            raise RefusedError(400, "'region' field is invalid.")
        user_meeting_id = text_field(fields, "userMeetingId")
        if user_meeting_id is None:
            return self._show(self._rooms.create(region))
        return self._create_named(region, user_meeting_id)

    def _create_named(self, region: str, user_meeting_id: str) -> web.Response:
        known = self._rooms.find(user_meeting_id)
        repeated = self._oddities.repeated_id
        if known is None or repeated == "new":
            return self._show(self._rooms.create(region, user_meeting_id))
        if repeated == "same":
            return self._show(known)
        status = 400 if repeated == "refuse400" else 409
        return error(status, "'userMeetingId' is already in use.")

    async def _validate(self, request: web.Request) -> web.Response:
        verbs = self._oddities.validate_verbs
        if request.method not in verbs:
            raise web.HTTPMethodNotAllowed(request.method, verbs)
        record = self._rooms.find(request.match_info["id"])
        if record is None:
            status, form = self._oddities.not_found
            raise RefusedError(status, "Room not found.", form)
        return self._show(record)

    async def _list_meetings(self, request: web.Request) -> web.Response:
        return listing(request, self._rooms.own_meetings()[::-1], self._shown)

    async def _list_sessions(self, request: web.Request) -> web.Response:
        wanted = request.query.get("meetingId")
        listed = self._sessions.listed()
        found = [one for one in listed if wanted in (None, one["meetingId"])]
        return listing(request, found, self._sessions.as_listed)

    async def _session(self, request: web.Request) -> web.Response:
        for session in self._sessions.listed():
            if session["id"] == request.match_info["id"]:
                return web.json_response(self._sessions.as_listed(session))
        raise RefusedError(400, "Session not found.")

    async def _end(self, request: web.Request) -> web.Response:
        session = self._running(request, "Failed to end session.")
        answer = web.json_response(self._sessions.as_current(session))  # its end is still null
        self._sessions.end(session["meetingId"])
        return answer

    async def _remove(self, request: web.Request) -> web.Response:
        participant_id = participant_field(await fields_of(request))
        session = self._running(request, "Failed to remove participant.")
        if not self._sessions.leave(session["meetingId"], participant_id):
            raise RefusedError(406, "Failed to remove participant.")
        return web.json_response(self._sessions.as_current(session))

    def _running(self, request: web.Request, refusal: str) -> Record:
        session = self._sessions.find(request.match_info["id"])
        if session is None:
            raise RefusedError(400, "Session not found.")
        if session["end"]:
            raise RefusedError(self._oddities.no_session, refusal)
        return session

    def _show(self, record: Record) -> web.Response:
        return web.json_response(self._shown(record))

    def _shown(self, record: Record) -> Record:
        hidden = _V2_ONLY if self._oddities.echoes_region else (*_V2_ONLY, "region")
        return {name: value for name, value in record.items() if name not in hidden}

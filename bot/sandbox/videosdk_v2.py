"""Version 2 of VideoSDK's API: the same records as version 1, under other names.

https://docs.videosdk.live/api-reference/realtime-communication/create-room and what follows there
"""

from urllib.parse import urlsplit

from aiohttp import web

from bot.sandbox.oddities import Oddities
from bot.sandbox.rooms import Record, Rooms
from bot.sandbox.videosdk_answers import RefusedError, fields_of, listing, page_of, text_field

# What @videosdk.live/server-sdk 0.1.1 knows, without its dev1.
GEO_FENCES = (
    *("us001", "us002", "uk001", "eu001", "uae001", "aus001"),
    *("in001", "in002", "in003", "sg001", "sg002"),
)
MOST_ADDRESS = 512  # characters of a webhook's endPoint

_V2_NAMES = {"meetingId": "roomId", "userMeetingId": "customRoomId"}


class V2:
    """The calls of v2 about one account's rooms."""

    def __init__(self, rooms: Rooms, oddities: Oddities) -> None:
        self._rooms = rooms
        self._oddities = oddities

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, below /v2."""
        return [
            web.post("/rooms", self._create),
            web.get("/rooms", self._list_rooms),
            web.post("/rooms/deactivate", self._deactivate),
            web.get("/rooms/validate/{id}", self._validate),
            web.get("/rooms/{id}", self._room),
            web.get("/sessions", self._list_sessions),
            web.get("/sessions/", self._list_sessions),
            web.post("/sessions/end", self._end),
            web.get("/sessions/{id}", self._session),
            web.get("/sessions/{id}/participants", self._participants),
        ]

    async def _create(self, request: web.Request) -> web.Response:
        fields = await fields_of(request)
        own_id = text_field(fields, "customRoomId")
        geo_fence = text_field(fields, "geoFence")
        if geo_fence and not self._oddities.geo_fencing:
            raise RefusedError(403, "Geo fencing is not available in your plan.")
        if geo_fence and geo_fence not in GEO_FENCES:
            raise RefusedError(400, "'geoFence' field is invalid.")
        webhook = _webhook(fields)
        known = self._rooms.find(own_id) if own_id else None
        # A known room is answered as it is: neither its fence nor its webhook changes.
        record = known or self._rooms.create(None, own_id, geoFence=geo_fence, webhook=webhook)
        return _show(request, record)

    async def _validate(self, request: web.Request) -> web.Response:
        return _show(request, self._known(self._rooms.find(request.match_info["id"])))

    async def _room(self, request: web.Request) -> web.Response:
        any_id = request.match_info["id"]
        by_key = (one for one in self._rooms.own_meetings() if one["id"] == any_id)
        record = self._known(self._rooms.find(any_id) or next(by_key, None))
        return web.json_response(_with_user(_room(request, record)))

    async def _list_rooms(self, request: web.Request) -> web.Response:
        wanted = request.query.get("query")
        rooms = [_room(request, record) for record in self._rooms.own_meetings()]
        return listing(
            request,
            [room for room in rooms if wanted in (None, room["roomId"], room.get("customRoomId"))],
        )

    async def _deactivate(self, request: web.Request) -> web.Response:
        record = self._named(await fields_of(request))
        self._rooms.deactivate(record["meetingId"])
        return web.json_response(_with_user(record))

    async def _list_sessions(self, request: web.Request) -> web.Response:
        wanted = request.query
        sessions = [self._session_of(request, record) for record in self._rooms.sessions]
        return listing(
            request,
            [
                {key: value for key, value in one.items() if key not in ("userId", "customRoomId")}
                for one in sessions
                if wanted.get("roomId") in (None, one["roomId"])
                and wanted.get("customRoomId") in (None, one["customRoomId"])
                and wanted.get("status") in (None, one["status"])
            ],
        )

    async def _session(self, request: web.Request) -> web.Response:
        session = self._session_of(request, self._asked_session(request))
        return web.json_response({"activeDuration": None, "chatLink": ""} | session)

    async def _participants(self, request: web.Request) -> web.Response:
        session = self._session_of(request, self._asked_session(request))
        info, session["participants"] = page_of(request, session["participants"])
        return web.json_response({"pageInfo": info, "data": session})

    async def _end(self, request: web.Request) -> web.Response:
        fields = await fields_of(request)
        meeting_id = self._named(fields)["meetingId"]
        session = self._rooms.running(meeting_id)
        if session is None or fields.get("sessionId", session["id"]) != session["id"]:
            raise RefusedError(self._oddities.no_session, "Failed to end session.")
        answer = web.json_response(session)  # with v1's names, and its end may still be null
        self._rooms.end(meeting_id)
        return answer

    def _known(self, record: Record | None) -> Record:
        if record is None:
            status, form = self._oddities.not_found
            raise RefusedError(status, "Room not found.", form)
        return record

    def _named(self, fields: Record) -> Record:
        """Return the room whose roomId a body names; a customRoomId will not do here."""
        room_id = fields.get("roomId")
        if not isinstance(room_id, str) or not room_id:
            raise RefusedError(400, "Please provide a valid `roomId` in body params.")
        record = self._rooms.find(room_id)
        if record is None or record["meetingId"] != room_id:
            raise RefusedError(402, "RoomId is invalid.")
        return record

    def _asked_session(self, request: web.Request) -> Record:
        session = self._rooms.session(request.match_info["id"])
        if session is None:
            raise RefusedError(400, "Session not found.")
        return session

    def _session_of(self, request: web.Request, record: Record) -> Record:
        """Return a session as v2 shows one by itself."""
        meeting = self._rooms.meetings[record["meetingId"]]
        return _renamed(record) | {
            "userId": meeting["userId"],
            "customRoomId": meeting.get("userMeetingId"),
            "status": "ended" if record["end"] else "ongoing",
            "links": _links(request, record["meetingId"], record["id"]),
        }


def _webhook(fields: Record) -> Record | None:
    """Return what a room is to report and where, or None if nothing.

    Raises:
        RefusedError: it is not what the documentation asks for.
    """
    if "webhook" not in fields:
        return None
    webhook = fields["webhook"]
    if isinstance(webhook, dict):
        address, events = webhook.get("endPoint"), webhook.get("events")
        if _is_address(address) and isinstance(events, list) and events:
            return {"endPoint": address, "events": [str(event) for event in events]}
    raise RefusedError(400, "'webhook' field is invalid.")


def _is_address(value: object) -> bool:
    if not isinstance(value, str) or len(value) > MOST_ADDRESS:
        return False
    try:
        address = urlsplit(value)
    except ValueError:
        return False
    return address.scheme in ("http", "https") and bool(address.hostname)


def _show(request: web.Request, record: Record) -> web.Response:
    return web.json_response(_room(request, record))


def _room(request: web.Request, record: Record) -> Record:
    """Return a room with v2's names; v1's region has no place there."""
    shown = {name: value for name, value in _renamed(record).items() if name != "region"}
    links = _links(request, record["meetingId"])
    return {"disabled": False} | shown | {"links": links}


def _renamed(record: Record) -> Record:
    return {_V2_NAMES.get(name, name): value for name, value in record.items()}


def _with_user(record: Record) -> Record:
    """Return the record with its owner at full length instead of the userId."""
    user = {"email": "", "name": "Sandbox", "discontinuedReason": None, "id": record["userId"]}
    return {name: value for name, value in record.items() if name != "userId"} | {"user": user}


def _links(request: web.Request, room_id: str, session_id: str = "") -> Record:
    api = f"{request.url.origin()}/v2"
    return {
        "get_room": f"{api}/rooms/{room_id}",
        "get_session": f"{api}/sessions/{session_id}",
    }

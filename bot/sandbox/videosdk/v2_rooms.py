"""Rooms in version 2 of VideoSDK's API: the records of version 1, with other field names.

https://docs.videosdk.live/api-reference/realtime-communication/create-room and the
pages after it
"""

from urllib.parse import urlsplit

from aiohttp import web

from bot.sandbox.videosdk.answers import RefusedError, fields_of, listing, text_field
from bot.sandbox.videosdk.oddities import Oddities
from bot.sandbox.videosdk.rooms import Record, RoomRegistry

# The regions in @videosdk.live/server-sdk 0.1.1, except dev1.
GEO_FENCES = (
    *("us001", "us002", "uk001", "eu001", "uae001", "aus001"),
    *("in001", "in002", "in003", "sg001", "sg002"),
)
MAX_URL = 512  # characters of a webhook's endPoint

_V2_NAMES = {"meetingId": "roomId", "userMeetingId": "customRoomId"}


class V2Rooms:
    """v2's endpoints for one account's rooms."""

    def __init__(self, rooms: RoomRegistry, oddities: Oddities) -> None:
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
        record = self._rooms.find(own_id) if own_id else None
        if record is None:
            record = self._rooms.create(None, own_id, geoFence=geo_fence, webhook=webhook)
        elif webhook and self._oddities.updates_webhook:
            self._rooms.update(record["meetingId"], webhook=webhook)
        return web.json_response(self._shown(request, record))

    async def _validate(self, request: web.Request) -> web.Response:
        record = self._known(self._rooms.find(request.match_info["id"]))
        return web.json_response(self._shown(request, record))

    async def _room(self, request: web.Request) -> web.Response:
        any_id = request.match_info["id"]
        by_key = (one for one in self._rooms.own_meetings() if one["id"] == any_id)
        record = self._known(self._rooms.find(any_id) or next(by_key, None))
        return web.json_response(_with_user(self._shown(request, record)))

    async def _list_rooms(self, request: web.Request) -> web.Response:
        wanted = request.query.get("query")
        found = [
            one
            for one in reversed(self._rooms.own_meetings())
            if wanted in (None, one["meetingId"], one.get("userMeetingId"))
        ]
        return listing(request, found, lambda record: self._shown(request, record))

    async def _deactivate(self, request: web.Request) -> web.Response:
        record = named_room(self._rooms, await fields_of(request))
        self._rooms.deactivate(record["meetingId"])
        return web.json_response(_with_user(record))

    def _known(self, record: Record | None) -> Record:
        if record is None:
            status, form = self._oddities.not_found
            raise RefusedError(status, "Room not found.", form)
        return record

    def _shown(self, request: web.Request, record: Record) -> Record:
        """Return a room with v2's field names and without v1's region."""
        hidden = {"region"} if self._oddities.echoes_webhook else {"region", "webhook"}
        shown = {name: value for name, value in renamed(record).items() if name not in hidden}
        return {"disabled": False} | shown | {"links": links(request, record["meetingId"])}


def named_room(rooms: RoomRegistry, fields: Record) -> Record:
    """Return the room that a body names by its roomId; a customRoomId won't do here.

    Raises:
        RefusedError: there is no such room.
    """
    room_id = fields.get("roomId")
    if not isinstance(room_id, str) or not room_id:
        raise RefusedError(400, "Please provide a valid `roomId` in body params.")
    record = rooms.find(room_id)
    if record is None or record["meetingId"] != room_id:
        raise RefusedError(402, "RoomId is invalid.")
    return record


def renamed(record: Record) -> Record:
    """Return a record with v2's field names."""
    return {_V2_NAMES.get(name, name): value for name, value in record.items()}


def links(request: web.Request, room_id: str, session_id: str = "") -> Record:
    """Return the URLs of a room and a session."""
    api = f"{request.url.origin()}/v2"
    return {
        "get_room": f"{api}/rooms/{room_id}",
        "get_session": f"{api}/sessions/{session_id}",
    }


def _webhook(fields: Record) -> Record | None:
    """Return the webhook of a room, or None if it has none.

    Raises:
        RefusedError: it isn't in the documented form.
    """
    if "webhook" not in fields:
        return None
    webhook = fields["webhook"]
    if isinstance(webhook, dict):
        url, events = webhook.get("endPoint"), webhook.get("events")
        if is_url(url) and isinstance(events, list) and events:
            return {"endPoint": url, "events": [str(event) for event in events]}
    raise RefusedError(400, "'webhook' field is invalid.")


def is_url(value: object) -> bool:
    """Return whether a value is a URL that webhooks can be sent to."""
    if not isinstance(value, str) or len(value) > MAX_URL:
        return False
    try:
        address = urlsplit(value)
    except ValueError:
        return False
    return address.scheme in ("http", "https") and bool(address.hostname)


def _with_user(record: Record) -> Record:
    """Return a record with its owner's details instead of the userId."""
    user = {"email": "", "name": "Sandbox", "discontinuedReason": None, "id": record["userId"]}
    return {name: value for name, value in record.items() if name != "userId"} | {"user": user}

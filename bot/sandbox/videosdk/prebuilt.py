"""The two calls that VideoSDK's hosted page makes before somebody joins, with that person's token.

github.com/videosdk-live/videosdk-rtc-react-prebuilt-ui, src/App.js, and @videosdk.live/js-sdk 1.1.1
"""

from aiohttp import web

from bot.sandbox.videosdk.admission import REASONS, Admission, NotAdmittedError
from bot.sandbox.videosdk.answers import RefusedError, fields_of


class Prebuilt:
    """Endpoints that find the room for the page, and check whether the token admits the person."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission

    def rooms(self) -> list[web.RouteDef]:
        """Return the route below /v1."""
        return [web.post("/prebuilt/meetings/{id}", self._room)]

    def joining(self) -> list[web.RouteDef]:
        """Return the route below /infra, which checks the token itself."""
        return [web.post("/v1/meetings/init-config", self._init_config)]

    async def _room(self, request: web.Request) -> web.Response:
        """Return a room by any of its IDs; the real API would create an unknown one."""
        record = self._admission.rooms.find(request.match_info["id"])
        if record is None:
            raise RefusedError(400, "Room not found.")
        return web.json_response({name: record[name] for name in ("meetingId", "id")})

    async def _init_config(self, request: web.Request) -> web.Response:
        room_id = str((await fields_of(request)).get("roomId", ""))
        try:
            meeting = self._admission.admit(request.headers.get("Authorization", ""), room_id)
        except NotAdmittedError as refused:
            status, reason = REASONS[refused.code]
            return web.json_response({"error": reason, "code": refused.code}, status=status)
        return web.json_response({"data": _config(request, meeting["meetingId"])})


def _config(request: web.Request, room_id: str) -> dict[str, object]:
    host = request.url.host
    return {
        "baseUrl": host,
        "signalingUrl": f"wss://{host}/?roomId={room_id}",
        "iceServers": [],
        "observability": {},
    }

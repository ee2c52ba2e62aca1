"""Sessions in version 2 of VideoSDK's API.

https://docs.videosdk.live/api-reference/realtime-communication/fetch-session and the
pages after it
"""

from collections.abc import Mapping

from aiohttp import web

from bot.sandbox.videosdk.answers import (
    RefusedError,
    fields_of,
    listing,
    page_of,
    participant_field,
)
from bot.sandbox.videosdk.oddities import Oddities
from bot.sandbox.videosdk.rooms import Record, RoomRegistry
from bot.sandbox.videosdk.sessions import Sessions
from bot.sandbox.videosdk.snapshots import is_in, participant_of
from bot.sandbox.videosdk.v2_rooms import links, named_room, renamed

_NOT_LISTED = {"userId", "customRoomId", "activeDuration"}


class V2Sessions:
    """v2's endpoints for the sessions in one account's rooms."""

    def __init__(self, rooms: RoomRegistry, sessions: Sessions, oddities: Oddities) -> None:
        self._rooms = rooms
        self._sessions = sessions
        self._oddities = oddities

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, below /v2."""
        return [
            web.get("/sessions", self._list),
            web.get("/sessions/", self._list),
            web.post("/sessions/end", self._end),
            web.post("/sessions/participants/remove", self._remove),
            web.get("/sessions/{id}", self._session),
            web.get("/sessions/{id}/participants", self._participants),
            web.get("/sessions/{id}/participants/active", self._active),
            web.get("/sessions/{id}/participants/{participant}", self._participant),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        found = [one for one in self._sessions.listed() if self._is_wanted(request.query, one)]

        def show(session: Record) -> Record:
            shown = self._shown(request, self._sessions.as_listed(session))
            return {name: value for name, value in shown.items() if name not in _NOT_LISTED}

        return listing(request, found, show)

    def _is_wanted(self, query: Mapping[str, str], session: Record) -> bool:
        room_id = session["meetingId"]
        own_id = self._rooms.meetings[room_id].get("userMeetingId")
        status = "ended" if self._sessions.is_listed_as_ended(session) else "ongoing"
        return (
            query.get("roomId") in (None, room_id)
            and query.get("customRoomId") in (None, own_id)
            and query.get("query") in (None, room_id, own_id)
            and query.get("status") in (None, status)
        )

    async def _session(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"activeDuration": None, "chatLink": ""} | self._requested(request)
        )

    async def _participants(self, request: web.Request) -> web.Response:
        session = self._requested(request)
        info, session["participants"] = page_of(request, session["participants"])
        return web.json_response({"pageInfo": info, "data": session})

    async def _active(self, request: web.Request) -> web.Response:
        session = self._requested(request)
        inside = [one for one in session["participants"] if is_in(one)]
        info, session["participants"] = page_of(request, inside)
        return web.json_response({"pageInfo": info, "data": [session]})

    async def _participant(self, request: web.Request) -> web.Response:
        """Return a bare participant, like the official Node SDK's types."""
        participant = participant_of(self._requested(request), request.match_info["participant"])
        if participant is None:
            raise RefusedError(400, "Participant not found.")
        return web.json_response(participant)

    async def _end(self, request: web.Request) -> web.Response:
        fields = await fields_of(request)
        session = self._named(fields)
        if session is None or (session["end"] and fields.get("ignoreClosed") is not True):
            raise RefusedError(self._oddities.no_session, "Failed to end session.")
        shown = self._sessions.as_current(session)  # v1's field names; its end may still be null
        if session["end"] is None:
            self._sessions.end(session["meetingId"])
        is_text = self._oddities.end_answers == "string"
        return web.json_response("Session ended successfully" if is_text else shown)

    async def _remove(self, request: web.Request) -> web.Response:
        fields = await fields_of(request)
        participant_id = participant_field(fields)
        by_id = "sessionId" in fields and "roomId" not in fields
        session = self._named_by_id(fields) if by_id else self._named(fields)
        if (
            session is None
            or session["end"]
            or not self._sessions.leave(session["meetingId"], participant_id)
        ):
            raise RefusedError(self._oddities.no_session, "Failed to remove participant.")
        if self._oddities.removal_answers == "string":
            return web.json_response("Participant removed successfully")
        return web.json_response(self._shown(request, self._sessions.as_current(session)))

    def _named(self, fields: Record) -> Record | None:
        """Return the session that a body names; without a sessionId, its room's last session.

        Raises:
            RefusedError: there is no such room.
        """
        room_id = named_room(self._rooms, fields)["meetingId"]
        if "sessionId" not in fields:
            return self._sessions.last(room_id)
        session = self._named_by_id(fields)
        return session if session and session["meetingId"] == room_id else None

    def _named_by_id(self, fields: Record) -> Record | None:
        session_id = fields.get("sessionId")
        return self._sessions.find(session_id) if isinstance(session_id, str) else None

    def _requested(self, request: web.Request) -> Record:
        for session in self._sessions.listed():
            if session["id"] == request.match_info["id"]:
                return self._shown(request, self._sessions.as_listed(session))
        raise RefusedError(400, "Session not found.")

    def _shown(self, request: web.Request, session: Record) -> Record:
        meeting = self._rooms.meetings[session["meetingId"]]
        return renamed(session) | {
            "userId": meeting["userId"],
            "customRoomId": meeting.get("userMeetingId"),
            "status": "ended" if session["end"] else "ongoing",
            "links": links(request, session["meetingId"], session["id"]),
        }

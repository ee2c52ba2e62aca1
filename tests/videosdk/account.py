"""A VideoSDK account with any sessions, whose lists can exceed the size limit of replies."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

ROOM = "87i6-bvw8-dtn1"
Record = dict[str, Any]


def session(hour: int, *people: Record, room: str = ROOM, **changes: Any) -> Record:
    """Return the record of a running session that started at an hour, with version 2's names."""
    start = f"2026-01-05T{hour:02}:00:00.000Z"
    fields = {"id": f"{room}-{hour}", "roomId": room, "start": start, "end": None}
    return {**fields, "participants": list(people), **changes}


def person(participant_id: str, size: int = 0, **changes: Any) -> Record:
    """Return the record of a person in a session, padded by so many bytes."""
    visits = [{"start": "2026-01-05T09:00:00.000Z", "end": None}]
    fields = {"participantId": participant_id, "name": participant_id.title(), "timelog": visits}
    return {**fields, "timelogs": "x" * size, **changes}


def crowd(count: int, size: int) -> list[Record]:
    """Return the records of many people."""
    return [person(f"p{number}", size) for number in range(count)]


class Account:
    """The sessions of an account.

    Attributes:
        sessions: their records, newest first, with version 2's names.
        requests: the method and the path, with its query, of each request.
        end_reply: returns the reply to ending a session.
        ignores_queries: True lists everything, whatever was asked for.
        before: called with each request before it is answered.
        app: the server's application.
    """

    def __init__(self) -> None:
        self.sessions: list[Record] = []
        self.requests: list[str] = []
        self.end_reply: Callable[[], web.Response] = lambda: web.json_response("Session ended")
        self.ignores_queries = False
        self.before: Callable[[str], None] = lambda _: None
        self.app = web.Application(middlewares=[self._note])
        self.app.add_routes(
            [
                web.get("/v1/meeting-sessions", self._list_v1),
                web.post("/v1/meeting-sessions/{id}/end", self._end_by_session),
                web.get("/v2/sessions/", self._list_v2),
                web.post("/v2/sessions/end", self._end_by_room),
            ]
        )

    @web.middleware
    async def _note(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.raw_path}")
        self.before(self.requests[-1])
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _list_v1(self, request: web.Request) -> web.Response:
        renamed = [
            {"meetingId" if key == "roomId" else key: value for key, value in one.items()}
            for one in self.sessions
        ]
        return self._page(request, renamed, "meetingId")

    async def _list_v2(self, request: web.Request) -> web.Response:
        return self._page(request, self.sessions, "roomId")

    async def _end_by_session(self, request: web.Request) -> web.Response:
        return self._end("id", request.match_info["id"])

    async def _end_by_room(self, request: web.Request) -> web.Response:
        return self._end("roomId", (await request.json())["roomId"])

    def _end(self, key: str, value: str) -> web.Response:
        found = [one for one in self.sessions if one[key] == value and not one["end"]]
        for one in found:
            one["end"] = "2026-01-05T23:00:00.000Z"
        return self.end_reply() if found else web.json_response({"error": "Closed"}, status=406)

    def _page(self, request: web.Request, sessions: list[Record], room: str) -> web.Response:
        size, page = int(request.query["perPage"]), int(request.query["page"])
        wanted = request.query.get(room)
        data = [one for one in sessions if wanted in (None, one[room])]
        part = sessions if self.ignores_queries else data[size * (page - 1) : size * page]
        info = {"currentPage": page, "perPage": size, "lastPage": -(-len(data) // size)}
        return web.json_response({"pageInfo": info, "data": part})

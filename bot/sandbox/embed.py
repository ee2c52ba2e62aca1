"""The stand-in of VideoSDK's hosted UI, made to be framed: people come and go, without a call."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.sandbox.embed_page import MOST_NAME, Visit, lobby, refuse, room
from bot.sandbox.rooms import Rooms
from bot.sandbox.sessions import Sessions
from bot.sandbox.videosdk_token import join_refusal, valid_claims


class _NotAdmittedError(Exception):
    """Somebody may not join; its argument is VideoSDK's code for why."""


class Embed:
    """The page at /embed/, with the same query parameters as VideoSDK's own."""

    def __init__(
        self,
        rooms: Rooms,
        sessions: Sessions,
        api_key: str,
        secret_key: str,
        clock: Callable[[], float],
    ) -> None:
        self._rooms = rooms
        self._sessions = sessions
        self._api_key = api_key
        self._secret_key = secret_key
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return the routes: look in, join, leave."""
        return [
            web.get("/embed/", self._admitting(self._look)),
            web.post("/embed/join", self._admitting(self._join)),
            web.post("/embed/leave", self._admitting(self._leave)),
        ]

    def _admitting(
        self, handle: Callable[[web.Request, Visit], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Return a handler that sends away who may not join."""

        async def admit(request: web.Request) -> web.Response:
            try:
                visit = self._admit(request.query)
            except _NotAdmittedError as error:
                return refuse(error.args[0])
            return await handle(request, visit)

        return admit

    async def _look(self, _: web.Request, visit: Visit) -> web.Response:
        present = self._sessions.present(visit.meeting_id)
        if any(one["participantId"] == visit.participant_id for one in present):
            return room(visit, present)
        before = self._sessions.last(visit.meeting_id, visit.participant_id)
        return lobby(visit, present, before)

    async def _join(self, request: web.Request, visit: Visit) -> web.Response:
        form = await request.post()
        name = " ".join(str(form.get("name", "")).split())[:MOST_NAME] or "Guest"
        me = self._sessions.join(visit.meeting_id, name, visit.participant_id or None)
        raise web.HTTPSeeOther(f"/embed/?{visit.link(name=name, participantId=me)}")

    async def _leave(self, _: web.Request, visit: Visit) -> web.Response:
        self._sessions.leave(visit.meeting_id, visit.participant_id)
        raise web.HTTPSeeOther(f"/embed/?{visit.link()}")

    def _admit(self, query: Mapping[str, str]) -> Visit:
        """Read the link as VideoSDK does; a token counts at the door, and may run out inside.

        Raises:
            _NotAdmittedError: it does not lead into a meeting.
        """
        token, any_id = query.get("token"), query.get("meetingId")
        participant_id = query.get("participantId", "")
        if not token or not any_id:
            raise _NotAdmittedError(4001)
        meeting = self._rooms.find(any_id)
        inside = meeting is not None and any(
            one["participantId"] == participant_id
            for one in self._sessions.present(meeting["meetingId"])
        )
        now = 0 if inside else self._clock()
        claims = valid_claims(token, self._api_key, self._secret_key, now)
        if claims is None:
            raise _NotAdmittedError(4002)
        if meeting is None:
            raise _NotAdmittedError(4003)
        if any(letter.isspace() for letter in participant_id):
            raise _NotAdmittedError(4004)
        refusal = join_refusal(claims, meeting["meetingId"], participant_id)
        if refusal:
            raise _NotAdmittedError(refusal)
        if meeting.get("disabled") and not inside:
            raise _NotAdmittedError(4052)
        return Visit(meeting, participant_id, query)

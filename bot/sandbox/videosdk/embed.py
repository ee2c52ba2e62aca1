"""Stand-in for VideoSDK's hosted UI, to be framed: people join, talk and leave, without media.

It reads the same query as the real page, in the same way:
github.com/videosdk-live/videosdk-rtc-react-prebuilt-ui, src/App.js
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import unquote

from aiohttp import web

from bot.sandbox.videosdk.admission import Admission, NotAdmittedError
from bot.sandbox.videosdk.embed_page import Visit, crash, left, lobby, refuse, room
from bot.sandbox.videosdk.sessions import Sessions
from bot.sandbox.videosdk.snapshots import participant_of
from bot.sandbox.videosdk.transcriptions import TranscriptionRegistry

MIN_NAME = 3  # characters, as JavaScript counts them
MAX_LINES = 3  # shown in the room, of what was said

_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


class Embed:
    """The page at /embed/.

    The page's address includes the visit, which the real page keeps in memory.
    """

    def __init__(
        self, sessions: Sessions, admission: Admission, transcriptions: TranscriptionRegistry
    ) -> None:
        self._sessions = sessions
        self._admission = admission
        self._transcriptions = transcriptions

    def routes(self) -> list[web.RouteDef]:
        """Return the routes: open the page, join, say something, leave, remove somebody."""
        return [
            web.get("/embed/", self._with_visit(self._look)),
            web.post("/embed/join", self._with_visit(self._join, joins=True)),
            web.post("/embed/say", self._with_visit(self._say)),
            web.post("/embed/leave", self._with_visit(self._leave)),
            web.post("/embed/remove", self._with_visit(self._remove)),
        ]

    def _with_visit(
        self,
        handle: Callable[[web.Request, Visit], Awaitable[web.Response]],
        *,
        joins: bool = False,
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Return a handler that rejects people whose link doesn't admit them."""

        async def admit(request: web.Request) -> web.Response:
            try:
                visit = self._visit(request.query, joins=joins)
            except ValueError:
                return crash()
            except NotAdmittedError as error:
                return refuse(error.code)
            return await handle(request, visit)

        return admit

    def _visit(self, query: Mapping[str, str], *, joins: bool) -> Visit:
        """Read the link as VideoSDK's page does.

        Raises:
            ValueError: a value can't be decoded a second time.
            NotAdmittedError: the link doesn't admit the person to a meeting.
        """
        values = {name: _decode_uri_component(value) for name, value in query.items() if value}
        asks_name = values.get("joinScreenEnabled", "true") == "true"
        has_name = "name" in values or values.get("joinScreenEnabled") == "true"
        if not values.get("token") or not values.get("meetingId") or not has_name:
            raise NotAdmittedError(4001)
        participant_id = values.get("participantId", "")
        has_joined = "visit" in values and not joins
        meeting = self._admission.admit(
            values["token"], values["meetingId"], participant_id, has_joined=has_joined
        )
        moderates = self._admission.moderates(values["token"])
        return Visit(
            meeting, participant_id, query, values, asks_name=asks_name, moderates=moderates
        )

    async def _look(self, _: web.Request, visit: Visit) -> web.Response:
        present = self._sessions.present(visit.meeting_id)
        if not visit.number:
            return lobby(visit, present)
        current = self._sessions.visit(visit.meeting_id, visit.participant_id)
        if current == visit.number:
            said = self._transcriptions.said(visit.meeting_id)[-MAX_LINES:]
            is_transcribed = bool(self._transcriptions.running(visit.meeting_id))
            return room(visit, present, said, is_transcribed=is_transcribed)
        session = self._sessions.last(visit.meeting_id, visit.participant_id)
        is_over = session is None or session["end"] is not None
        return left(visit, present, was_kicked=current is not None, is_over=is_over)

    async def _join(self, request: web.Request, visit: Visit) -> web.Response:
        typed = (await request.post()).get("name")
        name = self._known_name(visit) if typed is None else str(typed)
        if visit.asks_name and len(name.encode("utf-16-le")) // 2 < MIN_NAME:
            raise web.HTTPSeeOther(f"/embed/?{visit.link(nameError='true')}")
        me = self._sessions.join(visit.meeting_id, name, visit.participant_id or None)
        number = self._sessions.visit(visit.meeting_id, me)
        raise web.HTTPSeeOther(f"/embed/?{visit.link(participantId=me, visit=number or '')}")

    def _known_name(self, visit: Visit) -> str:
        """Return the name that a participant joined with before, else the one in the link."""
        session = self._sessions.last(visit.meeting_id, visit.participant_id)
        participant = participant_of(session, visit.participant_id) if session else None
        return str(participant["name"]) if participant else visit.values.get("name", "")

    async def _say(self, request: web.Request, visit: Visit) -> web.Response:
        line = str((await request.post()).get("line", "")).strip()
        current = self._sessions.visit(visit.meeting_id, visit.participant_id)
        if line and current == visit.number:
            self._transcriptions.say(visit.meeting_id, visit.participant_id, line)
        raise web.HTTPSeeOther(f"/embed/?{visit.link()}")

    async def _leave(self, _: web.Request, visit: Visit) -> web.Response:
        # A late message from a closed page must not end a later visit.
        if self._sessions.visit(visit.meeting_id, visit.participant_id) == visit.number:
            self._sessions.leave(visit.meeting_id, visit.participant_id)
        raise web.HTTPSeeOther(f"/embed/?{visit.link()}")

    async def _remove(self, request: web.Request, visit: Visit) -> web.Response:
        """Remove somebody else, if the token allows that and the page offers it."""
        if visit.can_remove:
            other = str((await request.post()).get("participant"))
            self._sessions.leave(visit.meeting_id, other)
        raise web.HTTPSeeOther(f"/embed/?{visit.link()}")


def _decode_uri_component(value: str) -> str:
    """Decode like JavaScript's decodeURIComponent, which raises where Python is lenient."""
    if _BROKEN_ESCAPE.search(value):
        raise ValueError("URI malformed")
    return unquote(value, errors="strict")

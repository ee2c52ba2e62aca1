"""A stand-in for VideoSDK: its API, as strict about tokens as the real one, and its call page."""

import time
from collections.abc import Callable
from typing import NamedTuple

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.videosdk.admission import Admission
from bot.sandbox.videosdk.answers import answer_refusals, error, parsed
from bot.sandbox.videosdk.embed import Embed
from bot.sandbox.videosdk.oddities import Oddities
from bot.sandbox.videosdk.prebuilt import Prebuilt
from bot.sandbox.videosdk.rooms import Record, RoomRegistry
from bot.sandbox.videosdk.sessions import Sessions
from bot.sandbox.videosdk.tokens import v2_refusal, valid_claims
from bot.sandbox.videosdk.transcriptions import TranscriptionRegistry
from bot.sandbox.videosdk.transcriptions_api import TranscriptionsAPI
from bot.sandbox.videosdk.v1 import V1
from bot.sandbox.videosdk.v2_rooms import V2Rooms
from bot.sandbox.videosdk.v2_sessions import V2Sessions
from bot.sandbox.videosdk.webhooks import WebhookSender


class SeenRequest(NamedTuple):
    """A call to the API: its path with the query, and its body if that was JSON."""

    method: str
    path: str
    body: object


class VideoSDKStandIn(Oddities):
    """One VideoSDK account behind both versions of the API, its webhooks, and its hosted UI.

    Attributes:
        app: the server's application.
        faults: the faults of calls to the API.
        requests: every call to the API, including those that a fault or a bad token made fail.
        webhooks: sends the rooms' webhooks.
        transcriptions: what people say in the rooms, and its transcriptions.
    """

    def __init__(
        self,
        api_key: str,
        secret_key: str,
        *,
        faults: Faults | None = None,
        journal: Journal | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self._api_key = api_key
        self._secret_key = secret_key
        self._clock = clock
        self.webhooks = WebhookSender(journal, self)
        self._rooms = RoomRegistry(clock)
        self._sessions = Sessions(self._rooms, clock, self, self._announce)
        self.transcriptions = TranscriptionRegistry(self._sessions, clock, self, self.webhooks.send)
        self.faults = faults or Faults()
        self.requests: list[SeenRequest] = []
        self.app = self._build(journal)

    @property
    def meetings(self) -> dict[str, Record]:
        """The meetings by meetingId, with v1's field names; tests may change them."""
        return self._rooms.meetings

    def join(
        self, meeting_id: str, name: str, participant_id: str | None = None, *, ago: float = 0
    ) -> str:
        """Join a meeting, and return the participantId.

        Args:
            meeting_id: the meeting.
            name: their name.
            participant_id: None for a random one. If it is already in the room, its earlier visit
                ends first.
            ago: how many seconds ago they joined, and the session began if they start it.

        Raises:
            RoomDisabledError: the meeting was deactivated.
        """
        return self._sessions.join(meeting_id, name, participant_id, ago=ago)

    def leave(self, meeting_id: str, participant_id: str) -> None:
        """Leave a meeting; the session ends when the last person leaves."""
        self._sessions.leave(meeting_id, participant_id)

    def end(self, meeting_id: str) -> None:
        """End a meeting's running session for everyone."""
        self._sessions.end(meeting_id)

    def say(self, meeting_id: str, participant_id: str, text: str) -> None:
        """Say something in a meeting, as somebody who is in it."""
        self.transcriptions.say(meeting_id, participant_id, text)

    def record(self, meeting_id: str) -> str:
        """Add a recorder to the running session, and return its participantId."""
        return self._sessions.record(meeting_id)

    def stop_recording(self, meeting_id: str) -> None:
        """Remove the recorders."""
        self._sessions.stop_recording(meeting_id)

    def _build(self, journal: Journal | None) -> web.Application:
        """Mount the API (/api is v1's old alias) and the pages, which have no faults or journal."""
        watched: list[Middleware] = [
            *([journal.middleware(source="bot", target="VideoSDK")] if journal else []),
            self._note,
            self.faults.middleware,
        ]
        checked = [*watched, self._check_token, answer_refusals]
        admission = Admission(self._rooms, self._api_key, self._secret_key, self._clock)
        prebuilt = Prebuilt(admission)
        v1 = V1(self._rooms, self._sessions, self)
        v2_rooms = V2Rooms(self._rooms, self)
        v2_sessions = V2Sessions(self._rooms, self._sessions, self)
        transcriptions = TranscriptionsAPI(self._rooms, self.transcriptions, self)
        public_key = web.get("/public/rsa-public-key", self._public_key)
        app = web.Application()
        for prefix, layers, routes in (
            ("/v1", checked, v1.meetings() + v1.sessions() + prebuilt.rooms()),
            ("/api", checked, v1.meetings()),
            ("/v2", checked, [*v2_rooms.routes(), *v2_sessions.routes(), public_key]),
            ("/ai", checked, transcriptions.routes()),
            ("/files", [*watched, answer_refusals], transcriptions.files()),
            ("/infra", [*watched, answer_refusals], prebuilt.joining()),
        ):
            api = web.Application(middlewares=layers)
            api.add_routes(routes)
            app.add_subapp(prefix, api)
        app.add_routes(Embed(self._sessions, admission, self.transcriptions).routes())
        app.on_shutdown.append(self._shut_down)
        return app

    @web.middleware
    async def _note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            content = await request.read()
        except (web.RequestPayloadError, ConnectionError):
            return error(400, "Request body cannot be read.")
        self.requests.append(SeenRequest(request.method, request.raw_path, parsed(content)))
        return await handler(request)

    @web.middleware
    async def _check_token(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/v2/public/"):
            return await handler(request)
        header = request.headers.get("Authorization")
        if not header:
            return error(401, "Please login to continue!")
        scheme, _, token = header.rpartition(" ")
        known_scheme = not scheme or (self.accepts_bearer and scheme.lower() == "bearer")
        claims = valid_claims(token, self._api_key, self._secret_key, self._clock())
        if not known_scheme or claims is None:
            return error(401, "Token is invalid or expired")
        refusal = v2_refusal(claims) if request.path.startswith(("/v2/", "/ai/")) else ""
        return error(403, refusal) if refusal else await handler(request)

    async def _public_key(self, _: web.Request) -> web.Response:
        return web.json_response({"publicKey": self.webhooks.public_key})

    def _announce(self, meeting: Record, kind: str, data: Record) -> None:
        self.webhooks.announce(meeting, kind, data)
        if kind == "session-ended":
            self.transcriptions.end(meeting["meetingId"])

    async def _shut_down(self, _: web.Application) -> None:
        self._sessions.close()
        self.transcriptions.close()
        await self.webhooks.close()

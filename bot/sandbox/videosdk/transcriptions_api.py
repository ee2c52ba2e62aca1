"""Realtime transcriptions in VideoSDK's API, and their files.

https://docs.videosdk.live/api-reference/realtime-communication/start-realtime-transcription and the
pages after it. Error responses aren't documented.
"""

from aiohttp import web

from bot.sandbox.videosdk.answers import RefusedError, fields_of, page_of
from bot.sandbox.videosdk.oddities import Oddities
from bot.sandbox.videosdk.rooms import Record, RoomRegistry, timestamp
from bot.sandbox.videosdk.transcriptions import TranscriptionRecord, TranscriptionRegistry
from bot.sandbox.videosdk.v2_rooms import is_url, named_room

_PATH = "/v1/realtime-transcriptions"


class TranscriptionsAPI:
    """Endpoints for one account's transcriptions."""

    def __init__(
        self, rooms: RoomRegistry, transcriptions: TranscriptionRegistry, oddities: Oddities
    ) -> None:
        self._rooms = rooms
        self._transcriptions = transcriptions
        self._oddities = oddities

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, below /ai."""
        return [
            web.post(f"{_PATH}/start", self._start),
            web.post(f"{_PATH}/end", self._end),
            web.get(_PATH, self._list),
            web.get(f"{_PATH}/", self._list),
            web.get(f"{_PATH}/{{id}}", self._get),
        ]

    def files(self) -> list[web.RouteDef]:
        """Return the routes, below /files."""
        return [web.get("/transcriptions/{name}.txt", self._file)]

    async def _start(self, request: web.Request) -> web.Response:
        fields = await fields_of(request)
        if self._oddities.refuses_transcription:
            status = self._oddities.refuses_transcription
            raise RefusedError(status, "Realtime transcription is not available for you.")
        room_id = named_room(self._rooms, fields)["meetingId"]
        url = fields.get("webhookUrl")
        if url is not None and not is_url(url):
            raise RefusedError(400, "'webhookUrl' field is invalid.")
        summary = fields.get("summary")
        has_summary = isinstance(summary, dict) and summary.get("enabled") is True
        running = self._transcriptions.running(room_id)
        second = self._oddities.second_transcription
        if running and isinstance(second, int):
            raise RefusedError(second, "Realtime transcription is already running.")
        if running and second == "same":
            return self._answer(running[0], "started")
        started = self._transcriptions.start(room_id, url, has_summary=has_summary)
        if started is None:
            raise RefusedError(self._oddities.no_session, "No active session found.")
        return self._answer(started, "started")

    async def _end(self, request: web.Request) -> web.Response:
        room_id = named_room(self._rooms, await fields_of(request))["meetingId"]
        ended = self._transcriptions.end(room_id)
        if not ended:
            raise RefusedError(self._oddities.no_session, "No realtime transcription is running.")
        return self._answer(ended[-1], "stopped")

    async def _list(self, request: web.Request) -> web.Response:
        moment = timestamp(self._rooms.clock() - self._oddities.listing_lag)
        found = [
            one
            for one in reversed(self._transcriptions.all)
            if one.start <= moment and self._is_wanted(request, one)
        ]
        shown = [self._shown(request, one, moment) | self._hook(one, "listed") for one in found]
        info, part = page_of(request, shown)
        if self._oddities.transcription_room == "unlisted":
            part = [{name: one[name] for name in one if name != "extension"} for one in part]
        return web.json_response({"pageInfo": info, "transcriptions": part})

    def _is_wanted(self, request: web.Request, one: TranscriptionRecord) -> bool:
        if not self._oddities.filters_transcriptions:
            return True
        query = request.query
        return query.get("roomId") in (None, one.meeting_id) and query.get("sessionId") in (
            None,
            one.session_id,
        )

    async def _get(self, request: web.Request) -> web.Response:
        found = self._transcriptions.find(request.match_info["id"])
        if found is None:
            raise RefusedError(404, "Transcription not found.")
        shown = self._shown(request, found, timestamp(self._rooms.clock()))
        return web.json_response(shown | self._hook(found, "fetched", "listed"))

    async def _file(self, request: web.Request) -> web.Response:
        """Respond with a file; like storage with signed URLs, reject an Authorization header."""
        if "Authorization" in request.headers:
            raise RefusedError(400, "Only one auth mechanism allowed.", "text")
        text = self._transcriptions.file(request.match_info["name"])
        if text is None:
            raise RefusedError(403, "Access Denied", "text")
        return web.Response(body=text.encode(), content_type="text/plain")

    def _answer(self, one: TranscriptionRecord, done: str) -> web.Response:
        if self._oddities.transcription_answers == "string":
            return web.json_response(f"Realtime transcription {done} successfully")
        moment = timestamp(self._rooms.clock())
        return web.json_response(self._described(one, moment) | {"webhookUrl": one.webhook_url})

    def _hook(self, one: TranscriptionRecord, *where: str) -> Record:
        """Return the webhook's field, if answers of this kind have it."""
        is_named = self._oddities.transcription_webhook in where
        return {"webhookUrl": one.webhook_url} if is_named else {}

    def _described(self, one: TranscriptionRecord, moment: str) -> Record:
        where: Record = {"roomId": one.meeting_id, "sessionId": one.session_id}
        if self._oddities.transcription_room != "top":
            extension = {"enabled": True, "provider": "videosdk", "extensionConfig": where}
            where = {"extension": extension}
        is_over = one.end is not None and one.end <= moment
        record: Record = {"id": one.id, "status": one.status if is_over else "running", **where}
        return record | {"start": one.start} | self._known("end", one.end if is_over else None)

    def _shown(self, request: web.Request, one: TranscriptionRecord, moment: str) -> Record:
        """Return a transcription with the files that existed at a moment."""
        address = f"{request.url.origin()}/files/transcriptions/{one.id}"
        is_there = one.status == "completed" and one.end is not None and one.end <= moment
        is_summarised = one.summarised is not None and one.summarised <= moment
        transcript = {"txt": f"{address}.txt"} if is_there else None
        summary = {"txt": f"{address}-summary.txt"} if is_summarised else None
        return (
            self._described(one, moment)
            | self._known("transcriptionFilePaths", transcript)
            | self._known("summarizedFilePaths", summary)
        )

    def _known(self, name: str, value: object) -> Record:
        """Return a field; while it has no value, it is null or left out."""
        return {} if value is None and self._oddities.leaves_out_empty else {name: value}

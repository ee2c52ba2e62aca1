"""The operator's VideoSDK account, called by plain HTTP."""

import secrets
import time
from collections.abc import Mapping
from http import HTTPStatus

import httpx

from bot.assumptions.answers import TIMEOUT, Answer, NotTriedError
from bot.settings.settings import Settings
from bot.videosdk import base_url, mint_participant_token, mint_token

_CRAWLER = {"version": 2, "roles": ["crawler"]}
_CLAIMS: Mapping[str, Mapping[str, object]] = {"v1": {}, "v2": _CRAWLER, "ai": _CRAWLER}


class Account:
    """The VideoSDK account, and the room that the checks share.

    Attributes:
        version: the API version that the deployment uses, `v1` or `v2`.
        has_notes: whether the deployment transcribes calls.
        sessions: the path of that version's list of sessions.
        region: a region's code.
        own_id: our own ID of the room.
        created: the first answer that described the room.
        rooms: VideoSDK's IDs of the rooms created with `own_id`; one, if all is as assumed.
        open: those that aren't closed yet.
    """

    def __init__(self, settings: Settings, http: httpx.AsyncClient, answers: list[Answer]) -> None:
        self._settings = settings
        self._http = http
        self._answers = answers
        self._endpoint = base_url(settings.videosdk_api_endpoint)
        self._prefix = "Bearer " if settings.videosdk_auth_scheme == "bearer" else ""
        self.version = settings.videosdk_api_version
        self.has_notes = settings.has_notes
        self.sessions = {"v1": "/v1/meeting-sessions", "v2": "/v2/sessions/"}[self.version]
        self.region = settings.videosdk_default_region or "us001"
        self.own_id = f"doctor-{secrets.token_hex(8)}"
        self.created: Answer | None = None
        self.rooms: list[str] = []
        self.open: list[str] = []

    @property
    def room(self) -> str:
        """VideoSDK's ID of the room."""
        if not self.rooms:
            raise NotTriedError("there is no room")
        return self.rooms[0]

    @property
    def only_room(self) -> str:
        """VideoSDK's ID of the room, for checks that need `own_id` to be unambiguous."""
        if len(self.rooms) > 1:
            raise NotTriedError("one ID of ours has several rooms")
        return self.room

    async def get(self, path: str, **params: str) -> Answer:
        """Make a GET request."""
        return await self.ask("GET", path, params=params)

    async def post(self, path: str, **fields: object) -> Answer:
        """Make a POST request."""
        return await self.ask("POST", path, fields=fields)

    async def create(self, **fields: object) -> Answer:
        """Create a room with `own_id`, in either version, and remember its ID."""
        path, own, key = {
            "v1": ("/v1/meetings", "userMeetingId", "meetingId"),
            "v2": ("/v2/rooms", "customRoomId", "roomId"),
        }[self.version]
        answer = await self.post(path, **{own: self.own_id}, **fields)
        room = answer.at(key)
        if answer.ok and isinstance(room, str) and room:
            self.created = self.created or answer
            if room not in self.rooms:
                self.rooms.append(room)
                self.open.append(room)
        return answer

    async def ask(
        self,
        method: str,
        path: str,
        *,
        fields: Mapping[str, object] | None = None,
        params: Mapping[str, str] | None = None,
        authorization: str = "",
    ) -> Answer:
        """Make a request.

        Args:
            method: the HTTP method.
            path: the path below the endpoint.
            fields: the JSON body.
            params: the query.
            authorization: replaces the deployment's own header.

        Raises:
            NotTriedError: VideoSDK's rate limit is reached.
        """
        response = await self._http.request(
            method,
            self._endpoint + path,
            json=fields,
            params=params,
            headers={"Authorization": authorization or self._prefix + self.token(path[1:3])},
            timeout=TIMEOUT,
        )
        query = f"?{httpx.QueryParams(params)}" if params else ""
        answer = Answer.of(f"{method} {path}{query}", response)
        self._answers.append(answer)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise NotTriedError("VideoSDK's rate limit is reached: try later")
        return answer

    def token(self, version: str) -> str:
        """Return a token for the part of the API whose paths begin with `version`: v1, v2 or ai."""
        keys = (self._settings.videosdk_api_key, self._settings.videosdk_secret_key)
        return mint_token(*keys, now=int(time.time()), claims=_CLAIMS[version])

    def participant_token(self) -> str:
        """Return a token that lets one person join the room."""
        return mint_participant_token(
            self._settings.videosdk_api_key,
            self._settings.videosdk_secret_key,
            meeting_id=self.room,
            participant_id="doctor-1",
            now=int(time.time()),
        )

    async def clean_up(self) -> list[str]:
        """Close the rooms and return those left open; uses v2, since v1 can't close rooms."""
        left = []
        for room in self.open:
            try:
                await self.post("/v2/sessions/end", roomId=room)
                answer = await self.post("/v2/rooms/deactivate", roomId=room)
            except (httpx.HTTPError, NotTriedError) as error:
                left.append(f"VideoSDK's room {room} ({type(error).__name__})")
            else:
                left += [] if answer.ok else [f"VideoSDK's room {room} (status {answer.status})"]
        return left

"""The client: create, validate and end meetings, list their sessions, and transcribe them."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpx

from bot.videosdk.connection import Connection
from bot.videosdk.dialects import DIALECTS
from bot.videosdk.endpoint import ENDPOINT, base_url
from bot.videosdk.errors import VideoSDKBadReplyError, VideoSDKError, VideoSDKRefusedError
from bot.videosdk.files import DEADLINE as FILE_DEADLINE
from bot.videosdk.files import FILE_HOSTS, Files
from bot.videosdk.models import Meeting, Session
from bot.videosdk.retries import may_be_repeated, was_not_done
from bot.videosdk.session_calls import SessionCalls
from bot.videosdk.tokens import Tokens
from bot.videosdk.transcription_calls import TranscriptionCalls
from bot.videosdk.webhook_calls import WebhookCalls
from bot.videosdk.wire import NO_MEETING, NOTHING_TO_END, Request

DEADLINE = 15.0  # seconds for a whole call, its second try included

_NOT_IN_A_PATH = {"", ".", ".."}  # in a URL path these would resolve to another endpoint (create)


class VideoSDK(SessionCalls, TranscriptionCalls, WebhookCalls):
    """A client of VideoSDK's REST API.

        async with VideoSDK(api_key, secret_key) as videosdk:
            meeting = await videosdk.create(region="us001", user_meeting_id="unicorn")
            assert await videosdk.validate(meeting.meeting_id)

    Leaving its `async with` closes its connections. A call sends at most two requests, and
    ends by its deadline. It follows no redirects, decompresses no bodies, and reads at most 1 MiB.

    Args:
        api_key: the project's API key, from app.videosdk.live/api-keys.
        secret_key: the project's secret, which never leaves this machine.
        version: the version of the API to use, `v1` or `v2`.
        endpoint: the API's URL; a trailing `/`, `/v1` or `/v2` is removed.
        bearer: True puts `Bearer ` before the token; the API page shows both forms.
        transport: sends the requests, and stays open; None opens one that the client closes.
        deadline: seconds for a whole call.
        file_hosts: the hosts that files may be fetched from, besides the API's own.
    """

    def __init__(  # noqa: PLR0913 - the optional ones are keyword-only
        self,
        api_key: str,
        secret_key: str,
        *,
        version: str = "v1",
        endpoint: str = ENDPOINT,
        bearer: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        deadline: float = DEADLINE,
        file_hosts: Collection[str] = FILE_HOSTS,
    ) -> None:
        dialect, address = DIALECTS[version], base_url(endpoint)
        self._tokens = Tokens(api_key, secret_key, claims=dialect.TOKEN_CLAIMS)
        self._transport = transport or httpx.AsyncHTTPTransport()
        self._owns_transport = transport is None
        prefix = "Bearer " if bearer else ""
        connection = Connection(
            self._transport, address, self._tokens, prefix=prefix, deadline=deadline
        )
        super().__init__(connection, dialect)
        self._files = Files(self._transport, address, file_hosts, min(deadline, FILE_DEADLINE))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._owns_transport:
            await self._transport.aclose()

    @property
    def can_close(self) -> bool:
        """Whether `deactivate` works: version 2 of the API has it."""
        return self._dialect.CAN_CLOSE

    @property
    def can_notify(self) -> bool:
        """Whether `create` uses a `webhook_url`: version 2 of the API has webhooks."""
        return self._dialect.CAN_NOTIFY

    @property
    def is_idempotent(self) -> bool:
        """Whether `create` with a known ID of yours always returns its meeting: on version 2."""
        return self._dialect.CREATES_ONCE

    async def create(
        self,
        *,
        region: str | None = None,
        user_meeting_id: str | None = None,
        webhook_url: str | None = None,
    ) -> Meeting:
        """Create a meeting, or return the one that already has this ID of yours.

        That one may be `disabled`: nobody can join it. It keeps its region, and possibly the
        webhook of its first creation (undocumented); `webhook_url` of the result is the one that
        VideoSDK reports.

        A request that failed is sent again only if it cannot have created a meeting: there was no
        connection, or VideoSDK says to retry within a second. If VideoSDK rejects an ID of yours
        (version 1), it's sent again with a fresh suffix, since it may be taken; if VideoSDK rejects
        a region (version 2), it's sent again without one. On version 2, an ID of yours makes
        every second try safe.

        Args:
            region: a region's code, such as `us001`; None lets VideoSDK choose.
            user_meeting_id: an ID of your own. VideoSDK doesn't document which it takes: keep to
                `[A-Za-z0-9_-]` and 64 characters.
            webhook_url: where VideoSDK reports who joins and leaves. Its limit is 512 characters.
                Ignored if `can_notify` is False.

        Raises:
            VideoSDKError: no meeting was created, or it is unknown whether one was.
        """
        dialect = self._dialect
        asked = dialect.create(region, user_meeting_id, webhook_url)
        is_safe = may_be_repeated if user_meeting_id and dialect.CREATES_ONCE else was_not_done

        def second_try(error: VideoSDKError) -> Request | None:
            return dialect.create_instead(asked, error) or (asked if is_safe(error) else None)

        payload, sent = await self._ask(asked, second_try=second_try)
        meeting, fields = dialect.read_meeting(payload), sent.json or {}
        if user_meeting_id and meeting.user_meeting_id not in {None, fields[dialect.OWN_ID]}:
            raise VideoSDKBadReplyError("an answer about another meeting")
        if region and dialect.REGION not in fields:
            return replace(meeting, region_refused=True)
        return meeting

    async def validate(self, meeting_id: str) -> Meeting | None:
        """Return the meeting with this ID, or None if there is none.

        A meeting that nobody can join any more is returned, with `disabled` set.

        Args:
            meeting_id: VideoSDK's ID, or an ID of your own.

        Raises:
            VideoSDKError: the look-up failed.
        """
        if meeting_id in _NOT_IN_A_PATH:
            return None
        asked = self._dialect.validate(meeting_id)
        unknown = set(NO_MEETING)

        def second_try(error: VideoSDKError) -> Request | None:
            otherwise = self._dialect.validate_instead(asked, error)
            if otherwise and error.status == HTTPStatus.NOT_FOUND:
                unknown.add(HTTPStatus.METHOD_NOT_ALLOWED)  # so the first method was right
            return otherwise or (asked if may_be_repeated(error) else None)

        try:
            payload, _ = await self._ask(asked, second_try=second_try)
        except VideoSDKRefusedError as error:
            if error.status in unknown:
                return None
            raise
        meeting = self._dialect.read_meeting(payload)
        if meeting_id not in {meeting.meeting_id, meeting.user_meeting_id}:
            raise VideoSDKBadReplyError("an answer about another meeting")
        return meeting

    async def end(self, meeting_id: str) -> bool:
        """End a meeting's running session for everyone, and return whether one was running.

        Any 2xx reply is a success. What VideoSDK replies if nothing is running is undocumented, so
        after a rejection, the list of sessions decides.

        Args:
            meeting_id: VideoSDK's own ID.

        Raises:
            VideoSDKError: the session may still be running.
        """
        end, target = self._end(), meeting_id
        if self._dialect.ENDS_BY_SESSION:
            running = await self._running(meeting_id, end)
            if running is None:
                return False
            target = running.session_id
        asked = self._dialect.end(target)
        try:
            await self._ask(asked, end)
        except VideoSDKRefusedError as error:
            if error.status not in NOTHING_TO_END or await self._running(meeting_id, end):
                raise
            return False
        return True

    async def _running(self, meeting_id: str, end: float) -> Session | None:
        left = end - asyncio.get_running_loop().time()
        newest = await self.sessions(meeting_id, most=1, deadline=left)
        return next((session for session in newest if session.is_running), None)

    async def deactivate(self, meeting_id: str) -> None:
        """Close a meeting for good: nobody can join it any more. Any 2xx reply is a success.

        Args:
            meeting_id: VideoSDK's own ID; an ID of your own is rejected.

        Raises:
            NotImplementedError: this version of the API cannot: see `can_close`.
            VideoSDKError: the meeting may still be open.
        """
        await self._ask(self._dialect.deactivate(meeting_id))

    def participant_token(
        self, meeting_id: str, participant_id: str, *, moderates: bool = False
    ) -> str:
        """Return a new token with which one person can join and rejoin one meeting for 12 hours.

        Args:
            meeting_id: VideoSDK's own ID.
            participant_id: the ID they join with, without whitespace: keep to `[A-Za-z0-9_-]`.
            moderates: whether they may also mute and remove others.
        """
        return self._tokens.for_participant(meeting_id, participant_id, moderates=moderates)

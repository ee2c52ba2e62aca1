"""Ask VideoSDK: create a meeting, validate an ID, list a meeting's sessions, end one."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpx

from bot.videosdk.connection import Connection
from bot.videosdk.dialects import DIALECTS
from bot.videosdk.errors import (
    VideoSDKBadReplyError,
    VideoSDKBrokenError,
    VideoSDKError,
    VideoSDKInterruptedError,
    VideoSDKRateLimitedError,
    VideoSDKRefusedError,
    VideoSDKUnreachableError,
)
from bot.videosdk.models import Meeting, Session
from bot.videosdk.signatures import Signatures
from bot.videosdk.tokens import Tokens
from bot.videosdk.webhooks import public_key, read_public_key
from bot.videosdk.wire import Request

ENDPOINT = "https://api.videosdk.live"
DEADLINE = 15.0  # seconds for a whole call, its second try included
PATIENCE = 1.0  # seconds of Retry-After that are waited out

_UNKNOWN = {HTTPStatus.BAD_REQUEST, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.NOT_FOUND}
_NOTHING_TO_END = _UNKNOWN | {HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.CONFLICT}
_NOT_IN_A_PATH = {"", ".", ".."}  # as part of an address, these lead to another: to creating


class VideoSDK:
    """A client of VideoSDK's REST API.

        async with VideoSDK(api_key, secret_key) as videosdk:
            meeting = await videosdk.create(region="us001", user_meeting_id="unicorn")
            assert await videosdk.validate(meeting.meeting_id)

    No call repeats a request more than once, waits longer than its deadline, follows a redirect,
    unpacks what is compressed or reads more than 1 MiB.

    Args:
        api_key: the project's API key.
        secret_key: the project's secret, which never leaves this machine.
        version: which version of the API to speak, `v1` or `v2`.
        endpoint: where the API is; a trailing `/`, `/v1` or `/v2` is taken off.
        bearer: True writes `Bearer ` before the token; the API page shows both forms.
        transport: sends the requests; without one, the client opens and closes its own.
        deadline: seconds for a whole call.
    """

    def __init__(  # noqa: PLR0913 - each has a default, and a caller names them
        self,
        api_key: str,
        secret_key: str,
        *,
        version: str = "v1",
        endpoint: str = ENDPOINT,
        bearer: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self._dialect = DIALECTS[version]
        self._tokens = Tokens(api_key, secret_key, claims=self._dialect.TOKEN_CLAIMS)
        self._transport = transport or httpx.AsyncHTTPTransport()
        self._owns_transport = transport is None
        prefix = "Bearer " if bearer else ""
        connection = Connection(self._transport, base_url(endpoint), self._tokens, prefix=prefix)
        self._ask = connection.ask
        self._deadline = deadline
        self._signatures = Signatures(self._public_key)

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
    def can_end(self) -> bool:
        """Whether this version of the API has `end` and `deactivate`."""
        return self._dialect.CAN_END

    @property
    def can_notify(self) -> bool:
        """Whether a meeting can be created with a webhook that tells who comes and goes."""
        return self._dialect.CAN_NOTIFY

    @property
    def is_idempotent(self) -> bool:
        """Whether creating with an id of your own again certainly gives the same meeting."""
        return self._dialect.CREATES_ONCE

    async def create(
        self,
        *,
        region: str | None = None,
        user_meeting_id: str | None = None,
        webhook_url: str | None = None,
    ) -> Meeting:
        """Create a meeting, or return the one that already has this id of yours.

        A second try is made only when the first cannot have made a meeting that would be made
        twice: there was no connection, the answer said to come back within a second, it refused
        something that can be asked for otherwise (version 1: an id that may be taken gets a fresh
        suffix; version 2: a region is left out), or the id makes both tries one (version 2).

        Args:
            region: a region's code; None lets VideoSDK choose.
            user_meeting_id: an id of your own, `[A-Za-z0-9_-]`, 64 characters at most.
            webhook_url: where to tell who comes and goes, 512 characters at most; left out where
                `can_notify` is False. A meeting keeps the one that it was first created with.

        Raises:
            VideoSDKError: there is no meeting, or no knowing whether there is one.
        """
        dialect = self._dialect
        asked = dialect.create(region, user_meeting_id, webhook_url)
        is_safe = _may_be_repeated if user_meeting_id and dialect.CREATES_ONCE else _was_not_done

        def second_try(error: VideoSDKError) -> Request | None:
            return dialect.create_instead(asked, error) or (asked if is_safe(error) else None)

        payload, sent = await self._ask(asked, second_try, _end(self._deadline))
        meeting, fields = dialect.read_meeting(payload), sent.json or {}
        if user_meeting_id and meeting.user_meeting_id not in {None, fields[dialect.OWN_ID]}:
            raise VideoSDKBadReplyError("an answer about another meeting")
        return replace(meeting, region_refused=bool(region) and dialect.REGION not in fields)

    async def validate(self, meeting_id: str) -> Meeting | None:
        """Return the meeting with this id, or None if there is none.

        Args:
            meeting_id: VideoSDK's id or the creator's own.

        Raises:
            VideoSDKError: it could not be found out.
        """
        if meeting_id in _NOT_IN_A_PATH:
            return None
        asked = self._dialect.validate(meeting_id)
        unknown = set(_UNKNOWN)

        def second_try(error: VideoSDKError) -> Request | None:
            otherwise = self._dialect.validate_instead(asked, error)
            if otherwise and error.status == HTTPStatus.NOT_FOUND:
                unknown.add(HTTPStatus.METHOD_NOT_ALLOWED)  # then the first verb was the right one
            return otherwise or _again(asked)(error)

        try:
            payload, _ = await self._ask(asked, second_try, _end(self._deadline))
        except VideoSDKRefusedError as error:
            if error.status in unknown:
                return None
            raise
        meeting = self._dialect.read_meeting(payload)
        if meeting_id not in {meeting.meeting_id, meeting.user_meeting_id}:
            raise VideoSDKBadReplyError("an answer about another meeting")
        return meeting

    async def sessions(self, meeting_id: str, *, deadline: float | None = None) -> list[Session]:
        """Return the sessions of a meeting, the latest among them, newest first.

        The order of the listing is undocumented: where it has several pages and the first is in
        ascending order, the last page is read too.

        Args:
            meeting_id: VideoSDK's id; with version 2 also the creator's own.
            deadline: seconds for the look-up; the client's own if None.

        Raises:
            VideoSDKError: it could not be found out.
        """
        dialect = self._dialect
        end = _end(self._deadline if deadline is None else deadline)
        first = dialect.sessions(meeting_id)
        payload, _ = await self._ask(first, _again(first), end)
        found = dialect.read_sessions(payload, meeting_id)
        last = dialect.last_page(payload)
        if last > 1 and found == sorted(found, key=_start):
            payload, _ = await self._ask(dialect.sessions(meeting_id, last), lambda _: None, end)
            found += dialect.read_sessions(payload, meeting_id)
        return sorted(found, key=_start, reverse=True)

    async def end(self, meeting_id: str) -> None:
        """End a meeting's running session for everybody; one that is over already is fine.

        Only where `can_end` is True. What is answered when nothing runs is undocumented: after a
        refusal, the sessions tell.

        Args:
            meeting_id: VideoSDK's own id.

        Raises:
            VideoSDKError: it may be running still.
        """
        asked = self._dialect.end(meeting_id)
        try:
            await self._ask(asked, _again(asked), _end(self._deadline))
        except VideoSDKRefusedError as error:
            if error.status not in _NOTHING_TO_END:
                raise
            if any(session.end is None for session in await self.sessions(meeting_id)):
                raise

    async def deactivate(self, meeting_id: str) -> None:
        """Close a meeting for good: nobody can join it any more.

        Only where `can_end` is True.

        Args:
            meeting_id: VideoSDK's own id; an id of one's own is refused.

        Raises:
            VideoSDKError: it may be open still.
        """
        asked = self._dialect.deactivate(meeting_id)
        await self._ask(asked, _again(asked), _end(self._deadline))

    def participant_token(self, meeting_id: str, participant_id: str) -> str:
        """Return a new token with which one person can join one meeting, within the hour."""
        return self._tokens.for_participant(meeting_id, participant_id)

    async def is_authentic(self, signature: str, body: bytes) -> bool:
        """Tell whether VideoSDK signed a webhook's body.

        Its public key is asked for once, and again when a signature does not fit, at most once a
        minute.

        Args:
            signature: the header `videosdk-signature`.
            body: the bytes as they came.

        Raises:
            VideoSDKError: there is no key to tell it with.
        """
        return await self._signatures.is_authentic(signature, body)

    async def _public_key(self) -> str:
        asked = public_key()
        payload, _ = await self._ask(asked, _again(asked), _end(self._deadline))
        return read_public_key(payload)


def base_url(endpoint: str) -> str:
    """Return the endpoint without a trailing slash or version: VideoSDK writes it both ways."""
    bare = endpoint.rstrip("/")
    return bare.removesuffix("/v1").removesuffix("/v2").rstrip("/")


def _end(seconds: float) -> float:
    """Return the event loop's time at which a call has to be over."""
    return asyncio.get_running_loop().time() + seconds


def _again(asked: Request) -> Callable[[VideoSDKError], Request | None]:
    """Return the second try of a call that may be made twice."""
    return lambda error: asked if _may_be_repeated(error) else None


def _was_not_done(error: VideoSDKError) -> bool:
    """Tell whether a call certainly did nothing, and may do better at once."""
    if isinstance(error, VideoSDKRateLimitedError):
        return error.retry_after is not None and error.retry_after <= PATIENCE
    return isinstance(error, VideoSDKUnreachableError)


def _may_be_repeated(error: VideoSDKError) -> bool:
    """Tell whether a call that does no more when made twice is worth a second try."""
    return isinstance(error, VideoSDKBrokenError | VideoSDKInterruptedError) or _was_not_done(error)


def _start(session: Session) -> float:
    return session.start.timestamp()

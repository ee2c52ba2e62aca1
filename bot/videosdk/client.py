"""Ask VideoSDK: create a meeting, validate an ID, list a meeting's sessions."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx

from bot.videosdk import v1
from bot.videosdk.errors import (
    VideoSDKBadReplyError,
    VideoSDKBrokenError,
    VideoSDKError,
    VideoSDKInterruptedError,
    VideoSDKRateLimitedError,
    VideoSDKRefusedError,
    VideoSDKTimeoutError,
    VideoSDKUnreachableError,
)
from bot.videosdk.models import Meeting, Session
from bot.videosdk.tokens import Tokens
from bot.videosdk.wire import MAX_REPLY, Reply, Request, decipher

LOG = logging.getLogger(__name__)

ENDPOINT = "https://api.videosdk.live"
DEADLINE = 15.0  # seconds for a whole call, its second try included
CONNECT = 3.0  # seconds to reach the server
PATIENCE = 1.0  # seconds of Retry-After that are waited out

_UNKNOWN = {HTTPStatus.BAD_REQUEST, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.NOT_FOUND}
_WRONG_VERB = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
_ID_TAKEN = {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT}


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
        endpoint: where the API is; a trailing `/`, `/v1` or `/v2` is taken off.
        bearer: True writes `Bearer ` before the token; the API page shows both forms.
        http: the HTTP client to use; without one, the client opens and closes its own.
        deadline: seconds for a whole call.
    """

    def __init__(  # noqa: PLR0913 - each has a default, and a caller names them
        self,
        api_key: str,
        secret_key: str,
        *,
        endpoint: str = ENDPOINT,
        bearer: bool = False,
        http: httpx.AsyncClient | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self._tokens = Tokens(api_key, secret_key)
        self._endpoint = base_url(endpoint)
        self._prefix = "Bearer " if bearer else ""
        self._http = http or httpx.AsyncClient()
        self._owns_http = http is None
        self._deadline = deadline

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._owns_http:
            await self._http.aclose()

    async def create(
        self, *, region: str | None = None, user_meeting_id: str | None = None
    ) -> Meeting:
        """Create a meeting, or return the one that already has this id of yours.

        A second try is made only when the first cannot have made a meeting: there was no
        connection, the answer said to come back within a second, or it refused the id, as a
        taken one may be (undocumented), which then gets a fresh suffix.

        Args:
            region: a region's code; None lets VideoSDK choose.
            user_meeting_id: an id of your own, `[A-Za-z0-9_-]`, 64 characters at most.

        Raises:
            VideoSDKError: there is no meeting, or no knowing whether there is one.
        """
        asked = v1.create(region, user_meeting_id)

        def second_try(error: VideoSDKError) -> Request | None:
            if (
                user_meeting_id
                and isinstance(error, VideoSDKRefusedError)
                and error.status in _ID_TAKEN
            ):
                return v1.create(region, f"{user_meeting_id}-{secrets.token_hex(2)}")
            return asked if _was_not_done(error) else None

        payload, sent = await self._ask(asked, second_try, _end(self._deadline))
        meeting = v1.read_meeting(payload)
        wanted = (sent.json or {}).get("userMeetingId")
        if wanted and meeting.user_meeting_id not in {None, wanted}:
            raise VideoSDKBadReplyError("an answer about another meeting")
        return meeting

    async def validate(self, meeting_id: str) -> Meeting | None:
        """Return the meeting with this id, or None if there is none.

        Args:
            meeting_id: VideoSDK's id or the creator's own.

        Raises:
            VideoSDKError: it could not be found out.
        """
        if meeting_id in v1.NOT_IN_A_PATH:
            return None
        asked = v1.validate(meeting_id)
        unknown = set(_UNKNOWN)

        def second_try(error: VideoSDKError) -> Request | None:
            if error.status in _WRONG_VERB:
                if error.status == HTTPStatus.NOT_FOUND:
                    unknown.add(HTTPStatus.METHOD_NOT_ALLOWED)  # then POST was the right verb
                return v1.validate(meeting_id, "GET")
            return asked if _may_be_repeated(error) else None

        try:
            payload, _ = await self._ask(asked, second_try, _end(self._deadline))
        except VideoSDKRefusedError as error:
            if error.status in unknown:
                return None
            raise
        meeting = v1.read_meeting(payload)
        if meeting_id not in {meeting.meeting_id, meeting.user_meeting_id}:
            raise VideoSDKBadReplyError("an answer about another meeting")
        return meeting

    async def sessions(self, meeting_id: str, *, deadline: float | None = None) -> list[Session]:
        """Return the sessions of a meeting, the latest among them, newest first.

        The order of the listing is undocumented: where it has several pages and the first is in
        ascending order, the last page is read too.

        Args:
            meeting_id: VideoSDK's id.
            deadline: seconds for the look-up; the client's own if None.

        Raises:
            VideoSDKError: it could not be found out.
        """
        end = _end(self._deadline if deadline is None else deadline)
        first = v1.sessions(meeting_id)
        payload, _ = await self._ask(
            first, lambda error: first if _may_be_repeated(error) else None, end
        )
        found = v1.read_sessions(payload, meeting_id)
        last = v1.last_page(payload)
        if last > 1 and found == sorted(found, key=_start):
            payload, _ = await self._ask(v1.sessions(meeting_id, last), lambda _: None, end)
            found += v1.read_sessions(payload, meeting_id)
        return sorted(found, key=_start, reverse=True)

    async def _ask(
        self,
        asked: Request,
        second_try: Callable[[VideoSDKError], Request | None],
        end: float,
    ) -> tuple[dict[str, Any], Request]:
        """Return a good reply's JSON and the request it answers: two tries, one deadline."""
        try:
            async with asyncio.timeout_at(end):
                try:
                    return decipher(await self._send(asked)), asked
                except VideoSDKError as error:
                    LOG.warning("videosdk call failed", extra=_facts(asked, error))
                    again = second_try(error)
                    if again is None:
                        raise
                    await asyncio.sleep(error.retry_after or 0)
                return decipher(await self._send(again)), again
        except TimeoutError:
            late = VideoSDKTimeoutError("no whole answer before the deadline")
            LOG.warning("videosdk call failed", extra=_facts(asked, late))
            raise late from None

    async def _send(self, request: Request) -> Reply:
        """Send one request and read its answer; the only line of this package that waits on HTTP.

        Raises:
            VideoSDKUnreachableError: no connection was made.
            VideoSDKInterruptedError: the connection broke.
            VideoSDKBadReplyError: the answer was too large or not readable.
        """
        headers = {
            "authorization": self._prefix + self._tokens.current(),
            "accept-encoding": "identity",  # a few hundred bytes can unpack to gigabytes
        }
        try:
            async with self._http.stream(
                request.method,
                self._endpoint + request.path,
                params=request.params,
                json=request.json,
                headers=headers,
                follow_redirects=False,
                timeout=httpx.Timeout(None, connect=CONNECT),
            ) as response:
                return Reply(response.status_code, response.headers, await _body(response))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise VideoSDKUnreachableError(f"no connection: {error}") from error
        except httpx.TransportError as error:
            raise _interrupted(error) from None


async def _body(response: httpx.Response) -> bytes:
    """Read the body as it was sent; whatever breaks here, the request has been received."""
    body = bytearray()
    try:
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > MAX_REPLY:
                raise VideoSDKBadReplyError("an answer of over 1 MiB", status=response.status_code)
    except httpx.TransportError as error:
        raise _interrupted(error) from None
    return bytes(body)


def _interrupted(error: httpx.TransportError) -> VideoSDKInterruptedError:
    """Name the cause on one line, without a link to it: its text may quote what the server sent."""
    said = " ".join(str(error).split())[:200]
    return VideoSDKInterruptedError(f"the connection broke: {said or type(error).__name__}")


def base_url(endpoint: str) -> str:
    """Return the endpoint without a trailing slash or version: VideoSDK writes it both ways."""
    bare = endpoint.rstrip("/")
    return bare.removesuffix("/v1").removesuffix("/v2").rstrip("/")


def _end(seconds: float) -> float:
    """Return the event loop's time at which a call has to be over."""
    return asyncio.get_running_loop().time() + seconds


def _was_not_done(error: VideoSDKError) -> bool:
    """Tell whether a call certainly did nothing, and may do better at once."""
    if isinstance(error, VideoSDKRateLimitedError):
        return error.retry_after is not None and error.retry_after <= PATIENCE
    return isinstance(error, VideoSDKUnreachableError)


def _may_be_repeated(error: VideoSDKError) -> bool:
    """Tell whether a call that changes nothing is worth a second try."""
    return isinstance(error, VideoSDKBrokenError | VideoSDKInterruptedError) or _was_not_done(error)


def _start(session: Session) -> float:
    return session.start.timestamp()


def _facts(request: Request, error: VideoSDKError) -> dict[str, object]:
    return {
        "call": f"{request.method} {request.path}",
        "status": error.status,
        "cause": type(error).__name__,
        "detail": str(error),
    }

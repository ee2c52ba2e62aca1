"""Name what each version of the API offers, and choose one."""

# ruff: noqa: D102 - the functions of v1 and v2 say what they do

from collections.abc import Mapping
from typing import Any, Protocol

from bot.videosdk import v1, v2
from bot.videosdk.errors import VideoSDKError
from bot.videosdk.models import Meeting, Session
from bot.videosdk.wire import Request


class Dialect(Protocol):
    """What to ask, and how to read the answers.

    Attributes:
        CAN_END: sessions can be ended for everybody, and rooms closed for good.
        CAN_NOTIFY: rooms tell a webhook who comes and goes.
        CREATES_ONCE: a create with a known id of one's own gives the meeting that has it.
        OWN_ID: the create's field for an id of one's own.
        REGION: the create's field for a region.
        TOKEN_CLAIMS: what the API's tokens say beside the key and its permissions.
    """

    CAN_END: bool
    CAN_NOTIFY: bool
    CREATES_ONCE: bool
    OWN_ID: str
    REGION: str
    TOKEN_CLAIMS: Mapping[str, object]

    def create(
        self, region: str | None, user_meeting_id: str | None, webhook_url: str | None = None, /
    ) -> Request: ...
    def create_instead(self, asked: Request, error: VideoSDKError, /) -> Request | None: ...
    def validate(self, meeting_id: str, /) -> Request: ...
    def validate_instead(self, asked: Request, error: VideoSDKError, /) -> Request | None: ...
    def sessions(self, meeting_id: str, page: int = 1, /) -> Request: ...
    def end(self, meeting_id: str, /) -> Request: ...
    def deactivate(self, meeting_id: str, /) -> Request: ...
    def read_meeting(self, payload: Mapping[str, Any], /) -> Meeting: ...
    def read_sessions(self, payload: Mapping[str, Any], meeting_id: str, /) -> list[Session]: ...
    def last_page(self, payload: Mapping[str, Any], /) -> int: ...


DIALECTS: Mapping[str, Dialect] = {"v1": v1, "v2": v2}

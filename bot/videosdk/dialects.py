"""The two versions of the API, behind one interface."""

from collections.abc import Mapping
from typing import Any, Protocol

from bot.videosdk import v1, v2
from bot.videosdk.errors import VideoSDKError
from bot.videosdk.models import Meeting, Session
from bot.videosdk.wire import Request


class Dialect(Protocol):
    """A version of the API: its requests, and how to read its replies.

    Attributes:
        CAN_CLOSE: rooms can be closed for good.
        CAN_NOTIFY: rooms send webhooks when participants join and leave.
        CAN_TRANSCRIBE: a room's session can be transcribed.
        CREATES_ONCE: creating with a known ID of one's own returns the meeting that has it.
        ENDS_BY_SESSION: `end` takes the running session's ID instead of the meeting's.
        OWN_ID: the create request's field for an ID of one's own.
        REGION: the create request's field for a region.
        TOKEN_CLAIMS: claims of an API token besides the key and its permissions.
    """

    CAN_CLOSE: bool
    CAN_NOTIFY: bool
    CAN_TRANSCRIBE: bool
    CREATES_ONCE: bool
    ENDS_BY_SESSION: bool
    OWN_ID: str
    REGION: str
    TOKEN_CLAIMS: Mapping[str, object]

    def create(
        self, region: str | None, user_meeting_id: str | None, webhook_url: str | None = None, /
    ) -> Request:
        """Create a meeting; VideoSDK chooses whatever is None."""

    def create_instead(self, asked: Request, error: VideoSDKError, /) -> Request | None:
        """Return a request that may succeed after a rejection, or None."""

    def validate(self, meeting_id: str, /) -> Request:
        """Look up a meeting."""

    def validate_instead(self, asked: Request, error: VideoSDKError, /) -> Request | None:
        """Return a request that may succeed after a rejection, or None."""

    def sessions(self, meeting_id: str, most: int, /) -> Request:
        """List a meeting's newest sessions."""

    def recent_sessions(self, most: int, page: int = 1, /) -> Request:
        """List the account's newest sessions."""

    def end(self, target_id: str, /) -> Request:
        """End a meeting for everyone."""

    def deactivate(self, meeting_id: str, /) -> Request:
        """Close a room for good."""

    def read_meeting(self, payload: Mapping[str, Any], /) -> Meeting:
        """Parse a meeting."""

    def read_sessions(self, payload: Mapping[str, Any], meeting_id: str, /) -> list[Session]:
        """Parse a page of sessions, and keep this meeting's."""


DIALECTS: Mapping[str, Dialect] = {"v1": v1, "v2": v2}

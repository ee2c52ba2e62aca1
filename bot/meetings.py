"""Start meetings and check them: the product in its own words, without Slack and without HTTP."""

import asyncio
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from bot.grammar import MeetRequest
from bot.videosdk import Meeting, Session, VideoSDK, VideoSDKError

LOOK_UP = 1.5  # seconds a check waits for the sessions; the rest of its answer does not need them
_SLUG = 40  # characters of a name that its id keeps readable
_NO_SLUG = "meeting"  # for a name without a single letter that an id may have
_OWN_ID = re.compile(r"(?P<slug>[a-z0-9-]+?)-[0-9a-f]{10}(-[0-9a-f]{4})?")


@dataclass(frozen=True)
class Conversation:
    """Where in Slack a meeting is asked for; a named one belongs to it."""

    team_id: str
    channel_id: str


@dataclass(frozen=True)
class Region:
    """A region's code and, where it is known, its place."""

    code: str
    place: str | None = None


@dataclass(frozen=True)
class Invitation:
    """What people need to join a meeting.

    Attributes:
        meeting_id: what they join with.
        name: what the meeting is called, if it is called anything.
        region: where it runs, if VideoSDK says.
        asked_region: the region that was asked for and is not the one it runs in.
        join_url: where a browser opens it, if there is such a place.
    """

    meeting_id: str
    name: str | None = None
    region: Region | None = None
    asked_region: Region | None = None
    join_url: str | None = None


@dataclass(frozen=True)
class CheckedMeeting:
    """A meeting that exists, and what is known of its sessions: None if that was not found out."""

    meeting: Meeting
    invitation: Invitation
    sessions: list[Session] | None


class Meetings:
    """What a team can do with meetings.

    Args:
        videosdk: the client to do it with.
        regions: the codes that are offered, with their places.
        default_region: the region of a meeting for which none is asked; None lets VideoSDK pick.
        room_key: a secret of this deployment; it keeps the ids of standing rooms unguessable.
        join_url_template: a page that opens a meeting, with `{meeting_id}` in it.
    """

    def __init__(
        self,
        videosdk: VideoSDK,
        *,
        regions: Mapping[str, str],
        room_key: bytes,
        default_region: str | None = None,
        join_url_template: str | None = None,
    ) -> None:
        self._videosdk = videosdk
        self._regions = regions
        self._room_key = room_key
        self._default_region = default_region
        self._join_url_template = join_url_template

    async def start(self, request: MeetRequest, conversation: Conversation) -> Invitation:
        """Create the meeting, or open the standing room that has this name in this conversation.

        Raises:
            VideoSDKError: there is no meeting.
        """
        asked = request.region or self._default_region
        own_id = self.standing_id(request.name, conversation) if request.name else None
        meeting = await self._videosdk.create(region=asked, user_meeting_id=own_id)
        return self.invitation(
            meeting.meeting_id,
            name=request.name,
            region=meeting.region,
            asked_region=request.region,
        )

    async def check(self, meeting_id: str) -> CheckedMeeting | None:
        """Return what is known of a meeting, or None if there is no such meeting.

        Raises:
            VideoSDKError: it could not be found out.
        """
        sessions = asyncio.create_task(self._sessions(meeting_id))
        try:
            meeting = await self._videosdk.validate(meeting_id)
            if meeting is None:
                return None
            invitation = self.invitation(
                meeting.meeting_id, name=readable_name(meeting), region=meeting.region
            )
            return CheckedMeeting(meeting, invitation, await sessions)
        finally:
            sessions.cancel()

    async def _sessions(self, meeting_id: str) -> list[Session] | None:
        try:
            return await self._videosdk.sessions(meeting_id, deadline=LOOK_UP)
        except VideoSDKError:
            return None

    def invitation(
        self,
        meeting_id: str,
        *,
        name: str | None = None,
        region: str | None = None,
        asked_region: str | None = None,
    ) -> Invitation:
        """Return the invitation to a meeting that exists."""
        template = self._join_url_template
        return Invitation(
            meeting_id=meeting_id,
            name=name,
            region=self._region(region),
            asked_region=self._region(asked_region) if asked_region != region else None,
            join_url=template and template.replace("{meeting_id}", quote(meeting_id, safe="")),
        )

    def _region(self, code: str | None) -> Region | None:
        return Region(code, self._regions.get(code)) if code else None

    def standing_id(self, name: str, conversation: Conversation) -> str:
        """Return the id of the room that has this name in this conversation, and in no other.

        The same name means the same id whatever its case, so two people who type it at once meet.
        `[a-z0-9-]`, at most 51 characters.
        """
        same = unicodedata.normalize("NFKC", name).casefold()
        place = f"{conversation.team_id}\n{conversation.channel_id}\n{same}"
        mark = hmac.new(self._room_key, place.encode(), hashlib.sha256).hexdigest()[:10]
        return f"{_slug(name)}-{mark}"


def readable_name(meeting: Meeting) -> str | None:
    """Return what a meeting is called, as far as the id that its creator gave it tells."""
    own_id = meeting.user_meeting_id
    standing = _OWN_ID.fullmatch(own_id) if own_id else None
    if standing is None:
        return own_id
    return standing["slug"] if standing["slug"] != _NO_SLUG else None


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:_SLUG].strip("-") or _NO_SLUG

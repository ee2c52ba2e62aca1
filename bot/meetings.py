"""Start meetings and check them: the product in its own words, without Slack and without HTTP."""

import asyncio
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.grammar import MeetRequest
from bot.links import JoinLink, JoinLinks, SignedLinks, Webhook
from bot.videosdk import Meeting, Session, VideoSDK, VideoSDKError, VideoSDKRefusedError

LOOK_UP = 1.5  # seconds a check waits for the sessions; the rest of its answer does not need them
_SLUG = 40  # characters of a name that its id keeps readable
_MARK = 16  # hexadecimal digits: no two of an account's rooms are ever the same by chance
_NO_SLUG = "meeting"  # for a name without a single letter that an id may have
_OWN_ID = re.compile(r"(?P<slug>[a-z0-9-]+?)-[0-9a-f]{16}(-[0-9a-f]{4})?")


@dataclass(frozen=True)
class Conversation:
    """Where in Slack a meeting is asked for; a named one belongs to it.

    Attributes:
        owner_id: the workspace's id, or the organisation's that it belongs to.
        channel_id: the channel's.
    """

    owner_id: str
    channel_id: str


@dataclass(frozen=True)
class Plan:
    """A meeting that is about to be started.

    Attributes:
        request: what somebody asked for.
        own_id: the id that this bot gives it, if it gives one.
        is_standing: whether its room is there again the next time.
    """

    request: MeetRequest
    own_id: str | None = None
    is_standing: bool = False


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
        has_geo_fencing: whether VideoSDK's plan lets a region be chosen at all.
        join_url: where a browser opens it, if there is such a place.
    """

    meeting_id: str
    name: str | None = None
    region: Region | None = None
    asked_region: Region | None = None
    join_url: str | None = None
    has_geo_fencing: bool = True


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
        links: where a browser opens a meeting, if there is such a place.
        pages: makes the addresses for webhooks, where the bot has a public address.
    """

    def __init__(  # noqa: PLR0913 - each has a name, and most a default
        self,
        videosdk: VideoSDK,
        *,
        regions: Mapping[str, str],
        room_key: bytes,
        default_region: str | None = None,
        links: JoinLinks | None = None,
        pages: SignedLinks | None = None,
    ) -> None:
        self._videosdk = videosdk
        self._regions = regions
        self._room_key = room_key
        self._default_region = default_region
        self._links = links
        self._pages = pages

    def plan(self, request: MeetRequest, conversation: Conversation, occasion: str) -> Plan:
        """Return what is to be started.

        Args:
            request: what somebody asks for.
            conversation: where; a meeting with a name is that conversation's standing room.
            occasion: what is unique to this request, so that its repetition makes no second room.
        """
        if request.name:
            own_id = self.standing_id(request.name, conversation)
            return Plan(request, own_id, is_standing=True)
        if self._videosdk.is_idempotent:  # the id does no harm then, and spares a second room
            return Plan(request, self._own_id("", conversation, occasion))
        return Plan(request)

    async def run_of(self, plan: Plan) -> str | None:
        """Return what names the run that is to be started, the same for everybody who starts it.

        A standing room's runs are told apart by the session that ended last. None means that this
        could not be found out.
        """
        if not plan.is_standing or plan.own_id is None:
            return plan.own_id
        try:
            sessions = await self._videosdk.sessions(plan.own_id, deadline=LOOK_UP)
        except VideoSDKRefusedError:
            sessions = []  # there is no such room yet
        except VideoSDKError:
            return None
        last = next((session.session_id for session in sessions if session.end), "first")
        return f"{plan.own_id}:{last}"

    async def start(self, plan: Plan, hook: Webhook | None = None) -> Invitation:
        """Create the meeting, or open the standing room that it is.

        Args:
            plan: what to start.
            hook: the live card that is to learn what happens in it.

        Raises:
            VideoSDKError: there is no meeting.
        """
        meeting = await self._videosdk.create(
            region=plan.request.region or self._default_region,
            user_meeting_id=plan.own_id,
            webhook_url=self._pages.webhook_url(hook) if self._pages and hook else None,
        )
        invitation = self.invitation(
            meeting.meeting_id,
            name=plan.request.name,
            region=meeting.region,
            asked_region=plan.request.region,
            call_id=hook.call_id if hook else None,
        )
        return replace(invitation, has_geo_fencing=not meeting.region_refused)

    @property
    def can_end(self) -> bool:
        """Whether VideoSDK's API can end a meeting for everyone."""
        return self._videosdk.can_end

    async def is_running(self, meeting_id: str) -> bool:
        """Tell whether people are in a meeting, or may be: True where it is not found out."""
        sessions = await self._sessions(meeting_id)
        return sessions is None or any(session.end is None for session in sessions)

    async def end(self, meeting_id: str) -> None:
        """Send everybody home, where VideoSDK's API can do that.

        Raises:
            VideoSDKError: it did not work.
        """
        await self._videosdk.end(meeting_id)

    @property
    def finds_by_name(self) -> bool:
        """Whether VideoSDK's API finds a standing room by the id that this bot gave it."""
        return self._videosdk.is_idempotent

    def standing_room(self, name: str, conversation: Conversation) -> str | None:
        """Return the id of a conversation's room of this name, where VideoSDK finds rooms by it."""
        return self.standing_id(name, conversation) if self.finds_by_name else None

    def linked(self, text: str) -> str | None:
        """Return the meeting that one of our join links in a text opens, if there is one."""
        link = self._links.find(text) if self._links else None
        return link.meeting_id if link else None

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
        call_id: str | None = None,
    ) -> Invitation:
        """Return the invitation to a meeting that exists."""
        return Invitation(
            meeting_id=meeting_id,
            name=name,
            region=self._region(region),
            asked_region=self._region(asked_region) if asked_region != region else None,
            join_url=self.join_url(meeting_id, name, call_id),
        )

    def join_url(
        self, meeting_id: str, name: str | None = None, call_id: str | None = None
    ) -> str | None:
        """Return where a browser opens a meeting, if there is such a place."""
        return self._links.url(JoinLink(meeting_id, name, call_id)) if self._links else None

    def _region(self, code: str | None) -> Region | None:
        return Region(code, self._regions.get(code)) if code else None

    def standing_id(self, name: str, conversation: Conversation) -> str:
        """Return the id of the room that has this name in this conversation, and in no other."""
        return self._own_id(name, conversation, name)

    def _own_id(self, name: str, conversation: Conversation, what: str) -> str:
        """Return an id that is readable by its name and unique to a conversation and what is there.

        The same thing means the same id whatever its case, so two people who type it at once meet.
        `[a-z0-9-]`, at most 57 characters.
        """
        same = unicodedata.normalize("NFKC", what).casefold()
        place = f"{conversation.owner_id}\n{conversation.channel_id}\n{same}"
        mark = hmac.new(self._room_key, place.encode(), hashlib.sha256).hexdigest()[:_MARK]
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

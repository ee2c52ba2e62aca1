"""Start meetings and check them: the product in its own words, without Slack and without HTTP."""

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from bot.grammar.commands import MeetRequest
from bot.links import Conversation, JoinLink, JoinLinks, NoLinks
from bot.rooms.ids import RoomIds
from bot.rooms.rooms import Plan, Rooms
from bot.rooms.runs import Run, read_runs
from bot.videosdk import (
    Meeting,
    VideoSDK,
    VideoSDKError,
    VideoSDKRefusedError,
)

_NO_LINKS = NoLinks()
LOOKUP_TIMEOUT = 1.5  # seconds that an answer waits for the runs; the rest does not need them


@dataclass(frozen=True)
class OpenRoom:
    """A room that people can enter.

    Attributes:
        meeting: as VideoSDK knows it.
        name: what it is called, if it is called anything.
        runs: newest first; None if they could not be read.
        asked_region: the region that was asked for, if any.
    """

    meeting: Meeting
    name: str | None = None
    runs: list[Run] | None = None
    asked_region: str | None = None


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
    """A meeting that exists.

    Attributes:
        room: what is known of it.
        is_private: it belongs to nobody that this bot knows, in a deployment that serves many
            workspaces: whoever asks learns that the ID is valid, and nothing more.
    """

    room: OpenRoom
    is_private: bool = False


class Meetings:
    """What a team can do with meetings.

    Args:
        videosdk: the client to do it with.
        regions: the codes that are offered, with their places.
        rooms: open the rooms.
        room_ids: know whose room an id is.
        links: where a browser opens a meeting, if there is such a place.
        has_live_cards: whether the runs of a room matter to its card.
        serves_many: workspaces share the VideoSDK account, and must not see each other's rooms.
    """

    def __init__(  # noqa: PLR0913 - each has a name, and most a default
        self,
        videosdk: VideoSDK,
        *,
        regions: Mapping[str, str],
        rooms: Rooms,
        room_ids: RoomIds,
        links: JoinLinks = _NO_LINKS,
        has_live_cards: bool = False,
        serves_many: bool = False,
    ) -> None:
        self._videosdk = videosdk
        self._regions = regions
        self._rooms = rooms
        self._ids = room_ids
        self._links = links
        self._has_live_cards = has_live_cards
        self._serves_many = serves_many

    def plan(self, request: MeetRequest, place: Conversation, idempotency_key: str) -> Plan:
        """Return what is to be started.

        Args:
            request: what somebody asks for.
            place: where; a meeting with a name is that conversation's standing room.
            idempotency_key: unique to this request, so that a retry makes no second room.
        """
        return Plan(request, place, idempotency_key or secrets.token_hex(8))

    async def open(self, plan: Plan) -> OpenRoom:
        """Create the meeting, or open the standing room that it is.

        Raises:
            VideoSDKError: there is no meeting.
        """
        name, region = plan.request.name, plan.request.region
        if not self._has_live_cards:
            return OpenRoom(await self._rooms.open(plan), name, [], region)
        meeting, runs = await asyncio.gather(self._rooms.open(plan), self._runs_before(plan))
        is_first = meeting.user_meeting_id in (None, self._rooms.id_of(plan))
        if runs is not None and not is_first:
            runs = await self.runs(meeting.meeting_id)  # those were the first generation's
        return OpenRoom(meeting, name, runs, region)

    async def end(self, meeting_id: str) -> bool:
        """End the running session for everyone, and return whether one was running.

        Raises:
            VideoSDKError: it may be running still.
        """
        return await self._videosdk.end(meeting_id)

    @property
    def can_close(self) -> bool:
        """Whether VideoSDK's API can close a room for good."""
        return self._videosdk.can_close

    async def close(self, meeting_id: str) -> None:
        """Close a room for good: its links open nothing any more.

        Raises:
            VideoSDKError: it may be open still.
        """
        await self._videosdk.deactivate(meeting_id)

    @property
    def finds_by_name(self) -> bool:
        """Whether VideoSDK's API finds a standing room by the id that this bot gave it."""
        return self._videosdk.is_idempotent

    def linked(self, text: str) -> JoinLink | None:
        """Return the first of our join links in a text, if there is one."""
        return self._links.find(text)

    async def check(
        self, meeting_id: str, place: Conversation, name: str | None = None
    ) -> CheckedMeeting | None:
        """Look a meeting up; return None if there is none for whoever asks.

        Args:
            meeting_id: VideoSDK's id or the creator's own.
            place: where somebody asks.
            name: what it is called, if that is known: VideoSDK doesn't know it.

        Raises:
            VideoSDKError: it could not be found out.
        """
        runs = asyncio.create_task(self.runs(meeting_id))
        try:
            meeting = await self._videosdk.validate(meeting_id)
            if meeting is None:
                return None
            is_owned = self._ids.is_owned(meeting.user_meeting_id, place)
            if self._serves_many and not is_owned:
                is_known = is_owned is None and not meeting.disabled
                return CheckedMeeting(OpenRoom(meeting), is_private=True) if is_known else None
            return CheckedMeeting(OpenRoom(meeting, name, await runs))
        finally:
            runs.cancel()

    async def check_name(self, name: str, place: Conversation) -> CheckedMeeting | None:
        """Look up the standing room of this name in a conversation.

        Raises:
            VideoSDKError: it could not be found out.
        """
        if not self.finds_by_name:
            return None
        room_id = await self._rooms.current_id(self.plan(MeetRequest(name), place, ""))
        return await self.check(room_id, place, name)

    async def known(self, meeting_id: str, name: str | None, region: str | None) -> OpenRoom:
        """Return a room that was checked before."""
        runs = await self.runs(meeting_id) if self._has_live_cards else []
        return OpenRoom(Meeting(meeting_id, region=region), name, runs)

    async def runs(self, meeting_id: str) -> list[Run] | None:
        """Return the newest runs of a room, newest first; None if they could not be read."""
        with suppress(VideoSDKError):
            return await read_runs(self._videosdk, meeting_id, deadline=LOOKUP_TIMEOUT)
        return None

    def invitation(self, room: OpenRoom, link: JoinLink) -> Invitation:
        """Return the invitation to a room.

        Args:
            room: the room.
            link: what its join link opens.
        """
        region, asked = room.meeting.region, room.asked_region
        return Invitation(
            meeting_id=room.meeting.meeting_id,
            name=room.name,
            region=self._region(region),
            asked_region=self._region(asked) if asked != region else None,
            join_url=self.join_url(link),
            has_geo_fencing=not room.meeting.region_refused,
        )

    def join_url(self, link: JoinLink) -> str | None:
        """Return where a browser opens a meeting, if there is such a place."""
        return self._links.url(link)

    async def _runs_before(self, plan: Plan) -> list[Run] | None:
        """Return the runs of the room, if it may exist already."""
        if plan.request.name is None:
            return []
        try:
            own_id = self._rooms.id_of(plan)
            return await read_runs(self._videosdk, own_id, deadline=LOOKUP_TIMEOUT)
        except VideoSDKRefusedError:
            return []  # there is no such room yet
        except VideoSDKError:
            return None

    def _region(self, code: str | None) -> Region | None:
        return Region(code, self._regions.get(code)) if code else None

"""Meetings: start, check, end and close them; knows nothing of Slack or HTTP."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from bot.grammar.commands import MeetRequest
from bot.links import Conversation, JoinLink, JoinLinks, NoLinks
from bot.rooms.ids import Plan, RoomIds
from bot.rooms.rooms import Rooms
from bot.rooms.runs import Run, as_runs
from bot.videosdk import (
    Meeting,
    VideoSDK,
    VideoSDKError,
    VideoSDKRefusedError,
)

_NO_LINKS = NoLinks()
LOOKUP_TIMEOUT = 1.5  # seconds to read a room's runs; an answer can do without them


@dataclass(frozen=True)
class OpenRoom:
    """A room that people can enter.

    Attributes:
        meeting: VideoSDK's record of it.
        name: its name, if it has one.
        runs: newest first; None if they couldn't be read.
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
        meeting_id: VideoSDK's room ID.
        name: the meeting's name, if it has one.
        region: where it runs, if VideoSDK says.
        asked_region: the region that was asked for, if it runs in another one.
        join_url: where a browser opens it, if the deployment has such an address.
        has_geo_fencing: whether VideoSDK's plan allows choosing a region.
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
        room: the room.
        is_private: whether to say only that the ID is valid: many workspaces share the deployment,
            and the bot can't tell whose room it is.
    """

    room: OpenRoom
    is_private: bool = False


class Meetings:
    """Starts, checks, ends and closes meetings.

    Args:
        videosdk: the VideoSDK client.
        regions: the region codes on offer, with their places.
        rooms: opens rooms.
        room_ids: tells whether a room belongs to the workspace that asks.
        links: makes and finds join links.
        serves_many: whether workspaces share the VideoSDK account, so that they must not see each
            other's rooms.
    """

    def __init__(  # noqa: PLR0913 - each has a name, and most a default
        self,
        videosdk: VideoSDK,
        *,
        regions: Mapping[str, str],
        rooms: Rooms,
        room_ids: RoomIds,
        links: JoinLinks = _NO_LINKS,
        serves_many: bool = False,
    ) -> None:
        self._videosdk = videosdk
        self._regions = regions
        self._rooms = rooms
        self._ids = room_ids
        self._links = links
        self._serves_many = serves_many

    async def open(self, plan: Plan) -> OpenRoom:
        """Create a meeting or, if it has a name, open its standing room.

        Raises:
            VideoSDKError: VideoSDK failed or rejected it.
        """
        meeting = await self._rooms.open(plan)
        return OpenRoom(meeting, plan.request.name, [], plan.request.region)

    async def end(self, meeting_id: str) -> bool:
        """End the running session for everyone, and return whether one was running.

        Raises:
            VideoSDKError: it may still be running.
        """
        return await self._videosdk.end(meeting_id)

    @property
    def can_close(self) -> bool:
        """Whether VideoSDK's API can close a room for good."""
        return self._videosdk.can_close

    async def close(self, meeting_id: str) -> None:
        """Close a room for good, so that its links stop working.

        Raises:
            VideoSDKError: it may still be open.
        """
        await self._videosdk.deactivate(meeting_id)

    @property
    def finds_by_name(self) -> bool:
        """Whether VideoSDK's API can find a standing room by the bot's own ID."""
        return self._videosdk.is_idempotent

    def linked(self, text: str) -> JoinLink | None:
        """Return the first of this bot's join links in a text, or None."""
        return self._links.find(text)

    async def check(
        self, meeting_id: str, place: Conversation, name: str | None = None
    ) -> CheckedMeeting | None:
        """Look up a meeting; return None if there is none that `place` may see.

        Args:
            meeting_id: VideoSDK's room ID or the bot's own.
            place: where the check was typed.
            name: the meeting's name, if known; VideoSDK doesn't store it.

        Raises:
            VideoSDKError: the lookup failed.
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
            VideoSDKError: the lookup failed.
        """
        if not self.finds_by_name:
            return None
        room_id = await self._rooms.current_id(Plan(MeetRequest(name), place, ""))
        return await self.check(room_id, place, name)

    async def known(self, meeting_id: str, name: str | None, region: str | None) -> OpenRoom:
        """Return a room that was checked before, without checking it again."""
        return OpenRoom(Meeting(meeting_id, region=region), name, [])

    async def runs(self, meeting_id: str) -> list[Run] | None:
        """Return the newest runs of a room, newest first; None if they couldn't be read."""
        with suppress(VideoSDKError):
            return as_runs(await self._videosdk.sessions(meeting_id, deadline=LOOKUP_TIMEOUT))
        return None

    def invitation(self, room: OpenRoom, link: JoinLink) -> Invitation:
        """Return the invitation to a room.

        Args:
            room: the room.
            link: its join link's content.
        """
        region, asked = room.meeting.region, room.asked_region
        places = self._regions
        return Invitation(
            meeting_id=room.meeting.meeting_id,
            name=room.name,
            region=Region(region, places.get(region)) if region else None,
            asked_region=Region(asked, places.get(asked)) if asked and asked != region else None,
            join_url=self._links.url(link),
            has_geo_fencing=not room.meeting.region_refused,
        )

    def join_url(self, link: JoinLink) -> str | None:
        """Return the URL of a join link, or None if the deployment has no address for it."""
        return self._links.url(link)


class LiveMeetings(Meetings):
    """Meetings with live cards: a room comes with its runs, which its card shows."""

    async def open(self, plan: Plan) -> OpenRoom:
        """Create a meeting or, if it has a name, open its standing room.

        Raises:
            VideoSDKError: VideoSDK failed or rejected it.
        """
        meeting, runs = await asyncio.gather(self._rooms.open(plan), self._runs_before(plan))
        is_first = meeting.user_meeting_id in (None, self._ids.of(plan))
        if runs is not None and not is_first:
            runs = await self.runs(meeting.meeting_id)  # the ID was of a room that was closed
        return OpenRoom(meeting, plan.request.name, runs, plan.request.region)

    async def known(self, meeting_id: str, name: str | None, region: str | None) -> OpenRoom:
        """Return a room that was checked before, without checking it again."""
        room = await super().known(meeting_id, name, region)
        return replace(room, runs=await self.runs(meeting_id))

    async def _runs_before(self, plan: Plan) -> list[Run] | None:
        """Return the room's runs, none if it doesn't exist yet; None if they couldn't be read."""
        if plan.request.name is None:
            return []
        try:
            own_id = self._ids.of(plan)
            return as_runs(await self._videosdk.sessions(own_id, deadline=LOOKUP_TIMEOUT))
        except VideoSDKRefusedError:
            return []  # there is no such room yet
        except VideoSDKError:
            return None

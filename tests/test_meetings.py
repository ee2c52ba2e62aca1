"""Meetings can be started, shared and ended, tested with VideoSDK's stand-in."""

from typing import Literal

import pytest

from bot.grammar.commands import MeetRequest
from bot.links import Conversation, JoinLink, TemplateLinks
from bot.meetings import Invitation, Meetings, OpenRoom, Region
from bot.sandbox.faults import Fault
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.videosdk import Meeting, VideoSDKBrokenError
from bot.workspace import Workspace
from tests.meetings import BAKERY, GENERAL, Open, start

FRANKFURT = Region("eu001", "Frankfurt, DE")
FREMONT = Region("us001", "Fremont, CA")


def invite(meetings: Meetings, room: OpenRoom) -> Invitation:
    """Return the invitation to a room for a plain card."""
    return meetings.invitation(room, JoinLink(room.meeting.meeting_id, room.name))


async def test_without_name_and_region_videosdk_chooses(
    meetings: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    room = await start(meetings, MeetRequest())

    [meeting_id] = videosdk_standin.meetings
    own_id = room.meeting.user_meeting_id
    assert [one.body for one in videosdk_standin.requests] == [{"userMeetingId": own_id}]
    assert invite(meetings, room) == Invitation(meeting_id, region=Region("sg001", "Singapore, SG"))


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_a_retried_request_creates_no_second_room(version: str, open_meetings: Open) -> None:
    meetings = open_meetings(version=version)
    keys = ["a trigger", "a trigger", "another"]

    rooms = [await start(meetings, MeetRequest(), key=key) for key in keys]

    assert rooms[0] == rooms[1]
    assert len({room.meeting.meeting_id for room in rooms}) == 2


async def test_a_name_opens_the_same_room_for_everyone_in_a_conversation(
    meetings: Meetings,
) -> None:
    names = ["Weekly sync", "weekly SYNC", "Ｗｅｅｋｌｙ sync"]  # noqa: RUF001 - full-width on purpose
    rooms = [await start(meetings, MeetRequest(name, "eu001"), key=name) for name in names]

    invitations = [invite(meetings, room) for room in rooms]
    assert len({invitation.meeting_id for invitation in invitations}) == 1
    assert [invitation.name for invitation in invitations] == names
    assert invitations[1].region == FRANKFURT
    assert invitations[1].asked_region is None


@pytest.mark.parametrize("elsewhere", [Conversation(Workspace("T1"), "C2"), BAKERY])
async def test_the_same_name_in_another_conversation_is_another_room(
    meetings: Meetings, elsewhere: Conversation
) -> None:
    here = await start(meetings, MeetRequest("1:1"))
    there = await start(meetings, MeetRequest("1:1"), elsewhere)

    assert here.meeting.meeting_id != there.meeting.meeting_id


@pytest.mark.parametrize("repeated", ["same", "new", "refuse400", "refuse409"])
async def test_a_name_works_whatever_videosdk_does_with_a_known_id(
    meetings: Meetings,
    videosdk_standin: VideoSDKStandIn,
    repeated: Literal["same", "new", "refuse400", "refuse409"],
) -> None:
    videosdk_standin.repeated_id = repeated

    first = await start(meetings, MeetRequest("standup"))
    second = await start(meetings, MeetRequest("standup"))
    checked = await meetings.check(second.meeting.meeting_id, GENERAL)

    is_same = first.meeting.meeting_id == second.meeting.meeting_id
    assert is_same is (repeated == "same")
    assert checked is not None
    assert not any("sessions" in one.path for one in videosdk_standin.requests[:-2])


async def test_a_room_that_was_opened_in_another_region_says_so(meetings: Meetings) -> None:
    await start(meetings, MeetRequest("standup", "eu001"))
    again = invite(meetings, await start(meetings, MeetRequest("standup", "us001")))

    assert (again.region, again.asked_region) == (FRANKFURT, FREMONT)


async def test_a_region_that_videosdk_does_not_return_is_not_shown(
    meetings: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.echoes_region = False

    invitation = invite(meetings, await start(meetings, MeetRequest(region="us001")))

    assert (invitation.region, invitation.asked_region) == (None, FREMONT)


async def test_without_geo_fencing_the_invitation_says_so(
    live: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.geo_fencing = False

    invitation = invite(live, await start(live, MeetRequest(region="us001")))

    assert not invitation.has_geo_fencing


async def test_a_region_without_a_known_place_is_shown_by_its_code(meetings: Meetings) -> None:
    room = OpenRoom(Meeting("87i6-bvw8-dtn1", region="us002"))

    assert invite(meetings, room).region == Region("us002")


async def test_a_failure_to_create_is_raised(
    meetings: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.always(Fault(status=500))

    with pytest.raises(VideoSDKBrokenError):
        await start(meetings, MeetRequest())


def test_the_join_url_carries_the_id_percent_encoded(open_meetings: Open) -> None:
    template = "https://meet.example.com/{meeting_id}?id={meeting_id}"
    meetings, link = open_meetings(links=TemplateLinks(template)), JoinLink("a/b")

    assert meetings.join_url(link) == "https://meet.example.com/a%2Fb?id=a%2Fb"
    assert meetings.linked("https://meet.example.com/87i6-bvw8-dtn1") is None
    assert open_meetings().join_url(link) is None
    assert open_meetings().linked("https://meet.example.com/87i6-bvw8-dtn1") is None


async def test_a_named_room_comes_with_its_current_run(
    live: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    first = await start(live, MeetRequest("standup"))
    assert first.runs == []
    videosdk_standin.join(first.meeting.meeting_id, "Ann")

    second = await start(live, MeetRequest("standup"))

    assert second.runs is not None
    assert [run.is_on for run in second.runs] == [True]


async def test_the_runs_are_those_of_the_current_generation(
    live: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    closed = (await start(live, MeetRequest("standup"))).meeting.meeting_id
    videosdk_standin.join(closed, "Ann")
    await live.close(closed)

    fresh = await start(live, MeetRequest("standup"))
    assert (fresh.meeting.meeting_id != closed, fresh.runs) == (True, [])

    videosdk_standin.join(fresh.meeting.meeting_id, "Ben")
    again = await start(live, MeetRequest("standup"))
    assert again.runs is not None
    assert [run.people[0].name for run in again.runs] == ["Ben"]


@pytest.mark.parametrize(
    ("fault", "runs"), [(Fault(status=404), []), (Fault(status=500), None), (Fault(delay=30), None)]
)
async def test_a_meeting_starts_without_its_runs(
    fault: Fault,
    runs: list[object] | None,
    live: Meetings,
    videosdk_standin: VideoSDKStandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.meetings.LOOKUP_TIMEOUT", 0.05)
    videosdk_standin.faults.always(fault, path="/v2/sessions")

    room = await start(live, MeetRequest("standup"))

    assert room.runs == runs


async def test_with_live_cards_a_checked_room_is_shared_with_its_runs(
    live: Meetings, meetings: Meetings, videosdk_standin: VideoSDKStandIn
) -> None:
    meeting_id = (await start(live, MeetRequest("standup"))).meeting.meeting_id
    videosdk_standin.join(meeting_id, "Ann")

    shared = await live.known(meeting_id, "standup", "eu001")
    plain = await meetings.known(meeting_id, None, None)

    assert (shared.name, shared.meeting.region) == ("standup", "eu001")
    assert shared.runs is not None
    assert [run.is_on for run in shared.runs] == [True]
    assert plain == OpenRoom(Meeting(meeting_id), None, [])


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_a_running_meeting_is_ended_for_everyone(
    version: str, open_meetings: Open, videosdk_standin: VideoSDKStandIn
) -> None:
    meetings = open_meetings(version=version)
    meeting_id = (await start(meetings, MeetRequest())).meeting.meeting_id
    assert not await meetings.end(meeting_id)

    videosdk_standin.join(meeting_id, "Ann")
    assert await meetings.end(meeting_id)

    runs = await meetings.runs(meeting_id)
    assert runs is not None
    assert [run.is_on for run in runs] == [False]


def test_only_version_2_closes_rooms(open_meetings: Open) -> None:
    can_close = [open_meetings(version=version).can_close for version in ("v1", "v2")]

    assert can_close == [False, True]

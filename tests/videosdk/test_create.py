"""Creating a meeting is retried only if the first request certainly created none."""

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Literal

import httpx
import pytest

from bot.sandbox.faults import PRESETS, Fault
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.videosdk import (
    VideoSDK,
    VideoSDKBadReplyError,
    VideoSDKInterruptedError,
    VideoSDKRateLimitedError,
    VideoSDKRefusedError,
    VideoSDKTimeoutError,
    VideoSDKUnreachableError,
)
from tests.conftest import API_KEY, NOBODY, SECRET_KEY
from tests.peer import Peer, at_once, http_answer
from tests.videosdk.watched import Watched

PAST = "Wed, 21 Oct 2015 07:28:00 GMT"


def answering(payload: object) -> Fault:
    """Return a fault that replaces the answer."""
    return Fault(200, json.dumps(payload).encode())


async def test_missing_values_are_not_sent(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    meeting = await videosdk.create()

    assert videosdk_standin.requests == [("POST", "/v1/meetings", {})]
    assert (meeting.region, meeting.user_meeting_id) == ("sg001", None)


async def test_a_region_that_is_not_echoed_is_unknown(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.echoes_region = False

    assert (await videosdk.create(region="us001")).region is None


async def test_an_answer_without_the_requested_id_is_accepted(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(answering({"meetingId": "jpkf-iool-64ox"}))

    meeting = await videosdk.create(user_meeting_id="unicorn")
    assert (meeting.meeting_id, meeting.user_meeting_id) == ("jpkf-iool-64ox", None)


async def test_a_listing_is_not_mistaken_for_a_meeting(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(answering({"pageInfo": {}, "data": [{"meetingId": "a"}]}))

    with pytest.raises(VideoSDKBadReplyError, match="without a meetingId"):
        await videosdk.create()
    assert len(videosdk_standin.requests) == 1


async def test_a_repeated_id_may_give_the_same_meeting_or_a_new_one(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    first = await videosdk.create(user_meeting_id="unicorn")
    assert await videosdk.create(user_meeting_id="unicorn") == first

    videosdk_standin.repeated_id = "new"
    other = await videosdk.create(user_meeting_id="unicorn")
    assert other.meeting_id != first.meeting_id
    assert len(videosdk_standin.requests) == 3


@pytest.mark.parametrize("refusal", ["refuse400", "refuse409"])
async def test_a_rejected_id_gets_one_new_suffix(
    refusal: Literal["refuse400", "refuse409"],
    videosdk: VideoSDK,
    videosdk_standin: VideoSDKStandIn,
) -> None:
    videosdk_standin.repeated_id = refusal
    first = await videosdk.create(user_meeting_id="unicorn")
    other = await videosdk.create(region="us001", user_meeting_id="unicorn")

    assert other.meeting_id != first.meeting_id
    assert re.fullmatch("unicorn-[0-9a-f]{4}", other.user_meeting_id or "")
    bodies = [body for _, _, body in videosdk_standin.requests[1:]]
    assert bodies == [
        {"region": "us001", "userMeetingId": "unicorn"},
        {"region": "us001", "userMeetingId": other.user_meeting_id},
    ]


@pytest.mark.parametrize("status", [400, 409])
async def test_an_id_that_is_rejected_twice_is_an_error(
    status: int, videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(Fault(status), Fault(status))

    with pytest.raises(VideoSDKRefusedError) as caught:
        await videosdk.create(user_meeting_id="unicorn")
    assert caught.value.status == status
    assert len(videosdk_standin.requests) == 2
    assert not videosdk_standin.meetings


async def test_another_rejection_is_not_retried(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    with pytest.raises(VideoSDKRefusedError, match="'region' field is invalid"):
        await videosdk.create(region="mars1")

    assert len(videosdk_standin.requests) == 1


async def test_another_meeting_than_the_one_asked_for_is_a_bad_reply(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(PRESETS["other-meeting"][1])

    with pytest.raises(VideoSDKBadReplyError, match="another meeting"):
        await videosdk.create(user_meeting_id="unicorn")
    assert len(videosdk_standin.requests) == 1


async def test_a_failed_connection_is_retried(
    transport: httpx.AsyncBaseTransport, videosdk_url: str, videosdk_standin: VideoSDKStandIn
) -> None:
    def lead_the_first_astray(request: httpx.Request) -> None:
        if len(watched.requests) == 1:
            request.url = httpx.URL(NOBODY)

    watched = Watched(transport, lead_the_first_astray)
    videosdk = VideoSDK(API_KEY, SECRET_KEY, endpoint=videosdk_url, transport=watched)
    meeting = await videosdk.create(user_meeting_id="unicorn")
    assert list(videosdk_standin.meetings) == [meeting.meeting_id]
    assert len(watched.requests) == 2
    assert len(videosdk_standin.requests) == 1


async def test_an_unreachable_server_is_tried_twice(
    transport: httpx.AsyncBaseTransport,
) -> None:
    watched = Watched(transport)
    with pytest.raises(VideoSDKUnreachableError) as caught:
        await VideoSDK(API_KEY, SECRET_KEY, endpoint=NOBODY, transport=watched).create()
    assert caught.value.status is None
    assert len(watched.requests) == 2


async def test_a_reused_connection_that_breaks_is_not_retried(
    transport: httpx.AsyncBaseTransport,
) -> None:
    async with Peer(http_answer(b'{"meetingId": "a"}')).listening() as peer:
        videosdk = VideoSDK(API_KEY, SECRET_KEY, endpoint=peer.url, transport=transport)
        await videosdk.create()
        peer.answer, peer.cut = b"", at_once()
        with pytest.raises(VideoSDKInterruptedError):
            await videosdk.create()

    assert (peer.connections, len(peer.asked)) == (1, 2)


@pytest.mark.parametrize("retry_after", ["0", PAST])
async def test_a_short_wait_is_waited_out(
    retry_after: str, videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.plan(Fault(429, headers={"Retry-After": retry_after}))

    await videosdk.create(user_meeting_id="unicorn")
    assert len(videosdk_standin.requests) == 2
    assert len(videosdk_standin.meetings) == 1


async def test_a_wait_counts_towards_the_deadline(
    transport: httpx.AsyncBaseTransport, videosdk_url: str, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.always(Fault(429, headers={"Retry-After": "1"}))

    with pytest.raises(VideoSDKTimeoutError):
        await VideoSDK(
            API_KEY, SECRET_KEY, endpoint=videosdk_url, transport=transport, deadline=0.8
        ).create()
    assert len(videosdk_standin.requests) == 1


async def test_a_long_wait_is_left_to_the_caller(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(minutes=1), usegmt=True)
    for retry_after in ("2", in_a_minute, "soon"):
        videosdk_standin.faults.plan(Fault(429, headers={"Retry-After": retry_after}))

    waits = []
    for _ in range(3):
        with pytest.raises(VideoSDKRateLimitedError) as caught:
            await videosdk.create()
        waits.append(caught.value.retry_after)
    assert waits == [2, pytest.approx(60, abs=5), None]
    assert len(videosdk_standin.requests) == 3
    assert not videosdk_standin.meetings


async def test_a_server_that_stays_busy_is_asked_twice(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    videosdk_standin.faults.always(Fault(429, headers={"Retry-After": "0"}))

    with pytest.raises(VideoSDKRateLimitedError):
        await videosdk.create()
    assert len(videosdk_standin.requests) == 2

"""The client starts, lists and ends transcriptions."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from bot.sandbox.faults import PRESETS, Fault
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.videosdk import (
    Transcription,
    VideoSDK,
    VideoSDKBadReplyError,
    VideoSDKBrokenError,
    VideoSDKForbiddenError,
    VideoSDKPaymentRequiredError,
    VideoSDKRefusedError,
)
from tests.conftest import API_KEY, SECRET_KEY

HOOK = "https://bot.example/hook"
START = "realtime-transcriptions/start"
END = "realtime-transcriptions/end"
LIST = "realtime-transcriptions/?"


@pytest.fixture
def videosdk(
    transport: httpx.AsyncBaseTransport, videosdk_url: str, videosdk_standin: VideoSDKStandIn
) -> VideoSDK:
    """The client on version 2; webhooks aren't sent, and summaries are written at once."""
    videosdk_standin.webhooks.paused = True
    videosdk_standin.summary_delay = 0
    return VideoSDK(
        API_KEY, SECRET_KEY, version="v2", endpoint=videosdk_url, transport=transport, deadline=5
    )


@pytest.fixture
async def room_id(videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn) -> str:
    """A room with Ada in it."""
    meeting = await videosdk.create()
    videosdk_standin.join(meeting.meeting_id, "Ada", "ada")
    return meeting.meeting_id


async def started(videosdk: VideoSDK, room_id: str) -> Transcription:
    return await videosdk.start_transcription(room_id, webhook_url=HOOK, prompt="Be short.")


def asked(standin: VideoSDKStandIn, part: str) -> list[Any]:
    """Return the bodies of the requests to an address."""
    return [request.body for request in standin.requests if part in request.path]


async def test_version_1_transcribes_nothing(videosdk: VideoSDK, videosdk_url: str) -> None:
    async with VideoSDK(API_KEY, SECRET_KEY, endpoint=videosdk_url) as one:
        assert (one.can_transcribe, videosdk.can_transcribe) == (False, True)
        for call in (
            started(one, "r"),
            one.end_transcription("r"),
            one.transcriptions("r"),
            one.transcription("t"),
        ):
            with pytest.raises(NotImplementedError):
                await call


async def test_a_session_is_transcribed_and_summarised(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn, room_id: str
) -> None:
    running = await videosdk.start_transcription(
        room_id, webhook_url=HOOK, prompt="Be short.", language="en-US"
    )
    assert asked(videosdk_standin, START) == [
        {
            "roomId": room_id,
            "webhookUrl": HOOK,
            "language": "en-US",
            "summary": {"enabled": True, "prompt": "Be short."},
        }
    ]
    [session] = await videosdk.sessions(room_id)
    assert (running.status, running.is_running) == ("running", True)
    assert (running.room_id, running.session_id) == (room_id, session.session_id)
    assert (running.ended_at, running.transcript_url, running.summary_url) == (None, None, None)
    assert running.webhook_url == HOOK

    videosdk_standin.say(room_id, "ada", "I'll write  the minutes.")
    await videosdk.end_transcription(room_id)
    [listed] = await videosdk.transcriptions(room_id, session.session_id)
    assert (listed.id, listed.status, listed.is_running) == (running.id, "completed", False)
    assert listed.ended_at
    assert listed.started_at == running.started_at
    assert await videosdk.transcription(running.id) == listed
    assert await videosdk.file(str(listed.transcript_url)) == "[Ada]: I'll write the minutes.\n"
    summary = await videosdk.file(str(listed.summary_url))
    assert summary.endswith("## Action items\n\n- Ada: I'll write the minutes.\n")


async def test_a_room_has_its_own_transcriptions_newest_first(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn, room_id: str
) -> None:
    other = (await videosdk.create()).meeting_id
    videosdk_standin.join(other, "Grace")
    first = await started(videosdk, room_id)
    videosdk_standin.leave(room_id, "ada")
    videosdk_standin.join(room_id, "Ada", "ada")
    second = await started(videosdk, room_id)
    await started(videosdk, other)

    for filters, unlisted in ((True, False), (False, False), (False, True)):
        videosdk_standin.filters_transcriptions = filters
        videosdk_standin.transcription_room = "unlisted" if unlisted else "extension"
        found = await videosdk.transcriptions(room_id)
        assert [one.id for one in found] == [second.id, first.id]
        assert [one.is_running for one in found] == [True, False]
        [only] = await videosdk.transcriptions(room_id, first.session_id)
        assert only.id == first.id


async def test_empty_fields_may_be_null_and_rooms_may_be_named_elsewhere(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn, room_id: str
) -> None:
    videosdk_standin.leaves_out_empty = False
    videosdk_standin.transcription_room = "top"

    running = await started(videosdk, room_id)
    assert running.session_id
    assert await videosdk.transcription(running.id) == Transcription(
        running.id, "running", room_id, running.session_id, running.started_at
    )


@pytest.mark.parametrize("lag", [0, 60])
async def test_a_start_can_return_a_sentence(
    lag: float, videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn, room_id: str
) -> None:
    videosdk_standin.transcription_answers = "string"
    videosdk_standin.listing_lag = lag

    running = await started(videosdk, room_id)
    [job] = videosdk_standin.transcriptions.all
    assert (running.room_id, running.is_running) == (room_id, True)
    assert running.id == ("" if lag else job.id)

    videosdk_standin.listing_lag = 0
    await videosdk.end_transcription(room_id)
    assert videosdk_standin.transcriptions.running(room_id) == []


async def test_a_start_that_succeeded_does_not_fail_with_the_listing(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn, room_id: str
) -> None:
    videosdk_standin.transcription_answers = "string"
    videosdk_standin.faults.always(Fault(500), LIST)

    running = await started(videosdk, room_id)

    assert (running.id, running.session_id, running.is_running) == ("", "", True)


async def test_an_answer_about_another_room_is_an_error(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn, room_id: str
) -> None:
    body = b'{"id": "t", "meetingId": "0th3-r000-m000"}'
    videosdk_standin.faults.plan(Fault(200, body), path=START)
    with pytest.raises(VideoSDKBadReplyError):
        await started(videosdk, room_id)

    for wrong in (b'{"id": "t"}', b"{}", b'"Fine"'):
        videosdk_standin.faults.plan(Fault(200, wrong))
        with pytest.raises(VideoSDKBadReplyError):
            await videosdk.transcription("another")
    with pytest.raises(VideoSDKBadReplyError):
        await videosdk.transcription("..")


async def test_malformed_entries_of_a_listing_are_skipped(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn
) -> None:
    body = b"""{"transcriptions": [
        "nonsense", {"status": "running"}, {"id": "else", "roomId": "another"},
        {"id": "old", "roomId": "r", "sessionId": "s", "status": "FAILED", "extension": []},
        {"id": "new", "roomId": "r", "sessionId": "s", "status": "thinking",
         "start": "2026-01-05T09:00:00.000Z", "summarizedFilePaths": {"txt": 7},
         "transcriptionFilePaths": {"txt": null, "vtt": "https://cdn.videosdk.live/t.vtt"}}]}"""
    videosdk_standin.faults.plan(Fault(200, body), Fault(200, b'{"data": []}'))

    new, old = await videosdk.transcriptions("r", "s")
    assert (new.id, new.status, new.is_running) == ("new", "thinking", True)
    assert new.started_at == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert new.transcript_url == "https://cdn.videosdk.live/t.vtt"
    assert new.summary_url is None
    assert (old.id, old.status, old.is_running) == ("old", "failed", False)
    with pytest.raises(VideoSDKBadReplyError):
        await videosdk.transcriptions("r")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (402, VideoSDKPaymentRequiredError),
        (403, VideoSDKForbiddenError),
        (404, VideoSDKRefusedError),
    ],
)
async def test_a_plan_without_transcription_rejects_the_start(
    status: int,
    kind: type[VideoSDKRefusedError],
    videosdk: VideoSDK,
    videosdk_standin: VideoSDKStandIn,
    room_id: str,
) -> None:
    videosdk_standin.refuses_transcription = status

    with pytest.raises(kind) as refused:
        await started(videosdk, room_id)
    assert refused.value.status == status
    assert len(asked(videosdk_standin, START)) == 1


async def test_only_a_temporarily_rejected_start_is_retried(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn, room_id: str
) -> None:
    videosdk_standin.faults.plan(Fault(500), path=START)
    with pytest.raises(VideoSDKBrokenError):
        await started(videosdk, room_id)
    assert len(asked(videosdk_standin, START)) == 1

    videosdk_standin.faults.plan(Fault(429, headers={"Retry-After": "0"}), path=START)
    assert (await started(videosdk, room_id)).is_running
    assert len(asked(videosdk_standin, START)) == 3


async def test_ending_what_is_not_running_is_fine(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn, room_id: str
) -> None:
    for status in (406, 409, 400, 404):
        videosdk_standin.no_session = status
        await videosdk.end_transcription(room_id)
    assert asked(videosdk_standin, END) == [{"roomId": room_id}] * 4

    videosdk_standin.faults.plan(PRESETS["reset"][1], path=END)
    await started(videosdk, room_id)
    await videosdk.end_transcription(room_id)
    assert videosdk_standin.transcriptions.running(room_id) == []


async def test_a_late_listing_does_not_make_an_end_fail(
    videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn, room_id: str
) -> None:
    await started(videosdk, room_id)
    videosdk_standin.transcriptions.all[0].start = "2022-01-05T06:41:16.018Z"
    videosdk_standin.end(room_id)
    videosdk_standin.listing_lag = 60
    [late] = await videosdk.transcriptions(room_id)
    assert late.is_running

    await videosdk.end_transcription(room_id)


@pytest.mark.parametrize("status", [401, 406])
async def test_a_transcription_that_goes_on_is_an_error(
    status: int, videosdk: VideoSDK, videosdk_standin: VideoSDKStandIn, room_id: str
) -> None:
    await started(videosdk, room_id)
    videosdk_standin.faults.plan(Fault(status), path=END)

    with pytest.raises(VideoSDKRefusedError):
        await videosdk.end_transcription(room_id)
    assert videosdk_standin.transcriptions.running(room_id)

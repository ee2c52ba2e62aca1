"""Ending a meeting's running session works with every form of reply."""

from collections.abc import Callable

import pytest
from aiohttp import web

from bot.videosdk import VideoSDK, VideoSDKBadReplyError, VideoSDKRefusedError
from tests.videosdk.account import ROOM, Account, person, session

OVER = "2026-01-05T08:00:00.000Z"


async def test_any_2xx_ends_the_running_session(either_client: VideoSDK, account: Account) -> None:
    replies: list[Callable[[], web.Response]] = [
        lambda: web.json_response({"meetingId": ROOM, "end": None}),
        lambda: web.json_response("Session ended successfully"),
        lambda: web.Response(status=204),
        lambda: web.Response(text="<h1>Done</h1>", content_type="text/html"),
        lambda: web.Response(body=b" " * 2_000_000, status=202),
    ]
    for account.end_reply in replies:
        account.sessions = [session(9, person("ann")), session(7, end=OVER)]
        await either_client.end(ROOM)
        newest, _ = await either_client.sessions(ROOM)
        assert (newest.is_running, newest.people) == (False, 0)


async def test_version_1_ends_the_session_that_is_running(
    client: Callable[[str], VideoSDK], account: Account
) -> None:
    account.sessions = [session(9, id="62c4/f")]

    await client("v1").end(ROOM)
    assert account.requests == [
        f"GET /v1/meeting-sessions?meetingId={ROOM}&page=1&perPage=1",
        "POST /v1/meeting-sessions/62c4%2Ff/end",
    ]


async def test_version_2_ends_what_is_running_in_a_room(
    client: Callable[[str], VideoSDK], account: Account
) -> None:
    account.sessions = [session(9)]

    await client("v2").end(ROOM)
    assert account.requests == ["POST /v2/sessions/end"]


async def test_if_nothing_is_running_there_is_nothing_to_end(
    either_client: VideoSDK, account: Account
) -> None:
    await either_client.end(ROOM)
    account.sessions = [session(9, end=OVER)]
    await either_client.end(ROOM)

    assert "POST /v1" not in " ".join(account.requests)


async def test_a_session_that_ends_by_itself_meanwhile_is_fine(
    either_client: VideoSDK, account: Account
) -> None:
    account.sessions = [session(9)]

    def end_it(path: str) -> None:
        if path.startswith("POST"):
            account.sessions[0]["end"] = OVER

    account.before = end_it
    await either_client.end(ROOM)
    assert account.requests[-1].startswith("GET")


async def test_a_session_that_is_still_running_after_a_refusal_is_an_error(
    either_client: VideoSDK, account: Account
) -> None:
    account.sessions = [session(9, person("ann"))]
    account.end_reply = lambda: web.json_response({}, status=406)

    def keep_it_running(_: str) -> None:
        account.sessions[0]["end"] = None

    account.before = keep_it_running
    with pytest.raises(VideoSDKRefusedError) as caught:
        await either_client.end(ROOM)
    assert caught.value.status == 406


async def test_a_session_without_an_id_cannot_be_ended(
    client: Callable[[str], VideoSDK], account: Account
) -> None:
    account.sessions = [session(9, id=None)]

    with pytest.raises(VideoSDKRefusedError):
        await client("v1").end(ROOM)


async def test_a_redirect_ends_nothing(either_client: VideoSDK, account: Account) -> None:
    account.sessions = [session(9)]
    account.end_reply = lambda: web.Response(status=307, headers={"Location": "/elsewhere"})

    with pytest.raises(VideoSDKBadReplyError, match="redirect"):
        await either_client.end(ROOM)

"""The stand-in transcribes a session as in VideoSDK's reference."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Literal

import jwt
import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import until

API_KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
SECRET = "b7f3" * 16
NOW = 1641364876.018
WRITTEN = "2022-01-05T06:41:16.018Z"
HOOK = "https://bot.example/hook"
API = "/ai/v1/realtime-transcriptions"

Client = TestClient[Any, Any]


@pytest.fixture
def videosdk() -> VideoSDKStandIn:
    """A stand-in whose clock stands still, and whose webhooks wait for the tests."""
    videosdk = VideoSDKStandIn(API_KEY, SECRET, clock=lambda: NOW)
    videosdk.listing_lag = videosdk.summary_delay = 0
    videosdk.webhooks.paused = True
    return videosdk


@pytest.fixture
async def client(videosdk: VideoSDKStandIn) -> AsyncIterator[Client]:
    headers = {"Authorization": token(roles=["crawler"], version=2)}
    async with TestClient(TestServer(videosdk.app), headers=headers) as client:
        yield client


@pytest.fixture
async def room_id(client: Client, videosdk: VideoSDKStandIn) -> str:
    """A room with Ada in it."""
    _, room = await answer_of(client.post("/v2/rooms"))
    videosdk.join(room["roomId"], "Ada", "ada")
    return str(room["roomId"])


def token(**claims: object) -> str:
    payload = {"apikey": API_KEY, "permissions": [], "exp": int(NOW) + 600}
    return jwt.encode(payload | claims, SECRET, algorithm="HS256")


async def answer_of(answer: Any) -> tuple[int, Any]:
    """Await a response, and return its status and its JSON."""
    async with answer as got:
        return got.status, await got.json()


async def start(client: Client, room_id: str, **fields: object) -> tuple[int, Any]:
    body = {"roomId": room_id, "webhookUrl": HOOK, "summary": {"enabled": True}}
    return await answer_of(client.post(f"{API}/start", json=body | fields))


async def end(client: Client, room_id: str) -> tuple[int, Any]:
    return await answer_of(client.post(f"{API}/end", json={"roomId": room_id}))


async def listed(client: Client, path: str = API, **query: str) -> list[Any]:
    status, body = await answer_of(client.get(path, params=query))
    assert (status, body["pageInfo"]["currentPage"]) == (200, 1)
    return list(body["transcriptions"])


def events(videosdk: VideoSDKStandIn) -> list[str]:
    """Return the types of the events that were sent to the webhook."""
    return [json.loads(body)["webhookType"] for url, body in videosdk.webhooks.held if url == HOOK]


async def test_a_transcription_has_the_form_of_the_reference(
    client: Client, videosdk: VideoSDKStandIn, room_id: str
) -> None:
    status, started = await start(client, room_id)
    [session] = (await answer_of(client.get("/v2/sessions")))[1]["data"]
    where = {"roomId": room_id, "sessionId": session["id"]}
    running = {
        "id": started["id"],
        "status": "running",
        "extension": {"enabled": True, "provider": "videosdk", "extensionConfig": where},
        "start": WRITTEN,
    }
    assert (status, started) == (200, running | {"webhookUrl": HOOK})
    assert await listed(client) == [running]

    over = running | {"status": "completed", "end": WRITTEN}
    assert await end(client, room_id) == (200, over | {"webhookUrl": HOOK})
    file = f"{client.make_url('/files/transcriptions/')}{started['id']}"
    paths = {
        "transcriptionFilePaths": {"txt": f"{file}.txt"},
        "summarizedFilePaths": {"txt": f"{file}-summary.txt"},
    }
    assert await answer_of(client.get(f"{API}/{started['id']}")) == (200, over | paths)
    assert await listed(client, f"{API}/", **where) == [over | paths]
    assert await listed(client, roomId="another") == []
    data = {"id": started["id"], "type": "realtime", "meetingId": room_id}
    sent = [json.loads(body) for url, body in videosdk.webhooks.held if url == HOOK]
    assert sent == [
        {"webhookType": kind, "data": data | {"sessionId": session["id"]}}
        for kind in ("transcription-started", "transcription-stopped")
    ]


async def test_files_have_what_was_said_meanwhile_and_reject_tokens(
    client: Client, videosdk: VideoSDKStandIn, room_id: str
) -> None:
    videosdk.say(room_id, "ada", "Is this on?")
    await start(client, room_id)
    videosdk.join(room_id, "Zoë", "zoe")
    videosdk.say(room_id, "ada", "Hello\nthere")
    videosdk.say(room_id, "zoe", "I'll send <!channel> the plan")
    with pytest.raises(ValueError, match="nobody is not in"):
        videosdk.say(room_id, "nobody", "Boo")
    videosdk.end(room_id)
    with pytest.raises(ValueError, match="ada is not in"):
        videosdk.say(room_id, "ada", "Still here?")

    [record] = await listed(client)
    texts = []
    async with ClientSession() as plain:
        for kind in ("transcription", "summarized"):
            async with plain.get(record[f"{kind}FilePaths"]["txt"]) as file:
                assert file.content_type == "text/plain"
                texts.append(await file.text(encoding="utf-8"))
        files = client.make_url("/files/transcriptions/")
        async with plain.get(files / "none.txt") as missing:
            assert missing.status == 403
        mine = files / f"{record['id']}.txt"
        async with plain.get(mine, headers={"Authorization": token()}) as refused:
            assert refused.status == 400
    transcript, summary = texts
    assert transcript == "[Ada]: Hello there\n[Zoë]: I'll send <!channel> the plan\n"
    assert "Ada and Zoë talked. The main points:\n\n- Ada: Hello there\n" in summary
    assert summary.endswith("## Action items\n\n- Zoë: I'll send <!channel> the plan\n")


@pytest.mark.parametrize(
    ("line", "says", "summary"),
    [
        ("", None, "## Summary\n\nNothing was said.\n"),
        (
            "Hello",
            None,
            "Ada talked. The main points:\n\n- Ada: Hello\n\n## Action items\n\n- None\n",
        ),
        ("Hello", "<!channel> <https://evil.example|ok>", "<!channel> <https://evil.example|ok>"),
    ],
)
async def test_a_summarys_text_can_be_set(
    line: str, says: str | None, summary: str, videosdk: VideoSDKStandIn, room_id: str
) -> None:
    videosdk.summary_says = says
    started = videosdk.transcriptions.start(room_id, None, has_summary=True)
    if line:
        videosdk.say(room_id, "ada", line)
    videosdk.transcriptions.end(room_id)

    assert started
    assert str(videosdk.transcriptions.file(f"{started.id}-summary")).endswith(summary)


@pytest.mark.parametrize(
    ("when", "at_end", "at_last"),
    [("at_end", 1, 1), ("with_summary", 0, 1), ("both", 1, 2)],
)
async def test_a_summary_comes_after_the_end(  # noqa: PLR0913, PLR0917 - a table and three fixtures
    when: Literal["at_end", "with_summary", "both"],
    at_end: int,
    at_last: int,
    client: Client,
    videosdk: VideoSDKStandIn,
    room_id: str,
) -> None:
    videosdk.stopped_webhook = when
    videosdk.summary_delay = 600
    await start(client, room_id)
    videosdk.leave(room_id, "ada")
    assert events(videosdk) == ["transcription-started"] + ["transcription-stopped"] * at_end
    [record] = await listed(client)
    assert "transcriptionFilePaths" in record
    assert "summarizedFilePaths" not in record
    assert videosdk.transcriptions.file(f"{record['id']}-summary") is None

    videosdk.transcriptions.write_summaries()
    videosdk.transcriptions.write_summaries()
    assert events(videosdk) == ["transcription-started"] + ["transcription-stopped"] * at_last
    assert "summarizedFilePaths" in (await listed(client))[0]


async def test_a_summary_takes_time(
    client: Client, videosdk: VideoSDKStandIn, room_id: str
) -> None:
    videosdk.summary_delay = 0.01
    await start(client, room_id)
    videosdk.end(room_id)
    [record] = videosdk.transcriptions.all
    assert record.summarised is None
    await until(lambda: record.summarised)


async def test_there_is_no_summary_unless_it_was_requested(
    client: Client, videosdk: VideoSDKStandIn, room_id: str
) -> None:
    videosdk.stopped_webhook = "with_summary"
    await start(client, room_id, summary={"enabled": False})
    await end(client, room_id)

    assert "summarizedFilePaths" not in (await listed(client))[0]
    assert events(videosdk) == ["transcription-started", "transcription-stopped"]


async def test_a_transcription_can_fail(
    client: Client, videosdk: VideoSDKStandIn, room_id: str
) -> None:
    await start(client, room_id)
    videosdk.transcriptions.fail(room_id)

    [record] = await listed(client)
    assert (record["status"], record["end"]) == ("failed", WRITTEN)
    assert "transcriptionFilePaths" not in record
    assert events(videosdk) == ["transcription-started", "transcription-failed"]


async def test_listings_are_late(client: Client, videosdk: VideoSDKStandIn, room_id: str) -> None:
    videosdk.listing_lag = 1
    _, started = await start(client, room_id)
    assert await listed(client) == []

    videosdk.transcriptions.all[0].start = "2022-01-05T06:41:15.000Z"
    await end(client, room_id)
    assert [one["status"] for one in await listed(client)] == ["running"]
    _, known = await answer_of(client.get(f"{API}/{started['id']}"))
    assert known["status"] == "completed"


async def test_empty_fields_are_missing_or_null_and_the_room_can_be_in_two_places(
    client: Client, videosdk: VideoSDKStandIn, room_id: str
) -> None:
    videosdk.leaves_out_empty = False
    videosdk.transcription_room = "top"
    videosdk.filters_transcriptions = False
    await start(client, room_id)

    [record] = await listed(client, roomId="another")
    assert (record["roomId"], record["end"], record["summarizedFilePaths"]) == (room_id, None, None)
    videosdk.transcription_room = "unlisted"
    [record] = await listed(client)
    assert {"roomId", "extension"}.isdisjoint(record)
    _, known = await answer_of(client.get(f"{API}/{record['id']}"))
    assert known["extension"]["extensionConfig"]["roomId"] == room_id


async def test_answers_can_be_sentences(
    client: Client, videosdk: VideoSDKStandIn, room_id: str
) -> None:
    videosdk.transcription_answers = "string"

    assert await start(client, room_id) == (200, "Realtime transcription started successfully")
    assert await end(client, room_id) == (200, "Realtime transcription stopped successfully")


async def test_a_second_start_is_rejected_or_returns_the_same_or_a_new_transcription(
    client: Client, videosdk: VideoSDKStandIn, room_id: str
) -> None:
    _, first = await start(client, room_id)
    assert (await start(client, room_id))[0] == 409
    videosdk.second_transcription = "same"
    assert await start(client, room_id) == (200, first)
    videosdk.second_transcription = "another"
    assert (await start(client, room_id))[1]["id"] != first["id"]

    await end(client, room_id)
    assert videosdk.transcriptions.running(room_id) == []


async def test_an_impossible_start_is_rejected(
    client: Client, videosdk: VideoSDKStandIn, room_id: str
) -> None:
    assert (await end(client, room_id))[0] == 406
    assert (await start(client, "n0ne-such-r00m"))[0] == 402
    for wrong in ("ftp://x", "https://x.example/" + "a" * 512, 7):
        assert (await start(client, room_id, webhookUrl=wrong))[0] == 400
    assert (await answer_of(client.get(f"{API}/none")))[0] == 404
    for status in (402, 403, 404):
        videosdk.refuses_transcription = status
        assert (await start(client, room_id))[0] == status

    videosdk.refuses_transcription = None
    videosdk.leave(room_id, "ada")
    assert (await start(client, room_id))[0] == 406
    headers = {"Authorization": token(roles=["rtc"], version=2)}
    assert (await answer_of(client.get(API, headers=headers)))[0] == 403


async def test_a_closed_stand_in_writes_no_more_summaries(
    client: Client, videosdk: VideoSDKStandIn, room_id: str
) -> None:
    videosdk.summary_delay = 0.01
    await start(client, room_id)
    videosdk.end(room_id)
    videosdk.transcriptions.close()
    await asyncio.sleep(0.02)

    assert videosdk.transcriptions.all[0].summarised is None

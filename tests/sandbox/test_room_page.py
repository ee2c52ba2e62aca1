from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.room_page import room_page
from bot.sandbox.rooms import Rooms

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def rooms() -> Rooms:
    return Rooms(lambda: 1641364876.018)


@pytest.fixture
async def client(rooms: Rooms) -> AsyncIterator[Client]:
    app = web.Application()
    app.add_routes(room_page(rooms))
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_an_empty_room_offers_to_join(client: Client, rooms: Rooms) -> None:
    meeting_id = rooms.create("sg001", "weekly-sync")["meetingId"]

    for either_id in (meeting_id, "weekly-sync"):
        async with client.get(f"/room/{either_id}") as page:
            text = await page.text()
        assert "<h1>weekly-sync</h1>" in text
        assert meeting_id in text
        assert "Nobody is here yet" in text
        assert "Join</button>" in text


async def test_joining_shows_who_is_in_and_offers_to_leave(client: Client, rooms: Rooms) -> None:
    meeting_id = rooms.create("sg001")["meetingId"]
    rooms.join(meeting_id, "Grace")

    async with client.post(f"/room/{meeting_id}/join", data={"name": " Ada  Lovelace "}) as page:
        text = await page.text()
    assert "<h1>Meeting</h1>" in text
    assert "Grace</li>" in text
    assert "Ada Lovelace (you)</li>" in text
    assert "Leave</button>" in text
    assert 'http-equiv="refresh"' in text


async def test_leaving_ends_the_session_and_offers_to_join_again(
    client: Client, rooms: Rooms
) -> None:
    meeting_id = rooms.create("sg001")["meetingId"]
    ada = rooms.join(meeting_id, "Ada")

    async with client.post(f"/room/{meeting_id}/leave", data={"participantId": ada}) as page:
        text = await page.text()
    assert "Join</button>" in text
    assert 'http-equiv="refresh"' not in text
    assert rooms.running(meeting_id) is None


async def test_a_blank_name_is_a_guest_and_a_long_one_is_cut(client: Client, rooms: Rooms) -> None:
    meeting_id = rooms.create("sg001")["meetingId"]
    await client.post(f"/room/{meeting_id}/join", data={"name": "  "})
    await client.post(f"/room/{meeting_id}/join", data={"name": "A" * 100})

    assert [one["name"] for one in rooms.present(meeting_id)] == ["Guest", "A" * 80]


async def test_what_people_typed_is_text_and_never_markup(client: Client, rooms: Rooms) -> None:
    record = rooms.create("sg001", "<script>alert(1)</script>")
    record["meetingId"] = 'a/b"><i>'
    rooms.meetings = {record["meetingId"]: record}
    rooms.join(record["meetingId"], "<b>{style}")

    async with client.get("/room/a%2Fb%22%3E%3Ci%3E", params={"me": '"><u>'}) as page:
        text = await page.text()
    assert page.status == 200
    assert not any(tag in text for tag in ("<script", "<i>", "<u>", "<b>"))
    assert "&lt;b&gt;{style}" in text
    assert 'action="/room/a%2Fb%22%3E%3Ci%3E/join"' in text


async def test_an_unknown_meeting_is_a_friendly_404(client: Client) -> None:
    async with client.get("/room/n0t0-y0ur-m33t") as page:
        assert page.status == 404
        assert "No such meeting" in await page.text()
    async with client.post("/room/n0t0-y0ur-m33t/join", data={"name": "Ada"}) as page:
        assert page.status == 404


async def test_the_page_runs_no_script_and_only_its_own_style(client: Client, rooms: Rooms) -> None:
    meeting_id = rooms.create("sg001")["meetingId"]

    async with client.get(f"/room/{meeting_id}") as page:
        policy = page.headers["Content-Security-Policy"]
        assert "prefers-color-scheme: dark" in await page.text()
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert page.headers["Cache-Control"] == "no-store"

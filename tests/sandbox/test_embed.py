from collections.abc import AsyncIterator
from html import escape
from urllib.parse import urlencode

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser, expect

from bot.sandbox.embed import Embed
from bot.sandbox.oddities import Oddities
from bot.sandbox.rooms import Rooms
from bot.sandbox.sessions import Sessions
from tests.browser import in_browser, new_context
from tests.conftest import serving

API_KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
SECRET = "b7f3" * 16
FRAMING = '<body style="margin:0"><iframe src="{}" style="width:100%;height:90vh;border:0">'

Client = TestClient[web.Request, web.Application]


class Clock:
    """Stands still until told."""

    def __init__(self) -> None:
        self.now = 1641364876.018

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rooms(clock: Clock) -> Rooms:
    return Rooms(clock)


@pytest.fixture
def sessions(rooms: Rooms, clock: Clock) -> Sessions:
    return Sessions(rooms, clock, Oddities())


@pytest.fixture
def app(rooms: Rooms, sessions: Sessions, clock: Clock) -> web.Application:
    app = web.Application()
    app.add_routes(Embed(rooms, sessions, API_KEY, SECRET, clock).routes())
    return app


@pytest.fixture
async def client(app: web.Application) -> AsyncIterator[Client]:
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
def meeting_id(rooms: Rooms) -> str:
    return str(rooms.create(None, "weekly-sync")["meetingId"])


def link(meeting_id: str, participant_id: str = "R01-ada", **claims: object) -> dict[str, str]:
    """Return the parameters with which a join page opens the stand-in."""
    payload = {
        "apikey": API_KEY,
        "permissions": ["allow_join"],
        "version": 2,
        "roles": ["rtc"],
        "roomId": meeting_id,
        "participantId": participant_id,
        "exp": 1641364876 + 3600,
    }
    return {
        "meetingId": meeting_id,
        "participantId": participant_id,
        "token": jwt.encode(payload | claims, SECRET, algorithm="HS256"),
        "joinScreenEnabled": "true",
        "micEnabled": "true",
        "webcamEnabled": "false",
    }


async def test_one_looks_in_joins_leaves_and_joins_again(
    client: Client, sessions: Sessions, meeting_id: str
) -> None:
    here = link(meeting_id)
    async with client.get("/embed/", params=here) as page:
        text = await page.text()
    assert "<h1>weekly-sync</h1>" in text
    assert "Nobody is here now" in text
    sessions.join(meeting_id, "Grace")

    async with client.post("/embed/join", params=here, data={"name": " Ada  L. "}) as page:
        text, here = await page.text(), dict(page.url.query)
    assert "<span>Grace</span>" in text
    assert "<span>Ada L. (you)</span>" in text
    assert all(words in text for words in ("Leave</button>", "Microphone on", "Camera off"))
    assert sessions.present(meeting_id)[1]["participantId"] == "R01-ada"

    async with client.post("/embed/leave", params=here) as page:
        text = await page.text()
    assert "You have left the meeting." in text
    assert 'value="Ada L."' in text
    assert "Join again</button>" in text
    assert "Grace" in text


async def test_a_link_may_leave_the_participant_to_be_named_on_joining(
    client: Client, rooms: Rooms, sessions: Sessions
) -> None:
    meeting_id = rooms.create(None)["meetingId"]
    here = link(meeting_id, "") | {"participantCanLeave": "false"}
    here["token"] = jwt.encode(
        {"apikey": API_KEY, "permissions": ["allow_join"], "exp": 1641364876 + 60},
        SECRET,
        algorithm="HS256",
    )

    async with client.post("/embed/join", params=here, data={"name": " "}) as page:
        text = await page.text()
    [guest] = sessions.present(meeting_id)
    assert (guest["name"], page.url.query["participantId"]) == ("Guest", guest["participantId"])
    assert "<h1>Meeting</h1>" in text
    assert "Leave</button>" not in text


async def test_a_meeting_that_is_ended_for_everybody_says_so(
    client: Client, sessions: Sessions, meeting_id: str
) -> None:
    sessions.join(meeting_id, "Ada", "R01-ada")
    sessions.end(meeting_id)

    async with client.get("/embed/", params=link(meeting_id)) as page:
        assert "The meeting is over." in await page.text()


async def test_a_token_counts_at_the_door_and_may_run_out_inside(
    client: Client, rooms: Rooms, sessions: Sessions, meeting_id: str, clock: Clock
) -> None:
    sessions.join(meeting_id, "Ada", "R01-ada")
    rooms.deactivate(meeting_id)
    clock.now += 3600

    for path, status in (("leave", 401), ("join", 401)):
        async with client.get("/embed/", params=link(meeting_id)) as page:
            assert page.status == (200 if path == "leave" else 401)
        async with client.post(f"/embed/{path}", params=link(meeting_id)) as page:
            assert page.status == status
    assert sessions.present(meeting_id) == []


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"token": ""}, (400, 4001)),
        ({"meetingId": ""}, (400, 4001)),
        ({"token": API_KEY}, (401, 4002)),
        ({"meetingId": "n0t0-y0ur-m33t"}, (404, 4003)),
        ({"participantId": "R01 ada"}, (400, 4004)),
        ({"participantId": "R01-grace"}, (403, 4023)),
    ],
)
async def test_a_link_that_does_not_lead_in_says_why(
    change: dict[str, str],
    refusal: tuple[int, int],
    client: Client,
    sessions: Sessions,
    meeting_id: str,
) -> None:
    async with client.post("/embed/join", params=link(meeting_id) | change) as page:
        text = await page.text()

    status, code = refusal
    assert page.status == status
    assert "Unable to join meeting!" in text
    assert f"Error {code}" in text
    assert sessions.records == []


async def test_a_deactivated_meeting_lets_nobody_in(
    client: Client, rooms: Rooms, meeting_id: str
) -> None:
    rooms.deactivate(meeting_id)

    async with client.get("/embed/", params=link(meeting_id)) as page:
        assert "Error 4052" in await page.text()


async def test_what_people_typed_is_text_and_never_markup(
    client: Client, rooms: Rooms, sessions: Sessions, meeting_id: str
) -> None:
    rooms.meetings[meeting_id]["userMeetingId"] = "<script>alert(1)</script>"
    sessions.join(meeting_id, "<i>{style}")
    here = link(meeting_id) | {"name": '"><u>', '"><s>': "x"}

    async with client.get("/embed/", params=here) as page:
        text = await page.text()
    assert not any(tag in text for tag in ("<script>alert", "<i>", "<u>", "<s>"))
    assert "&lt;i&gt;{style}" in text


async def test_the_page_may_be_framed_and_runs_its_own_script_alone(
    client: Client, meeting_id: str
) -> None:
    async with client.get("/embed/", params=link(meeting_id)) as page:
        policy = page.headers["Content-Security-Policy"]
        assert "frame-ancestors *" in policy
        assert "script-src 'sha256-" in policy
        assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == (
            "no-store",
            "no-referrer",
        )


@in_browser[0]
@in_browser[1]
async def test_a_framed_page_on_a_phone_shows_others_without_disturbing_what_one_types(
    browser: Browser, app: web.Application, sessions: Sessions, meeting_id: str
) -> None:
    framing = web.Application()
    async with (
        serving(app) as url,
        serving(framing) as outer,
        await new_context(browser, width=360, height=640) as context,
    ):
        page = await context.new_page()
        await page.clock.install()
        await page.goto(f"{outer}/")
        await page.set_content(
            FRAMING.format(f"{url}/embed/?{escape(urlencode(link(meeting_id)))}")
        )
        frame = page.frame_locator("iframe")
        await frame.get_by_role("textbox").fill("Ada")
        sessions.join(meeting_id, "Grace", "grace")
        await page.clock.run_for(2000)
        await expect(frame.get_by_text("Grace")).to_be_visible()

        await expect(frame.get_by_role("textbox")).to_have_value("Ada")
        await frame.get_by_role("button", name="Join").click()
        await expect(frame.get_by_text("Ada (you)")).to_be_visible()
        inner = page.frames[1]
        assert await inner.evaluate("document.documentElement.scrollWidth <= innerWidth")
        sessions.end(meeting_id)
        await page.clock.run_for(2000)
        await expect(frame.get_by_text("The meeting is over.")).to_be_visible()

"""The stand-in for VideoSDK's hosted UI behaves like the real page."""

from collections.abc import AsyncIterator
from html import escape
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser, expect

from bot.sandbox.videosdk.admission import Admission
from bot.sandbox.videosdk.embed import Embed
from bot.sandbox.videosdk.oddities import Oddities
from bot.sandbox.videosdk.rooms import RoomRegistry
from bot.sandbox.videosdk.sessions import Sessions
from bot.sandbox.videosdk.transcriptions import TranscriptionRegistry
from tests.browser import in_browser, new_context
from tests.clock import Clock
from tests.conftest import serving, until

API_KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
SECRET = "b7f3" * 16
FRAMING = '<body style="margin:0"><iframe src="{}" style="width:100%;height:90vh;border:0">'

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def clock() -> Clock:
    return Clock(1641364876.018)


@pytest.fixture
def rooms(clock: Clock) -> RoomRegistry:
    return RoomRegistry(clock)


@pytest.fixture
def sessions(rooms: RoomRegistry, clock: Clock) -> Sessions:
    return Sessions(rooms, clock, Oddities())


@pytest.fixture
def transcriptions(sessions: Sessions, clock: Clock) -> TranscriptionRegistry:
    return TranscriptionRegistry(sessions, clock, Oddities(summary_delay=0), lambda *_: None)


@pytest.fixture
def app(
    rooms: RoomRegistry, sessions: Sessions, transcriptions: TranscriptionRegistry, clock: Clock
) -> web.Application:
    app = web.Application()
    admission = Admission(rooms, API_KEY, SECRET, clock)
    app.add_routes(Embed(sessions, admission, transcriptions).routes())
    return app


@pytest.fixture
async def client(app: web.Application) -> AsyncIterator[Client]:
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
def meeting_id(rooms: RoomRegistry) -> str:
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


async def page_of(answer: Any) -> tuple[int, str, dict[str, str]]:
    """Await a page, and return its status, text and query."""
    async with answer as page:
        return page.status, await page.text(), dict(page.url.query)


async def joined(client: Client, here: dict[str, str], name: str = "Ada L.") -> dict[str, str]:
    """Join, and return the query of the page that shows the room."""
    answer = client.post("/embed/join", params=here, data={"name": name})
    status, _, query = await page_of(answer)
    assert (status, "visit" in query) == (200, True)
    return query


async def test_a_person_opens_the_lobby_joins_leaves_and_rejoins(
    client: Client, sessions: Sessions, meeting_id: str
) -> None:
    here = link(meeting_id)
    _, text, _ = await page_of(client.get("/embed/", params=here))
    assert "<h1>weekly-sync</h1>" in text
    assert "Nobody is here now" in text
    sessions.join(meeting_id, "Grace")
    _, text, _ = await page_of(client.get("/embed/", params=here))
    assert "Grace" in text

    here = await joined(client, here)
    _, text, _ = await page_of(client.get("/embed/", params=here))
    assert "<span>Grace</span>" in text
    assert "<span>Ada L. (you)</span>" in text
    assert "Leave</button>" in text
    assert sessions.present(meeting_id)[1]["participantId"] == "R01-ada"

    _, text, here = await page_of(client.post("/embed/leave", params=here))
    assert "You have left the meeting!" in text
    assert "Rejoin Meeting</button>" in text
    assert "Your name" not in text
    assert "Grace" in text

    _, text, _ = await page_of(client.post("/embed/join", params=here))
    assert "<span>Ada L. (you)</span>" in text
    assert len(sessions.present(meeting_id)) == 2


async def test_only_a_moderator_can_remove_others(
    client: Client, sessions: Sessions, meeting_id: str
) -> None:
    grace = sessions.join(meeting_id, "Grace")
    powers = dict.fromkeys(("canRemoveOtherParticipant", "participantCanEndMeeting"), "true")
    ada = await joined(client, link(meeting_id) | powers)
    boss = link(meeting_id, "R01-boss", permissions=["allow_join", "allow_mod"])
    plain = await joined(client, boss, "Boss")
    boss = await joined(client, boss | powers, "Boss")

    for here, told in ((ada, False), (plain, False), (boss, True)):
        _, text, _ = await page_of(client.get("/embed/", params=here))
        assert ("Remove Grace</button>" in text) is told
        assert ("<li>End the meeting</li>" in text) is told
        assert "Remove Boss" not in text
    for here, count in ((ada, 3), (boss, 2)):
        await page_of(client.post("/embed/remove", params=here, data={"participant": grace}))
        assert len(sessions.present(meeting_id)) == count


async def test_a_person_says_something_and_sees_that_it_is_transcribed(
    client: Client, sessions: Sessions, transcriptions: TranscriptionRegistry, meeting_id: str
) -> None:
    here = await joined(client, link(meeting_id))
    _, text, _ = await page_of(client.post("/embed/say", params=here, data={"line": "<b>Hi</b>"}))
    assert "<p><strong>Ada L.:</strong> &lt;b&gt;Hi&lt;/b&gt;</p>" in text
    assert "This call is being transcribed." not in text

    started = transcriptions.start(meeting_id, None, has_summary=True)
    for line in ("One", "Two", "Three", "  ", ""):
        _, text, _ = await page_of(client.post("/embed/say", params=here, data={"line": line}))
    assert text.count("<strong>") == 3
    assert "This call is being transcribed." in text
    assert started
    assert [line.text for line in started.lines] == ["One", "Two", "Three"]

    sessions.leave(meeting_id, "R01-ada")
    _, text, _ = await page_of(client.post("/embed/say", params=here, data={"line": "Still here"}))
    assert "You have left the meeting!" in text
    assert len(started.lines) == 3


async def test_options_missing_from_the_link_have_the_real_pages_defaults(
    client: Client, meeting_id: str
) -> None:
    bare = {name: value for name, value in link(meeting_id).items() if not name.endswith("Enabled")}
    here = await joined(client, bare | {"name": "Ada L."})
    _, text, _ = await page_of(client.get("/embed/", params=here))
    for words in ("Microphone", "Camera", "Chat", "Screen sharing", "Polls", "Raise hand"):
        assert f"{words} on" in text
    for words in ("Virtual background", "Whiteboard", "Drawing"):
        assert f"{words} off" in text

    flags = {"micEnabled": "false", "chatEnabled": "no", "canToggleWhiteboard": "true"}
    _, text, _ = await page_of(client.get("/embed/", params=here | flags))
    assert all(words in text for words in ("Microphone off", "Chat off", "Whiteboard on"))


async def test_a_link_without_a_participant_id_gets_one_on_joining(
    client: Client, rooms: RoomRegistry, sessions: Sessions
) -> None:
    meeting_id = rooms.create(None)["meetingId"]
    here = link(meeting_id, "") | {"participantCanLeave": "false"}
    here["token"] = jwt.encode(
        {"apikey": API_KEY, "permissions": ["allow_join"], "exp": 1641364876 + 60},
        SECRET,
        algorithm="HS256",
    )

    _, text, query = await page_of(client.post("/embed/join", params=here, data={"name": "   "}))
    [guest] = sessions.present(meeting_id)
    assert (guest["name"], query["participantId"]) == ("   ", guest["participantId"])
    assert "<h1>Meeting</h1>" in text
    assert "Leave</button>" not in text


@pytest.mark.parametrize("name", ["Al", ""])
async def test_the_form_requires_a_name_of_three_letters(
    name: str, client: Client, sessions: Sessions, meeting_id: str
) -> None:
    answer = client.post("/embed/join", params=link(meeting_id), data={"name": name})
    _, text, _ = await page_of(answer)

    assert "Enter Minimum 3 Characters" in text
    assert sessions.present(meeting_id) == []


@pytest.mark.parametrize("name", ["Ann", "A🦄"])
async def test_letters_are_counted_like_in_javascript(
    name: str, client: Client, sessions: Sessions, meeting_id: str
) -> None:
    await joined(client, link(meeting_id), name)

    assert [one["name"] for one in sessions.present(meeting_id)] == [name]


async def test_a_name_in_the_link_fills_the_form_or_skips_it(
    client: Client, sessions: Sessions, meeting_id: str
) -> None:
    here = link(meeting_id) | {"name": "Jo"}
    _, text, _ = await page_of(client.get("/embed/", params=here))
    assert 'value="Jo"' in text

    here["joinScreenEnabled"] = "false"
    _, text, _ = await page_of(client.get("/embed/", params=here))
    assert "Your name" not in text
    assert "Click anywhere to continue</button>" in text
    assert "data-at-once>" not in text
    here["joinWithoutUserInteraction"] = "true"
    _, text, _ = await page_of(client.get("/embed/", params=here))
    assert "data-at-once>" in text

    _, text, _ = await page_of(client.post("/embed/join", params=here))
    assert "<span>Jo (you)</span>" in text
    assert len(sessions.present(meeting_id)) == 1


async def test_a_link_without_a_name_needs_the_form(client: Client, meeting_id: str) -> None:
    for enabled, status in (("true", 200), ("false", 400), ("", 400)):
        here = link(meeting_id) | {"joinScreenEnabled": enabled}
        assert (await page_of(client.get("/embed/", params=here)))[0] == status


async def test_the_link_is_decoded_twice_and_a_remaining_percent_sign_breaks_the_page(
    client: Client, meeting_id: str
) -> None:
    here = link(meeting_id) | {"joinScreenTitle": "Sales%20%26%20Ops 100%25"}
    _, text, _ = await page_of(client.get("/embed/", params=here))
    assert "<h1>Sales &amp; Ops 100%</h1>" in text

    for broken in ("100%", "%E4%F6", "50% off"):
        for path in ("/embed/", "/embed/join"):
            send = client.get if path == "/embed/" else client.post
            status, text, _ = await page_of(send(path, params=here | {"name": broken}))
            assert (status, "URI malformed" in text) == (400, True)


async def test_values_that_the_page_adds_to_its_link_survive_both_decodings(
    client: Client, sessions: Sessions, meeting_id: str
) -> None:
    here = await joined(client, link(meeting_id) | {"joinScreenTitle": "100%25"}, "100% Ada")

    assert here["joinScreenTitle"] == "100%25"
    assert sessions.present(meeting_id)[0]["name"] == "100% Ada"
    _, text, _ = await page_of(client.post("/embed/leave", params=here))
    assert "You have left the meeting!" in text


async def test_a_second_join_disconnects_the_first(
    client: Client, sessions: Sessions, meeting_id: str
) -> None:
    first = await joined(client, link(meeting_id))
    second = await joined(client, link(meeting_id), "Ada on the phone")

    _, text, _ = await page_of(client.get("/embed/", params=first))
    assert "You were disconnected" in text
    assert "Rejoin Meeting</button>" in text
    await page_of(client.post("/embed/leave", params=first))
    assert [one["name"] for one in sessions.present(meeting_id)] == ["Ada on the phone"]
    _, text, _ = await page_of(client.get("/embed/", params=second))
    assert "Leave</button>" in text


async def test_the_left_screen_can_lead_elsewhere_instead_of_back(
    client: Client, meeting_id: str
) -> None:
    here = await joined(
        client,
        link(meeting_id)
        | {
            "leftScreenRejoinButtonEnabled": "false",
            "leftScreenActionButtonLabel": "Join%20again",
            "leftScreenActionButtonHref": "https%3A%2F%2Fbot.example.com%2Fjoin%2Fx%3Fa%3D1",
        },
    )
    _, text, here = await page_of(client.post("/embed/leave", params=here))
    assert "Rejoin" not in text
    assert 'target="_top" href="https://bot.example.com/join/x?a=1">Join again</a>' in text

    for change in (
        {"leftScreenActionButtonLabel": ""},
        {"leftScreenActionButtonHref": "undefined"},
    ):
        _, text, _ = await page_of(client.get("/embed/", params=here | change))
        assert "_top" not in text


async def test_a_meeting_that_was_ended_for_everyone_says_so(
    client: Client, sessions: Sessions, meeting_id: str
) -> None:
    here = await joined(client, link(meeting_id))
    sessions.end(meeting_id)

    _, text, _ = await page_of(client.get("/embed/", params=here))
    assert "The meeting is over." in text
    _, text, _ = await page_of(client.get("/embed/", params=link(meeting_id) | {"visit": "none"}))
    assert "The meeting is over." in text


async def test_a_token_must_be_valid_on_joining_and_may_expire_afterwards(
    client: Client, rooms: RoomRegistry, sessions: Sessions, meeting_id: str, clock: Clock
) -> None:
    here = await joined(client, link(meeting_id))
    rooms.deactivate(meeting_id)
    clock.now += 3600
    status, text, _ = await page_of(client.get("/embed/", params=here))
    assert (status, "Leave</button>" in text) == (200, True)

    status, text, here = await page_of(client.post("/embed/leave", params=here))
    assert (status, "Rejoin Meeting</button>" in text) == (200, True)
    status, text, _ = await page_of(client.post("/embed/join", params=here))
    assert (status, "Error 4002" in text) == (401, True)
    assert sessions.present(meeting_id) == []


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"token": ""}, (400, 4001)),
        ({"meetingId": ""}, (400, 4001)),
        ({"token": API_KEY}, (401, 4002)),
        ({"meetingId": "n0t0-y0ur-m33t"}, (404, 4003)),
        ({"participantId": "R01 ada"}, (400, 4004)),
        ({"participantId": "R01.ada"}, (400, 4004)),
        ({"participantId": "R01-grace"}, (403, 4023)),
    ],
)
async def test_a_link_that_admits_nobody_says_why(
    change: dict[str, str],
    refusal: tuple[int, int],
    client: Client,
    sessions: Sessions,
    meeting_id: str,
) -> None:
    answer = client.post("/embed/join", params=link(meeting_id) | change)
    status, text, _ = await page_of(answer)

    assert status == refusal[0]
    assert "Unable to join meeting!" in text
    assert f"Error {refusal[1]}" in text
    assert sessions.records == []


async def test_a_deactivated_meeting_lets_nobody_in(
    client: Client, rooms: RoomRegistry, meeting_id: str
) -> None:
    rooms.deactivate(meeting_id)

    async with client.get("/embed/", params=link(meeting_id)) as page:
        assert "Error 4052" in await page.text()


async def test_typed_text_is_never_markup(
    client: Client, sessions: Sessions, meeting_id: str
) -> None:
    sessions.join(meeting_id, "<i>{style}")
    here = link(meeting_id) | {"name": '"><u>', '"><s>': "x", "joinScreenTitle": "<b>{x}"}

    async with client.get("/embed/", params=here) as page:
        text = await page.text()
    assert not any(tag in text for tag in ("<b>{x}", "<i>", "<u>", "<s>"))
    assert "&lt;i&gt;{style}" in text
    assert "&lt;b&gt;{x}" in text


async def test_the_page_can_be_framed_and_runs_only_its_own_script(
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
async def test_a_framed_page_on_a_phone_shows_others_without_disturbing_typing(
    browser: Browser,
    app: web.Application,
    sessions: Sessions,
    transcriptions: TranscriptionRegistry,
    meeting_id: str,
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
        box = frame.get_by_role("textbox", name="Say something")
        await box.fill("Hello, Grace")
        await box.press("Enter")
        await expect(frame.get_by_text("Ada: Hello, Grace")).to_be_visible()
        await expect(box).to_have_value("")
        await box.fill("Is this")
        transcriptions.start(meeting_id, None, has_summary=True)
        await page.clock.run_for(2000)
        await expect(frame.get_by_text("This call is being transcribed.")).to_be_visible()
        await expect(box).to_have_value("Is this")
        assert await inner.evaluate("document.documentElement.scrollWidth <= innerWidth")
        sessions.end(meeting_id)
        await page.clock.run_for(2000)
        await expect(frame.get_by_text("The meeting is over.")).to_be_visible()


@in_browser[0]
@in_browser[1]
async def test_closing_the_tab_leaves_the_room_and_reloading_adds_no_second_person(
    browser: Browser, app: web.Application, sessions: Sessions, meeting_id: str
) -> None:
    async with serving(app) as url, await new_context(browser) as context:
        page = await context.new_page()
        await page.goto(f"{url}/embed/?{urlencode(link(meeting_id))}")
        await page.get_by_role("textbox", name="Your name").fill("Ada")
        await page.get_by_role("button", name="Join").click()
        await expect(page.get_by_text("Ada (you)")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("button", name="Rejoin Meeting")).to_be_visible()
        await page.get_by_role("button", name="Rejoin Meeting").click()
        await expect(page.get_by_text("Ada (you)")).to_be_visible()
        await until(lambda: len(sessions.present(meeting_id)) == 1)

        await page.close(run_before_unload=True)
        await until(lambda: not sessions.present(meeting_id))


@in_browser[0]
@in_browser[1]
async def test_a_link_with_a_name_can_join_at_once(
    browser: Browser, app: web.Application, meeting_id: str
) -> None:
    here = link(meeting_id) | {
        "name": "Ada",
        "joinScreenEnabled": "false",
        "joinWithoutUserInteraction": "true",
    }
    async with serving(app) as url, await new_context(browser) as context:
        page = await context.new_page()
        await page.goto(f"{url}/embed/?{urlencode(here)}")
        await expect(page.get_by_text("Ada (you)")).to_be_visible()

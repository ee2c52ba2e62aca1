"""The page's server: its state, events and requests, and what it rejects."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.sandbox.faults import PRESETS, Faults
from bot.sandbox.page.server import mount
from bot.sandbox.slack.calls import CallMember
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import CHANNELS, USERS
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import API_KEY, APP_TOKEN, BOT_TOKEN, SECRET_KEY, SIGNING_SECRET, serving
from tests.sandbox.bots import TinyBot, call
from tests.sandbox.modals import MODAL, option

ANN, BEN, ZOE = (user.id for user in USERS)
CHANNEL = CHANNELS[0].id
NOTHING = dict.fromkeys((ANN, BEN, ZOE))
COMMANDS = [{"command": "/meet", "hint": "[name] [region]", "description": "Start a meeting"}]
SHORTCUTS = [{"callback_id": "start_here", "name": "Start a meeting here", "type": "message"}]
BUTTON = {"type": "button", "action_id": "share", "text": {"type": "plain_text", "text": "Share"}}


class Browser:
    """Makes the requests of the page's scripts."""

    def __init__(self, slack: SlackStandIn, session: aiohttp.ClientSession) -> None:
        self.slack = slack
        self.session = session

    async def get(self, path: str, **headers: str) -> aiohttp.ClientResponse:
        return await self.session.get(f"{self.slack.url}{path}", headers=headers)

    async def state(self) -> Any:
        async with await self.get("/sandbox/state") as answer:
            return await answer.json()

    async def post(self, what: str, body: object, **headers: str) -> tuple[int, Any]:
        url = f"{self.slack.url}/sandbox/{what}"
        async with self.session.post(url, json=body, headers=headers) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await (answer.json() if is_json else answer.text())

    async def type(self, text: str, user: str = ANN, channel: str = CHANNEL) -> tuple[int, Any]:
        return await self.post("command", {"user": user, "channel": channel, "text": text})

    @asynccontextmanager
    async def events(self) -> AsyncIterator[aiohttp.StreamReader]:
        async with await self.get("/sandbox/events") as stream:
            assert stream.content_type == "text/event-stream"
            assert await stream.content.readuntil(b"\n\n") == b": ping\n\n"
            yield stream.content


async def next_event(stream: aiohttp.StreamReader) -> tuple[str, Any]:
    """Read the next event, and return its name and data."""
    async with asyncio.timeout(5):
        event = (await stream.readuntil(b"\n\n")).decode()
    name, data = event.strip().split("\n")
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
async def browser(faults: Faults) -> AsyncIterator[Browser]:
    slack = SlackStandIn(SIGNING_SECRET, BOT_TOKEN, APP_TOKEN)
    mount(slack, commands=COMMANDS, shortcuts=SHORTCUTS, faults=faults, ping_seconds=0.2)
    async with serving(slack.app) as slack.url, aiohttp.ClientSession() as session:
        yield Browser(slack, session)


@pytest.fixture
async def bot(browser: Browser) -> AsyncIterator[TinyBot]:
    bot = TinyBot()
    async with serving(bot.app) as url:
        browser.slack.events_url = f"{url}/slack/events"
        yield bot


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html"),
        ("/static/page.js", "javascript"),
        ("/static/favicon.svg", "image/svg+xml"),
        ("/sandbox/state", "application/json"),
    ],
)
async def test_everything_is_served_with_a_strict_policy(
    browser: Browser, path: str, content_type: str
) -> None:
    async with await browser.get(path) as answer:
        assert answer.status == 200
        assert content_type in answer.content_type
        assert answer.headers["Content-Security-Policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_the_bots_open_slack_button_leads_to_the_conversation(browser: Browser) -> None:
    async with await browser.get("/app_redirect?app=A1&team=T1") as answer:
        assert (answer.status, answer.url.path) == (200, "/")


async def test_only_the_pages_own_files_are_served(browser: Browser) -> None:
    async with await browser.get("/static/%2e%2e/page.py") as answer:
        assert answer.status in {403, 404}
        assert "nosniff" in answer.headers["X-Content-Type-Options"]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Host", "evil.example"),
        ("Host", "127.0.0.1.evil.example"),
        ("Host", "[bad"),
        ("Host", ""),
        ("Origin", "http://evil.example"),
        ("Origin", "http://127.0.0.1:1"),
        ("Origin", "null"),
    ],
)
async def test_other_sites_are_rejected(browser: Browser, header: str, value: str) -> None:
    status, reason = await browser.post("fault", {"fault": ""}, **{header: value})
    assert (status, reason[:18]) == (403, "This page opens as")

    async with await browser.get("/sandbox/state", **{header: value}) as answer:
        assert answer.status == 403


async def test_the_page_itself_is_accepted(browser: Browser) -> None:
    for host in ("localhost:8090", "[::1]:8090", browser.slack.url.removeprefix("http://")):
        status, _ = await browser.post("fault", {"fault": ""}, Host=host, Origin=f"http://{host}")
        assert status == 200


async def test_the_state_has_everything_that_the_page_shows(browser: Browser, bot: TinyBot) -> None:
    bot.ack = "hello"
    await browser.type("/meet")
    state = await browser.state()

    assert state["team"] == {"name": "Lighthouse Works"}
    assert state["bot"] == {"name": "Meet", "initials": "M"}
    assert [user["id"] for user in state["users"]] == [ANN, BEN, ZOE]
    assert {"name", "handle", "color"} < state["users"][0].keys()
    kinds = ["public", "private", "im", "app", "app", "app"]
    assert [channel["kind"] for channel in state["channels"]] == kinds
    assert state["channels"][0].keys() == {"id", "name", "kind", "topic", "members"}
    assert state["commands"] == COMMANDS
    assert [message["text"] for message in state["messages"]] == ["hello"]
    assert [exchange["target"] for exchange in state["exchanges"]] == ["bot"]
    assert {"key": "500", "label": PRESETS["500"][0]} in state["faults"]
    assert state["mode"] == "HTTP"
    assert (state["version"], state["versions"]) == ("v2", ["v2", "v1"])
    assert state["emoji"]["tada"] == "🎉"
    assert state["install_url"] == ""
    assert state["shortcuts"] == SHORTCUTS
    assert (state["calls"], state["views"]) == ({}, NOTHING)


async def test_messages_and_exchanges_arrive_as_events(browser: Browser, bot: TinyBot) -> None:
    bot.ack = "hello"
    async with browser.events() as events:
        assert await browser.type("/meet standup", user=BEN) == (200, {"error": ""})
        for status in (None, 200):
            kind, exchange = await next_event(events)
            assert (kind, exchange["path"], exchange["status"]) == (
                "exchange",
                "/slack/events",
                status,
            )
        kind, message = await next_event(events)

    assert kind == "message"
    assert message.keys() == {
        "id",
        "channel",
        "at",
        "kind",
        "user",
        "visible_to",
        "text",
        "blocks",
        "thread",
        "unfurls",
    }
    assert (message["text"], message["visible_to"]) == ("hello", BEN)


async def test_a_removed_message_is_an_event(browser: Browser) -> None:
    message = browser.slack.workspace.post(CHANNEL, "app", "hello")
    async with browser.events() as events:
        browser.slack.workspace.remove(message.id)

        assert await next_event(events) == ("removed", {"id": message.id})


async def test_a_call_is_in_the_state_and_its_changes_are_events(browser: Browser) -> None:
    calls = browser.slack.workspace.calls
    async with browser.events() as events:
        known = calls.add("r:0", "https://x.y", ANN, title="standup", external_display_id="ab")
        calls.enter(known.id, [CallMember("Kim", external_id="p1")])
        [_, (name, shown)] = [await next_event(events) for _ in range(2)]

    kim = {"name": "Kim", "slack_id": None, "external_id": "p1", "avatar_url": None}
    assert (name, shown) == (
        "call",
        {
            "id": known.id,
            "title": "standup",
            "join_url": "https://x.y",
            "external_display_id": "ab",
            "date_start": known.date_start,
            "ended_at": None,
            "duration": None,
            "participants": [kim],
        },
    )
    assert (await browser.state())["calls"] == {known.id: shown}


async def test_a_modal_is_opened_sent_and_closed_for_one_user(
    browser: Browser, bot: TinyBot
) -> None:
    start = {"user": BEN, "channel": CHANNEL, "message": None, "callback_id": "new_meeting"}
    assert await browser.post("shortcut", start) == (200, {"error": ""})
    form = {"trigger_id": bot.received[0].payload["trigger_id"], "view": json.dumps(MODAL)}
    async with browser.events() as events:
        opened, _ = await call(browser.slack, "views.open", BOT_TOKEN, form)
        while (event := await next_event(events))[0] != "view":
            pass
    assert event == ("view", {"user": BEN, "view": opened["view"], "errors": {}})
    assert (await browser.state())["views"] == NOTHING | {BEN: opened["view"]}

    bot.ack = {"response_action": "errors", "errors": {"name": "Too odd."}}
    region = {"region-input": {"type": "static_select", "selected_option": option("us")}}
    sent = {"user": BEN, "view_id": opened["view"]["id"], "values": {"region": region}}
    answer = {"error": "", "errors": {"name": "Too odd."}}
    assert await browser.post("submit", sent) == (200, answer)
    bot.ack = ""
    assert await browser.post("submit", sent) == (200, {"error": "", "errors": {}})
    assert (await browser.state())["views"] == NOTHING


async def test_a_closed_modal_stays_closed(browser: Browser, bot: TinyBot) -> None:
    start = {"user": BEN, "channel": CHANNEL, "message": None, "callback_id": "new_meeting"}
    await browser.post("shortcut", start)
    form = {"trigger_id": bot.received[0].payload["trigger_id"], "view": json.dumps(MODAL)}
    opened, _ = await call(browser.slack, "views.open", BOT_TOKEN, form)

    left = {"user": BEN, "view_id": opened["view"]["id"]}
    assert await browser.post("close", left) == (200, {"error": ""})
    assert (await browser.state())["views"] == NOTHING


async def test_a_messages_shortcut_can_be_chosen(browser: Browser, bot: TinyBot) -> None:
    message = browser.slack.workspace.post(CHANNEL, "user", "lunch?", user=ANN)
    start = {"user": BEN, "channel": CHANNEL, "message": message.id, "callback_id": "start_here"}

    assert await browser.post("shortcut", start) == (200, {"error": ""})
    assert bot.received[0].payload["message_ts"] == message.id


async def test_a_menus_option_can_be_chosen(browser: Browser, bot: TinyBot) -> None:
    menu = {"type": "overflow", "action_id": "more", "options": [option("end")]}
    blocks = [{"type": "actions", "block_id": "b1", "elements": [menu]}]
    message = browser.slack.workspace.post(CHANNEL, "app", "card", blocks=blocks)
    click = {"user": BEN, "message": message.id, "action_id": "more", "block_id": "b1"}

    assert await browser.post("click", {**click, "value": "end"}) == (200, {"error": ""})
    assert bot.received[0].payload["actions"][0]["selected_option"] == option("end")
    assert (await browser.post("click", click))[0] == 400


async def test_an_idle_stream_sends_pings(browser: Browser) -> None:
    async with browser.events() as events, asyncio.timeout(5):
        assert await events.readuntil(b"\n\n") == b": ping\n\n"


async def test_streams_end_with_the_server(
    faults: Faults, caplog: pytest.LogCaptureFixture
) -> None:
    slack = SlackStandIn(SIGNING_SECRET, BOT_TOKEN, APP_TOKEN)
    mount(slack, commands=COMMANDS, faults=faults)
    async with aiohttp.ClientSession() as session:
        async with serving(slack.app) as slack.url:
            stream = await session.get(f"{slack.url}/sandbox/events")
            await stream.content.readuntil(b"\n\n")
        async with asyncio.timeout(5):
            assert await stream.content.read() == b""

    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


async def test_a_page_that_is_closed_is_forgotten(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    before = len(asyncio.all_tasks())
    async with browser.events():
        pass
    await browser.session.close()
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > before:
            await asyncio.sleep(0.01)

    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


async def test_plain_text_is_a_message_from_the_user(browser: Browser, bot: TinyBot) -> None:
    assert await browser.type("good <b>morning</b>", user=BEN) == (200, {"error": ""})
    assert await browser.type(" /meet", user=BEN) == (200, {"error": ""})

    first, second = browser.slack.workspace.messages.values()
    assert (first.kind, first.user, first.visible_to) == ("user", BEN, None)
    assert (first.text, second.text) == ("good &lt;b&gt;morning&lt;/b&gt;", " /meet")
    assert not bot.received


async def test_slacks_error_is_passed_on(browser: Browser) -> None:
    assert await browser.type("/meet") == (200, {"error": "dispatch_failed"})
    assert await browser.type("/nonsense") == (200, {"error": "unknown_command"})


async def test_a_button_can_be_pressed(browser: Browser, bot: TinyBot) -> None:
    blocks = [{"type": "actions", "block_id": "b1", "elements": [BUTTON]}]
    message = browser.slack.workspace.post(CHANNEL, "app", "hi", blocks=blocks)
    click = {"user": BEN, "message": message.id, "action_id": "share", "block_id": "b1"}

    assert await browser.post("click", click) == (200, {"error": ""})
    assert bot.received[0].payload["user"]["id"] == BEN
    bot.status = 500
    assert await browser.post("click", click) == (200, {"error": "dispatch_failed"})


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("command", []),
        ("command", {"user": ANN, "channel": CHANNEL}),
        ("command", {"user": ANN, "channel": CHANNEL, "text": 5}),
        ("command", {"user": "U0", "channel": CHANNEL, "text": "hi"}),
        ("command", {"user": ANN, "channel": "C0", "text": "hi"}),
        ("click", {"user": ANN, "message": "17.5", "action_id": "a", "block_id": ""}),
        ("shortcut", {"user": ANN, "channel": "C0", "message": None, "callback_id": "x"}),
        ("shortcut", {"user": ANN, "channel": CHANNEL, "message": [], "callback_id": "x"}),
        ("submit", {"user": ANN, "view_id": "V0", "values": {}}),
        ("submit", {"user": ANN, "view_id": "V0", "values": "all"}),
        ("fault", {"fault": "flood"}),
        ("version", {"version": "v3"}),
    ],
)
async def test_an_invalid_request_is_rejected_with_a_reason(
    browser: Browser, what: str, body: object
) -> None:
    status, answer = await browser.post(what, body)

    assert status == 400
    assert answer["error"].endswith(".")


async def test_the_chosen_fault_applies_to_one_call_to_videosdk(
    browser: Browser, faults: Faults
) -> None:
    videosdk = VideoSDKStandIn(API_KEY, SECRET_KEY, faults=faults)
    async with serving(videosdk.app) as url:
        statuses = []
        for keys in (("html", "500"), (), ("500", "")):
            for key in keys:
                assert await browser.post("fault", {"fault": key}) == (200, {"error": ""})
            async with browser.session.get(f"{url}/v1/meetings") as answer:
                statuses.append(answer.status)

    assert statuses == [500, 401, 401]


async def test_choosing_the_current_version_changes_nothing(browser: Browser) -> None:
    async with browser.events() as events:
        assert await browser.post("version", {"version": "v2"}) == (200, {"error": ""})
        assert await next_event(events) == ("version", {"version": "v2"})


async def test_links_in_the_composer_are_sent_to_the_app(browser: Browser, bot: TinyBot) -> None:
    browser.slack.unfurl_domains = ["meet.example.com"]
    link = "https://meet.example.com/join/x"

    answer = await browser.post("compose", {"user": ANN, "text": f"here: {link}"})
    stranger = await browser.post("compose", {"user": "U0", "text": link})

    assert answer == (200, {"error": "", "blocks": []})
    assert stranger == (400, {"error": "There is no such user."})
    [received] = bot.received
    assert json.loads(received.body)["event"]["source"] == "composer"

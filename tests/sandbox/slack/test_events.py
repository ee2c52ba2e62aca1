"""Events reach the bot by HTTP and by Socket Mode."""

import asyncio
import hashlib
import hmac
import json
from typing import Any

from aiohttp import web

from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import BAKERY, HARBOUR, HOME, NORTH_SEA
from tests.conftest import SIGNING_SECRET, serving
from tests.sandbox.bots import Received, TinyBot, socket_to

OPENED = {"type": "app_home_opened", "user": "U04MAYA0RT"}


def envelope(received: Received) -> dict[str, Any]:
    """Return an event's outer payload."""
    found: dict[str, Any] = json.loads(received.body)
    return found


async def test_an_event_is_signed_json(slack_standin: SlackStandIn, tiny_bot: TinyBot) -> None:
    ack = await slack_standin.event(OPENED)

    [received] = tiny_bot.received
    signed = f"v0:{received.headers['X-Slack-Request-Timestamp']}:{received.body.decode()}"
    digest = hmac.new(SIGNING_SECRET.encode(), signed.encode(), hashlib.sha256).hexdigest()
    assert received.headers["X-Slack-Signature"] == f"v0={digest}"
    assert received.headers["Content-Type"] == "application/json"
    assert "X-Slack-Retry-Num" not in received.headers
    assert (ack.status, ack.error) == (200, "")


async def test_an_events_envelope_has_slacks_fields(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    await slack_standin.event(OPENED)

    sent = envelope(tiny_bot.received[0])
    assert sent.pop("event_id").startswith("Ev")
    assert isinstance(sent.pop("event_time"), int)
    assert sent == {
        "token": "not-to-be-relied-on",
        "team_id": HOME.id,
        "api_app_id": "A04MEETAPP",
        "event": OPENED,
        "type": "event_callback",
        "authorizations": [
            {
                "team_id": HOME.id,
                "enterprise_id": None,
                "user_id": HOME.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
    }


async def test_an_organisations_installation_gets_its_workspaces_events(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    slack_standin.installs.add(NORTH_SEA, "U1", {"commands"})
    for place in (HARBOUR, NORTH_SEA):
        await slack_standin.event(OPENED, team=place)

    inside, whole = (envelope(received) for received in tiny_bot.received)
    assert (inside["team_id"], inside["enterprise_id"]) == (HARBOUR.id, NORTH_SEA.id)
    assert "team_id" not in whole
    for sent in (inside, whole):
        [authorization] = sent["authorizations"]
        assert authorization["team_id"] is None
        assert authorization["is_enterprise_install"] is True


async def test_uninstalling_sends_both_events_in_either_order(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    await slack_standin.uninstall()
    await slack_standin.uninstall(BAKERY.id, revoked_first=False)
    await slack_standin.revoke(NORTH_SEA)

    sent = [envelope(received) for received in tiny_bot.received]
    revoked, uninstalled = "tokens_revoked", "app_uninstalled"
    types = [one["event"]["type"] for one in sent]
    assert types == [revoked, uninstalled, uninstalled, revoked, revoked]
    assert sent[0]["event"]["tokens"] == {"bot": [HOME.bot_user_id]}
    assert [one.get("team_id") for one in sent] == [HOME.id] * 2 + [BAKERY.id] * 2 + [None]
    assert sent[4]["enterprise_id"] == NORTH_SEA.id
    assert not any("authorizations" in one for one in sent)


async def test_a_failed_event_can_be_retried(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    tiny_bot.status = 500
    await slack_standin.event(OPENED)
    ack = await slack_standin.event(OPENED, retries=2)

    retries = [received.headers.get("X-Slack-Retry-Num") for received in tiny_bot.received]
    assert retries == [None, None, "1", "2"]
    assert tiny_bot.received[2].headers["X-Slack-Retry-Reason"] == "http_error"
    assert len({received.body for received in tiny_bot.received[1:]}) == 1
    assert ack.error == "dispatch_failed"
    tiny_bot.status = 200
    await slack_standin.event(OPENED, retries=2)
    assert len(tiny_bot.received) == 5


async def test_a_retry_after_a_timeout_says_so(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    tiny_bot.release.clear()
    slack_standin.ack_seconds = 0.1
    await slack_standin.event(OPENED, retries=1)

    assert tiny_bot.received[1].headers["X-Slack-Retry-Reason"] == "http_timeout"


async def test_an_event_comes_in_an_envelope_of_socket_mode(slack_standin: SlackStandIn) -> None:
    slack_standin.ack_seconds = 0.1
    async with socket_to(slack_standin) as socket:
        event = asyncio.create_task(slack_standin.event(OPENED, retries=1))
        first, second = await socket.receive_json(), await socket.receive_json()
        await socket.send_json({"envelope_id": second["envelope_id"]})
        ack = await event

    assert (first["type"], first["accepts_response_payload"]) == ("events_api", False)
    assert first["payload"]["event"] == OPENED
    assert (first["retry_attempt"], first["retry_reason"]) == (0, "")
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "http_timeout")
    assert ack.error == ""


async def test_a_request_url_is_verified_when_the_challenge_comes_back(
    slack_standin: SlackStandIn, tiny_bot: TinyBot
) -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(text=(await request.json())["challenge"])

    app = web.Application()
    app.router.add_post("/", echo)
    tiny_bot.ack = {"challenge": "of somebody else"}
    assert not await slack_standin.verify_url()
    async with serving(app) as slack_standin.events_url:
        assert await slack_standin.verify_url()

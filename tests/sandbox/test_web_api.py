"""The Web API answers as Slack's does, for the right token only."""

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.faults import Fault
from bot.sandbox.slack import SlackStandIn
from tests.conftest import APP_TOKEN, BOT_TOKEN
from tests.sandbox.bots import call


async def test_auth_test_says_who_the_token_is(slack_standin: SlackStandIn) -> None:
    answer, headers = await call(slack_standin, "auth.test", BOT_TOKEN)

    assert answer == {
        "ok": True,
        "url": "https://lighthouse-works.slack.com/",
        "team": "Lighthouse Works",
        "user": "meet",
        "team_id": "T04LIGHTHS",
        "user_id": "U04MEETBOT",
        "bot_id": "B04MEETBOT",
        "is_enterprise_install": False,
    }
    assert headers["x-oauth-scopes"] == "calls:write,commands"


async def test_slacks_own_client_is_content(slack_standin: SlackStandIn) -> None:
    client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack_standin.url}/api/")

    assert (await client.auth_test())["ok"]


async def test_a_token_can_come_in_the_form(slack_standin: SlackStandIn) -> None:
    answer, _ = await call(slack_standin, "auth.test", form={"token": BOT_TOKEN})

    assert answer["ok"]


async def test_a_connection_is_opened_for_the_app_token(slack_standin: SlackStandIn) -> None:
    answer, _ = await call(slack_standin, "apps.connections.open", APP_TOKEN)

    assert answer["ok"]
    assert answer["url"].startswith(slack_standin.url.replace("http", "ws") + "/socket?ticket=")


@pytest.mark.parametrize(
    ("method", "token", "error"),
    [
        ("auth.test", None, "not_authed"),
        ("auth.test", "xoxb-another", "invalid_auth"),
        ("auth.test", APP_TOKEN, "not_allowed_token_type"),
        ("apps.connections.open", None, "not_authed"),
        ("apps.connections.open", "xapp-another", "invalid_auth"),
        ("apps.connections.open", BOT_TOKEN, "not_allowed_token_type"),
        ("chat.meMessage", BOT_TOKEN, "unknown_method"),
    ],
)
async def test_a_refusal_has_slacks_name(
    slack_standin: SlackStandIn, method: str, token: str | None, error: str
) -> None:
    answer, _ = await call(slack_standin, method, token)

    assert answer == {"ok": False, "error": error}


async def test_a_method_needs_its_scope(slack_standin: SlackStandIn) -> None:
    slack_standin.scopes = {"commands"}
    answer, _ = await call(slack_standin, "calls.end", BOT_TOKEN, {"id": "R1"})

    assert answer == {
        "ok": False,
        "error": "missing_scope",
        "needed": "calls:write",
        "provided": "commands",
    }
    slack_standin.scopes.add("calls:write")
    answer, _ = await call(slack_standin, "calls.end", BOT_TOKEN, {"id": "R1"})
    assert answer == {"ok": False, "error": "invalid_call_id"}


async def test_every_call_is_counted_with_its_time(slack_standin: SlackStandIn) -> None:
    slack_standin.faults.plan(Fault(429, headers={"Retry-After": "1"}), path="/api/calls.end")
    for method in ("calls.end", "auth.test"):
        async with aiohttp.ClientSession() as session:
            await session.post(f"{slack_standin.url}/api/{method}")

    assert [method for method, _ in slack_standin.api_calls] == ["calls.end", "auth.test"]
    assert slack_standin.api_calls[0][1] <= slack_standin.api_calls[1][1]


@pytest.mark.parametrize("body", ["[]", "{"])
async def test_a_body_that_says_it_is_json_must_be_an_object(
    slack_standin: SlackStandIn, body: str
) -> None:
    headers = {"Authorization": f"Bearer {BOT_TOKEN}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as session:
        answer = await session.post(f"{slack_standin.url}/api/calls.end", data=body)
        assert await answer.json() == {"ok": False, "error": "invalid_json"}

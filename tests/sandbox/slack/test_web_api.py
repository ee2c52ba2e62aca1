"""The Web API behaves like Slack's, and checks the token."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.faults import Fault
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import BAKERY
from tests.conftest import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, serving
from tests.sandbox.bots import call


async def test_auth_test_returns_the_tokens_identity(slack_standin: SlackStandIn) -> None:
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
    assert headers["x-oauth-scopes"] == "calls:write,chat:write,chat:write.public,commands"


async def test_slacks_own_client_works(slack_standin: SlackStandIn) -> None:
    client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack_standin.url}/api/")

    assert (await client.auth_test())["ok"]


async def test_a_token_can_be_a_form_field(slack_standin: SlackStandIn) -> None:
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
async def test_errors_have_slacks_names(
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


async def test_every_call_is_recorded_with_its_time(slack_standin: SlackStandIn) -> None:
    slack_standin.faults.plan(Fault(429, headers={"Retry-After": "1"}), path="/api/calls.end")
    for method in ("calls.end", "auth.test"):
        async with aiohttp.ClientSession() as session:
            await session.post(f"{slack_standin.url}/api/{method}")

    assert [method for method, _ in slack_standin.api_calls] == ["calls.end", "auth.test"]
    assert slack_standin.api_calls[0][1] <= slack_standin.api_calls[1][1]


@pytest.mark.parametrize("body", ["[]", "{"])
async def test_a_json_body_must_be_an_object(slack_standin: SlackStandIn, body: str) -> None:
    headers = {"Authorization": f"Bearer {BOT_TOKEN}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as session:
        answer = await session.post(f"{slack_standin.url}/api/calls.end", data=body)
        assert await answer.json() == {"ok": False, "error": "invalid_json"}


async def test_a_rate_limit_counts_each_method_of_each_workspace(
    slack_standin: SlackStandIn,
) -> None:
    slack_standin.oddities.tier_3_limit = 2
    bakery = slack_standin.installs.add(BAKERY, "U1", {"calls:write"})
    form = {"id": "R1"}
    for _ in range(2):
        answer, _ = await call(slack_standin, "calls.end", BOT_TOKEN, form)
        assert answer["error"] == "invalid_call_id"
    answer, headers = await call(slack_standin, "calls.end", BOT_TOKEN, form)

    assert answer == {"ok": False, "error": "ratelimited"}
    assert 1 <= int(headers["Retry-After"]) <= 60
    others = (
        ("calls.participants.add", BOT_TOKEN),
        ("auth.test", BOT_TOKEN),
        ("chat.postMessage", BOT_TOKEN),
        ("calls.end", slack_standin.installs.issue(bakery, None).access),
    )
    for method, token in others:
        answer, _ = await call(slack_standin, method, token, form)
        assert answer.get("error") != "ratelimited"


async def test_a_rate_limit_ends_after_retry_after() -> None:
    now = 1_700_000_000.0
    slack = SlackStandIn(SIGNING_SECRET, BOT_TOKEN, APP_TOKEN, clock=lambda: now)
    slack.oddities.tier_3_limit = 1
    async with serving(slack.app) as slack.url:
        client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack.url}/api/")
        errors = []
        for seconds in (0, 59.5, 0.5):
            now += seconds
            with pytest.raises(SlackApiError) as refusal:
                await client.calls_end(id="R1")
            response = refusal.value.response
            errors.append((response.status_code, response["error"]))
            if response.status_code == 429:
                assert response.headers["Retry-After"] == "1"

    assert errors == [(200, "invalid_call_id"), (429, "ratelimited"), (200, "invalid_call_id")]

"""The Web API answers as Slack's does, for the right token only."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

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
    assert headers["x-oauth-scopes"] == "commands"


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
        ("chat.postMessage", BOT_TOKEN, "unknown_method"),
    ],
)
async def test_a_refusal_has_slacks_name(
    slack_standin: SlackStandIn, method: str, token: str | None, error: str
) -> None:
    answer, _ = await call(slack_standin, method, token)

    assert answer == {"ok": False, "error": error}

"""The doctor checks what signing in needs, where people can."""

import pytest

from bot.doctor.report import Finding, examine
from bot.doctor.trouble import OK, WRONG
from bot.sandbox.slack.standin import SlackStandIn
from tests.conftest import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, environment, serving
from tests.sandbox.installing import CLIENT_ID, CLIENT_SECRET


async def find(**changes: str | None) -> Finding | None:
    """Return the doctor's finding about signing in."""
    slack = SlackStandIn(
        SIGNING_SECRET,
        BOT_TOKEN,
        APP_TOKEN,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
    )
    async with serving(slack.app) as url:
        settings = {
            "SLACK_API_URL": f"{url}/api",
            "SLACK_CLIENT_ID": CLIENT_ID,
            "SLACK_CLIENT_SECRET": CLIENT_SECRET,
            "PUBLIC_URL": "http://127.0.0.1:1",
            "SIGN_IN": "optional",
        }
        found = {one.about: one async for one in examine(environment(**settings | changes))}
    assert CLIENT_SECRET not in repr(found)
    assert "SLACK_BOT_TOKEN" in found
    return found.get("SIGN_IN")


@pytest.mark.parametrize(("sign_in", "who"), [("optional", "can"), ("required", "have to")])
async def test_slack_knows_the_app_that_people_sign_in_to(sign_in: str, who: str) -> None:
    found = await find(SIGN_IN=sign_in)

    assert found
    assert found.level == OK
    assert found.says == (
        f"people {who} join as they are in Slack; the manifest must list "
        "http://127.0.0.1:1/slack/sign_in"
    )


async def test_wrong_credentials_are_reported() -> None:
    found = await find(SLACK_CLIENT_SECRET="another-secret")

    assert found
    assert (found.level, found.says) == (WRONG, "Slack rejects it (bad_client_secret)")


async def test_without_sign_in_there_is_nothing_to_check() -> None:
    app = {"SLACK_CLIENT_ID": None, "SLACK_CLIENT_SECRET": None}

    assert await find(SIGN_IN="off", **app) is None

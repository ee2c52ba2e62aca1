"""The doctor knows what many workspaces need."""

from collections.abc import AsyncIterator

import pytest

from bot.doctor import OK, WARNING, WRONG, Finding, examine
from bot.installs.release import run
from bot.sandbox.faults import Fault
from bot.sandbox.slack import SlackStandIn
from bot.settings import Settings
from tests.conftest import APP_TOKEN, NOBODY, SIGNING_SECRET, environment, serving
from tests.sandbox.installing import CLIENT_ID, CLIENT_SECRET


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    """A Slack that knows the app, in which nobody has installed it."""
    slack = SlackStandIn(
        SIGNING_SECRET, "", APP_TOKEN, client_id=CLIENT_ID, client_secret=CLIENT_SECRET
    )
    async with serving(slack.app) as slack.url:
        yield slack


@pytest.fixture
def settings(slack: SlackStandIn, database_url: str) -> dict[str, str]:
    return environment(
        SLACK_BOT_TOKEN=None,
        SLACK_CLIENT_ID=CLIENT_ID,
        SLACK_CLIENT_SECRET=CLIENT_SECRET,
        SLACK_API_URL=f"{slack.url}/api",
        TOKEN_KEYS="5a" * 32,
        DATABASE_URL=database_url,
        PUBLIC_URL=NOBODY,
    )


async def find(settings: dict[str, str], about: str) -> Finding:
    found = {finding.about: finding async for finding in examine(settings)}
    assert CLIENT_SECRET not in repr(found)
    return found[about]


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_sqlite
async def test_slack_knows_the_app(settings: dict[str, str]) -> None:
    found = await find(settings, "SLACK_CLIENT_ID")

    assert (found.level, found.says) == (
        *(OK, f"Slack knows the app; its install page: {NOBODY}/slack/install"),
    )


@on_sqlite
async def test_a_wrong_client_secret_is_told(settings: dict[str, str], slack: SlackStandIn) -> None:
    found = await find(settings | {"SLACK_CLIENT_SECRET": "another"}, "SLACK_CLIENT_ID")
    assert (found.level, found.says) == (WRONG, "Slack refuses it (bad_client_secret)")

    slack.faults.always(Fault(status=502, body=b"<html>"), path="oauth.v2.access")
    found = await find(settings, "SLACK_CLIENT_ID")
    assert (found.level, found.says) == (WRONG, "what answers is not Slack (status 502)")


async def test_an_empty_database_is_to_be_migrated(
    settings: dict[str, str], database_url: str
) -> None:
    found = await find(settings, "DATABASE_URL")
    assert (found.level, found.fix.split(".")[0]) == (WARNING, "python -m bot migrate")

    await run(Settings.from_env(settings))
    found = await find(settings, "DATABASE_URL")
    kept = database_url.startswith("postgres")
    assert (found.level, found.says) == (
        (OK, "Postgres answers, at version 0001")
        if kept
        else (WARNING, "a SQLite file, at version 0001")
    )


@on_sqlite
async def test_a_database_that_is_away_is_told(settings: dict[str, str]) -> None:
    away = settings | {"DATABASE_URL": "postgres://meet:hunter2@127.0.0.1:1/meet"}

    found = await find(away, "DATABASE_URL")

    assert found.level == WRONG
    assert found.says.startswith("the database does not answer: ")
    assert "hunter2" not in found.says

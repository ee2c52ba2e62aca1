"""The doctor checks what a bot for many workspaces needs."""

from collections.abc import AsyncIterator

import pytest

from bot.doctor.report import Finding, examine
from bot.doctor.trouble import OK, WARNING, WRONG
from bot.installs.migrate import run
from bot.sandbox.faults import Fault
from bot.settings.settings import Settings
from tests.many import Many, many
from tests.sandbox.installing import CLIENT_SECRET


@pytest.fixture
async def bots(database_url: str) -> AsyncIterator[Many]:
    async with many(database_url) as bots:
        yield bots


@pytest.fixture
def settings(bots: Many) -> dict[str, str]:
    return bots.settings


async def find(settings: dict[str, str], about: str) -> Finding:
    found = {finding.about: finding async for finding in examine(settings)}
    assert CLIENT_SECRET not in repr(found)
    return found[about]


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_sqlite
async def test_slack_knows_the_app(settings: dict[str, str], bots: Many) -> None:
    found = await find(settings, "SLACK_CLIENT_ID")

    assert found.level == OK
    assert found.says == f"Slack knows the app; its install page: {bots.install_url}"


@on_sqlite
async def test_a_wrong_client_secret_is_reported(settings: dict[str, str], bots: Many) -> None:
    found = await find(settings | {"SLACK_CLIENT_SECRET": "another-secret"}, "SLACK_CLIENT_ID")
    assert (found.level, found.says) == (WRONG, "Slack rejects it (bad_client_secret)")

    bots.slack.faults.always(Fault(status=502, body=b"<html>"), path="oauth.v2.access")
    found = await find(settings, "SLACK_CLIENT_ID")
    assert (found.level, found.says) == (WRONG, "the answer isn't Slack's (status 502)")


async def test_an_empty_database_needs_migrating(
    settings: dict[str, str], database_url: str
) -> None:
    found = await find(settings, "DATABASE_URL")
    assert (found.level, found.fix.split(".")[0]) == (WARNING, "Run python -m bot migrate")

    await run(Settings.from_env(settings))
    found = await find(settings, "DATABASE_URL")
    kept = database_url.startswith("postgres")
    assert (found.level, found.says) == (
        (OK, "Postgres answers, at version 0001")
        if kept
        else (WARNING, "a SQLite file, at version 0001")
    )


@on_sqlite
async def test_a_database_that_is_down_is_reported(settings: dict[str, str]) -> None:
    down = settings | {"DATABASE_URL": "postgres://meet:hunter2@127.0.0.1:1/meet"}

    found = await find(down, "DATABASE_URL")

    assert found.level == WRONG
    assert found.says.startswith("the database doesn't answer: ")
    assert "hunter2" not in found.says

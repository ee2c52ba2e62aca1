"""Every workspace gets its own client, whose token is renewed before it expires."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import text

from bot.installs import token_rotation
from bot.installs.database import Database
from bot.installs.store import InstallStore
from bot.installs.workspaces import InstalledWorkspaces
from bot.sandbox.faults import Fault
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import HOME
from bot.slack.workspaces import InstallsUnavailableError, NotInstalledError
from bot.workspace import Workspace
from tests.conftest import SIGNING_SECRET, serving, until
from tests.installs.making import CLIENT_ID, rotating, store_in, token_in
from tests.sandbox.installing import CLIENT_SECRET, REDIRECT, install

WORKSPACE = Workspace(HOME.id)
INSTALL_URL = "https://meet.example.com/slack/install"


@dataclass
class Process:
    """One process of the bot."""

    workspaces: InstalledWorkspaces
    store: InstallStore
    slack: SlackStandIn

    async def token(self) -> str | None:
        """Return the token that the bot would use now."""
        return (await self.workspaces.client(WORKSPACE)).token

    @property
    def renewals(self) -> int:
        """How often Slack was asked for tokens, the first ones included."""
        return [name for name, _ in self.slack.api_calls].count("oauth.v2.access")


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: the store hides the difference."""
    return f"sqlite:///{tmp_path / 'installs.db'}"


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    """A Slack with token rotation, where nobody has installed the app."""
    slack = SlackStandIn(
        SIGNING_SECRET,
        "",
        "",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_urls=[REDIRECT],
    )
    slack.oauth.token_rotation = True
    async with serving(slack.app) as slack.url:
        yield slack


@pytest.fixture
async def processes(database: Database, slack: SlackStandIn) -> AsyncIterator[list[Process]]:
    """Two processes with one database."""
    async with aiohttp.ClientSession() as session:

        def connect(token: str | None = None) -> AsyncWebClient:
            return AsyncWebClient(token=token, base_url=f"{slack.url}/api/", session=session)

        processes = []
        for _ in range(2):
            rotator = AsyncTokenRotator(
                client_id=CLIENT_ID, client_secret=CLIENT_SECRET, client=connect()
            )
            store = store_in(database)
            workspaces = InstalledWorkspaces(store, rotator, connect, INSTALL_URL)
            processes.append(Process(workspaces, store, slack))
        yield processes
        for process in processes:
            await process.workspaces.close(1)


def expiring(hours: float, tokens: dict[str, Any]) -> Installation:
    """Return an installation with these tokens of Slack's, which expire in `hours`."""
    return rotating(
        hours,
        team_id=HOME.id,
        bot_token=tokens["access_token"],
        bot_refresh_token=tokens["refresh_token"],
    )


async def test_an_install_takes_effect_in_all_processes_at_once(processes: list[Process]) -> None:
    one, other = processes
    with pytest.raises(NotInstalledError) as caught:
        await other.workspaces.require(WORKSPACE)
    assert caught.value.install_url == INSTALL_URL

    await one.workspaces.save(rotating(12, team_id=HOME.id, bot_token="xoxb-first"))
    await other.workspaces.require(Workspace(HOME.id, "E1"))
    await one.workspaces.save(rotating(12, team_id=HOME.id, bot_token="xoxb-second"))

    assert [await one.token(), await other.token()] == ["xoxb-second", "xoxb-first"]
    await other.workspaces.forget(WORKSPACE, time.time())
    with pytest.raises(NotInstalledError):
        await other.workspaces.client(WORKSPACE)


async def test_a_token_near_its_expiry_is_renewed_once_in_the_background(
    processes: list[Process], slack: SlackStandIn
) -> None:
    one, _ = processes
    installation = expiring(1, await install(slack))
    await one.workspaces.save(installation)

    used = await asyncio.gather(*(one.token() for _ in range(5)))
    await one.workspaces.close(2)

    renewed = await one.token()
    assert set(used) == {installation.bot_token}
    assert renewed != installation.bot_token
    assert renewed == await token_in(one.store, HOME.id)
    assert one.renewals == 2
    assert (await (await one.workspaces.client(WORKSPACE)).auth_test())["team_id"] == HOME.id


async def test_a_token_renewed_by_another_process_is_used(
    processes: list[Process], slack: SlackStandIn
) -> None:
    one, other = processes
    await one.workspaces.save(expiring(1, await install(slack)))
    await other.workspaces.require(WORKSPACE)
    await one.token()
    await one.workspaces.close(2)

    await other.token()
    await other.workspaces.close(2)

    assert await other.token() == await one.token()
    assert one.renewals == 2


async def test_an_expired_token_is_renewed_once_across_all_processes(
    processes: list[Process], slack: SlackStandIn
) -> None:
    one, other = processes
    await one.workspaces.save(expiring(-1, await install(slack)))
    await other.workspaces.require(WORKSPACE)

    tokens = await asyncio.gather(*(process.token() for process in (one, one, other, other)))

    assert len(set(tokens)) == 1
    assert tokens[0] == await token_in(one.store, HOME.id)


async def test_a_token_that_cannot_be_renewed_needs_a_new_install(
    processes: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_rotation, "_SAVE_INTERVAL", 0.05)
    one, _ = processes
    await one.workspaces.save(rotating(-1, team_id=HOME.id))

    for _ in range(2):
        with pytest.raises(NotInstalledError):
            await one.token()
    assert one.renewals == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=200, body=b'{"ok": false, "error": "internal_error"}'),
        Fault(status=200, body=b"{}"),
        Fault(reset=True),
        Fault(delay=2),
    ],
)
async def test_while_slack_is_down_the_old_token_works_until_it_expires(
    processes: list[Process], slack: SlackStandIn, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_rotation, "_RENEWAL_TIMEOUT", 0.2)
    one, other = processes
    slack.faults.always(fault, path="oauth.v2.access")
    near, past = rotating(1, team_id=HOME.id), rotating(-1, team_id=HOME.id)

    await one.workspaces.save(near)
    assert await one.token() == near.bot_token
    await one.workspaces.close(0.1)
    await other.workspaces.save(past)
    with pytest.raises(InstallsUnavailableError):
        await other.token()
    await other.workspaces.close(0)


async def test_a_new_token_is_saved_once_the_database_is_back(
    processes: list[Process],
    slack: SlackStandIn,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(token_rotation, "_SAVE_INTERVAL", 0.05)
    one, _ = processes
    old = expiring(1, await install(slack))
    await one.workspaces.save(old)
    slack.faults.plan(Fault(delay=0.1), path="oauth.v2.access")
    await one.token()
    await until(lambda: one.renewals == 2)
    await database.execute(text("ALTER TABLE meet_installs RENAME TO away"), 1)
    await until(lambda: "the database failed" in caplog.text)

    assert await one.token() == old.bot_token
    await database.execute(text("ALTER TABLE away RENAME TO meet_installs"), 1)
    await one.workspaces.close(2)
    assert await one.token() == await token_in(one.store, HOME.id) != old.bot_token


async def test_a_renewal_does_not_restore_a_removed_installation(
    processes: list[Process], slack: SlackStandIn
) -> None:
    one, _ = processes
    await one.workspaces.save(expiring(1, await install(slack)))
    slack.faults.plan(Fault(delay=0.2), path="oauth.v2.access")
    await one.token()
    await until(lambda: one.renewals == 2)
    await one.workspaces.forget(WORKSPACE, time.time())
    await one.workspaces.close(2)

    with pytest.raises(NotInstalledError):
        await one.token()

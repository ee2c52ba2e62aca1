"""The bot serves with or without its database, and reports which."""

import asyncio
import sys
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.installs import lifecycle
from bot.installs.lifecycle import Installs
from bot.settings.settings import Settings
from bot.slack.workspaces import InstallsUnavailableError, NotInstalledError
from bot.workspace import Workspace
from tests.conftest import ROOT, environment
from tests.installs.making import CLIENT_ID, OLD_KEY, installation
from tests.postgres import PostgresServer


def settings_for(database_url: str, **changes: str | None) -> Settings:
    """Return settings of a bot that any workspace can install."""
    return Settings.from_env(
        environment(
            SLACK_BOT_TOKEN=None,
            SLACK_CLIENT_ID=CLIENT_ID,
            SLACK_CLIENT_SECRET="c11e27" * 5,
            TOKEN_KEYS=OLD_KEY,
            PUBLIC_URL="https://meet.example.com",
            DATABASE_URL=database_url,
            **changes,
        )
    )


def connect(token: str | None) -> AsyncWebClient:
    return AsyncWebClient(token=token)


async def test_a_new_database_is_migrated_before_the_bot_serves(database_url: str) -> None:
    installs = Installs(settings_for(database_url), connect)
    await installs.open()

    await installs.ping()
    with pytest.raises(NotInstalledError) as caught:
        await installs.workspaces.require(Workspace("T1"))
    assert caught.value.install_url == "https://meet.example.com/slack/install"
    await installs.workspaces.save(installation())
    await installs.workspaces.require(Workspace("T1"))
    assert await installs.states.async_consume(await installs.states.async_issue())
    await installs.close(1)
    again = Installs(settings_for(database_url), connect)
    await again.open()
    await again.workspaces.require(Workspace("T1"))
    await again.close(1)


@pytest.mark.parametrize(("port", "warnings"), [("0", 1), (None, 0)])
async def test_a_sqlite_file_on_a_host_is_a_warning(
    port: str | None, warnings: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'installs.db'}", PORT=port)
    installs = Installs(settings, connect)

    await installs.open()
    await installs.close(1)

    assert sum("most hosts wipe" in message for message in caplog.messages) == warnings


async def test_a_database_that_starts_later_is_migrated_then(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "_STARTUP_TIMEOUT", 0.1)
    monkeypatch.setattr(lifecycle, "_RETRY_INTERVAL", 0.1)
    installs = Installs(settings_for(postgres.new_database()), connect)

    postgres.stop()
    await installs.open()
    with pytest.raises(InstallsUnavailableError, match="refused"):
        await installs.ping()
    postgres.start()

    async with asyncio.timeout(5):
        while not await is_ready(installs):
            await asyncio.sleep(0.02)
    await installs.close(1)


async def is_ready(installs: Installs) -> bool:
    """Return whether the ping succeeds."""
    try:
        await installs.ping()
    except InstallsUnavailableError:
        return False
    return True


async def test_an_empty_database_is_not_ready(tmp_path: Path) -> None:
    installs = Installs(settings_for(f"sqlite:///{tmp_path / 'installs.db'}"), connect)

    with pytest.raises(InstallsUnavailableError, match="not up to date"):
        await installs.ping()
    await installs.close(1)


async def test_a_single_workspace_loads_no_database() -> None:
    program = "import sys, bot.app; print(*sys.modules)"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()

    loaded = {name.partition(".")[0] for name in printed.decode().split()}
    assert "slack_sdk" in loaded
    assert not loaded & {"sqlalchemy", "alembic", "psycopg", "aiosqlite", "prometheus_client"}

"""Open the installations database at start-up, and close it on exit."""

import asyncio
import logging
from collections.abc import Callable

from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from bot.installs.database import Database
from bot.installs.encryption import TokenKeys
from bot.installs.schema import migrate, newest_version, schema_version
from bot.installs.store import InstallStore, StateStore
from bot.installs.workspaces import InstalledWorkspaces
from bot.settings.settings import Settings
from bot.slack.workspaces import InstallsUnavailableError

LOG = logging.getLogger(__name__)

_STARTUP_TIMEOUT = 2.0  # seconds to wait for the database before serving without it
_PING_TIMEOUT = 0.5  # seconds; hosts' health checks are frequent and time out soon
_RETRY_INTERVAL = 1.0  # seconds


class Installs:
    """The installations database, and what the bot builds on it.

    Attributes:
        workspaces: the workspaces that installed the bot.
        states: OAuth states of the installs in progress.

    Args:
        settings: the deployment's, with a Slack client ID.
        connect: makes a Web API client with a token, or with none.

    Raises:
        StartError: the settings can't work.
    """

    def __init__(self, settings: Settings, connect: Callable[[str | None], AsyncWebClient]) -> None:
        client_id, client_secret = settings.slack_client_id, settings.slack_client_secret
        self._database = Database(settings.database_url)
        keys = TokenKeys(settings.token_keys)
        self.states = StateStore(self._database)
        self.workspaces = InstalledWorkspaces(
            InstallStore(str(client_id), self._database, keys),
            AsyncTokenRotator(
                client_id=str(client_id), client_secret=str(client_secret), client=connect(None)
            ),
            connect,
            f"{settings.public_url}/slack/install",
        )
        self._migration: asyncio.Task[None] | None = None
        self._is_on_a_host = settings.host != Settings.host

    async def open(self) -> None:
        """Migrate the database. If it is down, retry in the background while the bot serves.

        Raises:
            SettingsError: DATABASE_URL can never work.
        """
        self._database.check()
        if self._is_on_a_host and self._database.dialect == "sqlite":
            LOG.warning("installs are in a file, which most hosts wipe: set DATABASE_URL")
        self._migration = asyncio.create_task(self._migrate_with_retries())
        await asyncio.wait({self._migration}, timeout=_STARTUP_TIMEOUT)

    async def _migrate_with_retries(self) -> None:
        while True:
            try:
                if await schema_version(self._database) < newest_version():
                    await migrate(self._database)
            except InstallsUnavailableError:
                await asyncio.sleep(_RETRY_INTERVAL)
            else:
                return

    async def check(self) -> None:
        """Do nothing: tokens are checked when they are issued."""

    async def ping(self) -> None:
        """Check that the database answers and is up to date.

        Raises:
            InstallsUnavailableError: it doesn't answer, or isn't.
        """
        if await schema_version(self._database, _PING_TIMEOUT) < newest_version():
            raise InstallsUnavailableError("the database is not up to date yet")

    async def close(self, seconds: float) -> None:
        """Let token renewals finish, for at most `seconds`, then close the database."""
        if self._migration:
            self._migration.cancel()
            await asyncio.gather(self._migration, return_exceptions=True)
        await self.workspaces.close(seconds)
        await self._database.close()

"""Put together what keeps the installations, open it, and close it."""

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

_FIRST = 2.0  # seconds that the bot waits for its database before it begins to serve
_PING = 0.5  # seconds; hosts ask often, and do not wait long
_AGAIN = 1.0  # seconds until the database is tried again


class Installs:
    """Everything about installations.

    Attributes:
        workspaces: where the bot is installed.
        states: the installs that have begun.

    Args:
        settings: with a Slack client ID.
        connect: makes a Web API client with a token, or without one.

    Raises:
        StartError: the settings cannot work.
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
        self._upgrade: asyncio.Task[None] | None = None
        self._is_on_a_host = settings.host != Settings.host

    async def open(self) -> None:
        """Bring the database up to date. If it's down, retry while the bot serves.

        Raises:
            SettingsError: it can never be used.
        """
        self._database.check()
        if self._is_on_a_host and self._database.dialect == "sqlite":
            LOG.warning("installs are in a file, which most hosts wipe: set DATABASE_URL")
        self._upgrade = asyncio.create_task(self._keep_up_to_date())
        await asyncio.wait({self._upgrade}, timeout=_FIRST)

    async def _keep_up_to_date(self) -> None:
        while True:
            try:
                if await schema_version(self._database) < newest_version():
                    await migrate(self._database)
            except InstallsUnavailableError:
                await asyncio.sleep(_AGAIN)
            else:
                return

    async def check(self) -> None:
        """Check nothing: each token was good when it came."""

    async def ping(self) -> None:
        """Return if the database answers and is up to date.

        Raises:
            InstallsUnavailableError: it does not, or is not.
        """
        if await schema_version(self._database, _PING) < newest_version():
            raise InstallsUnavailableError("the database is not up to date yet")

    async def close(self, seconds: float) -> None:
        """Finish what is being renewed, within some seconds, and close the database."""
        if self._upgrade:
            self._upgrade.cancel()
            await asyncio.gather(self._upgrade, return_exceptions=True)
        await self.workspaces.close(seconds)
        await self._database.close()

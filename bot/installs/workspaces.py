"""Speak to every workspace that has installed the bot, with its own token."""

from collections.abc import Callable

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from bot.installs.cache import Cache
from bot.installs.store import InstallStore
from bot.installs.token_rotation import TokenRotation
from bot.slack.workspaces import NotInstalledError, Workspace


class InstalledWorkspaces:
    """The workspaces in the store, as bot.slack.workspaces.Workspaces has them.

    What other processes install is known here at once, what they delete within a minute.

    Args:
        store: where the installations are kept.
        rotator: asks Slack for new tokens.
        connect: makes a Web API client with a token.
        install_url: where people install the bot.
    """

    def __init__(
        self,
        store: InstallStore,
        rotator: AsyncTokenRotator,
        connect: Callable[[str], AsyncWebClient],
        install_url: str,
    ) -> None:
        self._store = store
        self._connect = connect
        self._install_url = install_url
        self._bots: Cache[Bot] = Cache(self._find)
        self._rotation = TokenRotation(store, rotator, self._renewed)

    async def require(self, workspace: Workspace) -> None:
        """Return if the bot is installed there.

        Raises:
            NotInstalledError: it is not.
            InstallsUnavailableError: the database does not say.
        """
        await self._bot(workspace)

    async def client(self, workspace: Workspace) -> AsyncWebClient:
        """Return a Web API client with the workspace's bot token.

        Raises:
            NotInstalledError: the bot is not installed there, or its token cannot be renewed.
            InstallsUnavailableError: the database does not say, or Slack does not renew it now.
        """
        bot = await self._rotation.current(await self._bot(workspace))
        if not bot:
            raise NotInstalledError(self._install_url)
        return self._connect(bot.bot_token)

    async def save(self, installation: Installation) -> None:
        """Keep a new installation.

        Raises:
            InstallsUnavailableError: the database fails.
        """
        await self._store.async_save(installation)
        self._bots.forget(_kept_as(Workspace(installation.team_id, installation.enterprise_id)))

    async def forget(self, workspace: Workspace, gone_at: float) -> None:
        """Delete the installation of a workspace that removed the bot.

        Args:
            workspace: the one.
            gone_at: when that was, in seconds since 1970; what was installed later stays.

        Raises:
            InstallsUnavailableError: the database fails.
        """
        await self._store.async_delete_bot(
            enterprise_id=workspace.enterprise_id, team_id=workspace.team_id, gone_at=gone_at
        )
        self._bots.forget(_kept_as(workspace))

    async def close(self, seconds: float) -> None:
        """Wait for the tokens that are being renewed, but not longer than some seconds."""
        await self._rotation.close(seconds)

    async def _bot(self, workspace: Workspace) -> Bot:
        bot = await self._bots.get(_kept_as(workspace))
        if not bot:
            raise NotInstalledError(self._install_url)
        return bot

    async def _find(self, workspace: Workspace) -> Bot | None:
        return await self._store.async_find_bot(
            enterprise_id=workspace.enterprise_id, team_id=workspace.team_id
        )

    def _renewed(self, bot: Bot) -> None:
        self._bots.keep(Workspace(bot.team_id or None, bot.enterprise_id or None), bot)


def _kept_as(workspace: Workspace) -> Workspace:
    """Return the workspace under the one id that its installation is kept under."""
    return Workspace(workspace.team_id) if workspace.team_id else workspace

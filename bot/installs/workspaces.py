"""Make Slack clients for every workspace that installed the bot, with its own token."""

from collections.abc import Callable

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from bot.installs.cache import Cache
from bot.installs.store import InstallStore
from bot.installs.token_rotation import TokenRotation
from bot.slack.workspaces import NotInstalledError
from bot.workspace import Workspace


class InstalledWorkspaces:
    """The workspaces in the store; implements bot.slack.workspaces.Workspaces.

    An install by another process takes effect here at once, an uninstall within a minute.

    Args:
        store: holds the installations.
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
        """Check that the bot is installed in a workspace.

        Raises:
            NotInstalledError: it isn't.
            InstallsUnavailableError: the database doesn't answer.
        """
        await self._bot(workspace)

    async def client(self, workspace: Workspace) -> AsyncWebClient:
        """Return a Web API client with the workspace's bot token.

        Raises:
            NotInstalledError: the bot isn't installed there, or its token can't be renewed.
            InstallsUnavailableError: the database doesn't answer, or Slack can't renew now.
        """
        bot = await self._rotation.current(await self._bot(workspace))
        if not bot:
            raise NotInstalledError(self._install_url)
        return self._connect(bot.bot_token)

    async def save(self, installation: Installation) -> None:
        """Save a new installation.

        Raises:
            InstallsUnavailableError: the database doesn't answer.
        """
        await self._store.async_save(installation)
        self._bots.forget(_cache_key(Workspace(installation.team_id, installation.enterprise_id)))

    async def forget(self, workspace: Workspace, gone_at: float) -> None:
        """Delete the installation of a workspace that removed the bot.

        Args:
            workspace: the one that removed the bot.
            gone_at: when, in seconds since 1970; a later installation stays.

        Raises:
            InstallsUnavailableError: the database doesn't answer.
        """
        await self._store.async_delete_bot(
            enterprise_id=workspace.enterprise_id, team_id=workspace.team_id, gone_at=gone_at
        )
        self._bots.forget(_cache_key(workspace))

    async def close(self, seconds: float) -> None:
        """Let token renewals finish, for at most `seconds`, then cancel them."""
        await self._rotation.close(seconds)

    async def _bot(self, workspace: Workspace) -> Bot:
        bot = await self._bots.get(_cache_key(workspace))
        if not bot:
            raise NotInstalledError(self._install_url)
        return bot

    async def _find(self, workspace: Workspace) -> Bot | None:
        return await self._store.async_find_bot(
            enterprise_id=workspace.enterprise_id, team_id=workspace.team_id
        )

    def _renewed(self, bot: Bot) -> None:
        self._bots.put(Workspace(bot.team_id or None, bot.enterprise_id or None), bot)


def _cache_key(workspace: Workspace) -> Workspace:
    """Return the workspace by the one ID that its installation is stored under."""
    return Workspace(workspace.team_id) if workspace.team_id else workspace

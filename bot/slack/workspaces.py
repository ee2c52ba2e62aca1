"""Workspaces where the bot is installed, each with its own token."""

from typing import Protocol

from slack_sdk.web.async_client import AsyncWebClient

from bot.workspace import Workspace


class NotInstalledError(Exception):
    """The bot has no token for this workspace.

    Attributes:
        install_url: where people install it.
    """

    def __init__(self, install_url: str) -> None:
        super().__init__("the bot isn't installed here")
        self.install_url = install_url


class InstallsUnavailableError(Exception):
    """The database can't say now whether the bot is installed in this workspace."""


class Workspaces(Protocol):
    """Installations of the bot, and their tokens."""

    async def require(self, workspace: Workspace) -> None:
        """Require that the bot is installed in a workspace.

        Raises:
            NotInstalledError: it isn't.
            InstallsUnavailableError: the database doesn't answer.
        """

    async def client(self, workspace: Workspace) -> AsyncWebClient:
        """Return a Web API client with the workspace's bot token.

        Raises:
            NotInstalledError: the bot isn't installed there.
            InstallsUnavailableError: the database doesn't answer.
        """

    async def forget(self, workspace: Workspace, gone_at: float) -> None:
        """Delete the token of a workspace that removed the bot.

        Args:
            workspace: the workspace.
            gone_at: when it did, in seconds since 1970; a later installation stays.

        Raises:
            InstallsUnavailableError: the database doesn't answer.
        """

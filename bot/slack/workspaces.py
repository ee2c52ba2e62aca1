"""Tell workspaces apart, and speak to each with its own token."""

from dataclasses import dataclass
from typing import Protocol

from slack_sdk.web.async_client import AsyncWebClient


class NotInstalledError(Exception):
    """The bot has no token of this workspace; the message is where to install it."""


class InstallsUnavailableError(Exception):
    """The database cannot say now whether the bot is installed in this workspace."""


@dataclass(frozen=True)
class Workspace:
    """Whose installation of the bot a request belongs to.

    Attributes:
        team_id: the workspace's, or None where the bot is installed for a whole organisation.
        enterprise_id: the organisation's (Enterprise Grid), if the workspace belongs to one.
    """

    team_id: str | None
    enterprise_id: str | None = None


class Workspaces(Protocol):
    """Where the bot is installed."""

    async def require(self, workspace: Workspace) -> None:
        """Return if the bot is installed there.

        Raises:
            NotInstalledError: it is not.
            InstallsUnavailableError: the database doesn't answer.
        """

    async def client(self, workspace: Workspace) -> AsyncWebClient:
        """Return a Web API client with the workspace's bot token.

        Raises:
            NotInstalledError: the bot is not installed there.
            InstallsUnavailableError: the database doesn't answer.
        """

    async def forget(self, workspace: Workspace, gone_at: float) -> None:
        """Delete the token of a workspace that removed the bot.

        Args:
            workspace: the one.
            gone_at: when that was, in seconds since 1970; what was installed later stays.

        Raises:
            InstallsUnavailableError: it cannot be deleted now.
        """

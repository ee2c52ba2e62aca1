"""The single workspace of SLACK_BOT_TOKEN, which needs no database."""

import asyncio
import logging
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.failures import Failure, Meaning
from bot.slack.pauses import Pauses
from bot.workspace import Workspace

LOG = logging.getLogger(__name__)


class OneWorkspace:
    """Stands in for Workspaces and Installs where there is one bot token.

    Args:
        client: a Web API client with the token.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def require(self, _: Workspace) -> None:
        """Do nothing: the bot is installed."""

    async def client(self, _: Workspace) -> AsyncWebClient:
        """Return the Web API client."""
        return self._client

    async def forget(self, workspace: Workspace, _: float) -> None:
        """Log that the token was revoked; it is in the settings, so nothing can be deleted."""
        LOG.warning("SLACK_BOT_TOKEN was revoked", extra={"team": workspace.team_id})

    async def open(self) -> None:
        """Do nothing: there is no database."""

    async def check(self) -> None:
        """Log whether the token is valid, once Slack answers."""
        await check_token(self._client)

    async def ping(self) -> None:
        """Do nothing: there is no database."""

    async def close(self, _seconds: float) -> None:
        """Do nothing: there is no database."""


async def check_token(client: AsyncWebClient) -> None:
    """Log which workspace the bot token belongs to, or why Slack rejects it.

    Commands are answered without the token, so this runs in the background and never stops the bot.
    """
    pauses = Pauses()
    warn = LOG.warning
    while failure := await _try_token(client):
        if failure.meaning is not Meaning.TRANSIENT:
            LOG.warning("Slack rejected SLACK_BOT_TOKEN", extra={"reason": failure.reason})
            return
        warn("Slack could not be asked about SLACK_BOT_TOKEN", extra={"reason": failure.reason})
        warn = LOG.debug  # warn once
        await asyncio.sleep(pauses.next(failure.retry_after))


async def _try_token(client: AsyncWebClient) -> Failure | None:
    try:
        answer: Any = await client.auth_test()
    except Exception as error:  # noqa: BLE001 - slack_sdk lets through what its transport raises
        return Failure.of(error)
    LOG.info("Slack knows this bot", extra={"team": answer["team_id"], "bot": answer["user"]})
    return None

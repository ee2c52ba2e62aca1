"""The single workspace of SLACK_BOT_TOKEN: nothing is stored, and nothing has to be looked up."""

import asyncio
import logging
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.failures import Failure, Meaning
from bot.slack.pauses import Pauses
from bot.slack.workspaces import Workspace

LOG = logging.getLogger(__name__)


class OneWorkspace:
    """The interface of Workspaces and of Installs, for one bot token.

    Args:
        client: a Web API client with the token.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def require(self, _: Workspace) -> None:
        """Return: it is installed."""

    async def client(self, _: Workspace) -> AsyncWebClient:
        """Return the client."""
        return self._client

    async def forget(self, workspace: Workspace, _: float) -> None:
        """Log that the token was revoked; the settings hold it, so nothing is deleted."""
        LOG.warning("SLACK_BOT_TOKEN was revoked", extra={"team": workspace.team_id})

    async def open(self) -> None:
        """Open nothing."""

    async def check(self) -> None:
        """Log whether the token is good, once Slack says so."""
        await check_token(self._client)

    async def ping(self) -> None:
        """Return: there is no database."""

    async def close(self, _seconds: float) -> None:
        """Close nothing."""


async def check_token(client: AsyncWebClient) -> None:
    """Log which workspace the bot token opens, or why Slack rejects it.

    Commands are answered without the token, so this runs beside them, and ends nothing.
    """
    pauses = Pauses()
    warn = LOG.warning
    while failure := await _try_token(client):
        if failure.meaning is not Meaning.TRANSIENT:
            LOG.warning("Slack rejected SLACK_BOT_TOKEN", extra={"reason": failure.reason})
            return
        warn("Slack could not be asked about SLACK_BOT_TOKEN", extra={"reason": failure.reason})
        warn = LOG.debug  # once is enough
        await asyncio.sleep(pauses.next(failure.retry_after))


async def _try_token(client: AsyncWebClient) -> Failure | None:
    try:
        answer: Any = await client.auth_test()
    except Exception as error:  # noqa: BLE001 - slack_sdk lets through what its transport raises
        return Failure.of(error)
    LOG.info("Slack knows this bot", extra={"team": answer["team_id"], "bot": answer["user"]})
    return None

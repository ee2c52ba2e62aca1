"""Workspaces that remove the bot: delete what was stored for them.

https://docs.slack.dev/reference/events/app_uninstalled
https://docs.slack.dev/reference/events/tokens_revoked
"""

import logging

from slack_bolt.async_app import AsyncBoltContext

from bot.slack.request import Body, SlackRequest
from bot.slack.workspaces import Workspaces

LOG = logging.getLogger(__name__)


class Departures:
    """Listeners for events that end an installation.

    Errors propagate, so that Slack sends the event again, up to three times.

    Args:
        workspaces: where the bot is installed.
    """

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    async def uninstalled(self, body: Body, context: AsyncBoltContext) -> None:
        """Delete the installation of a workspace that has removed the app."""
        workspace = SlackRequest.of(context, body).workspace
        await self._workspaces.forget(workspace, float(body["event_time"]))
        team, enterprise = workspace.team_id, workspace.enterprise_id
        LOG.info("uninstalled", extra={"team": team, "enterprise": enterprise})

    async def revoked(self, body: Body, context: AsyncBoltContext) -> None:
        """Delete the installation if its bot token was revoked; user tokens aren't stored."""
        if body["event"]["tokens"].get("bot"):
            await self.uninstalled(body, context)

"""A request from Slack: who made it, and where, as Bolt's context says."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.context.base_context import BaseContext

from bot.links import Conversation
from bot.slack.blocks import Message
from bot.slack.workspaces import Workspace

Body = dict[str, Any]
Afterwards = Callable[[], Awaitable[Message | None]]


@dataclass(frozen=True)
class SlackRequest:
    """A command, a click, a shortcut or a form.

    Attributes:
        body: Slack's payload.
        workspace: whose installation of the bot it belongs to.
        team_id: the workspace in which the person acts; "" if Slack doesn't say.
        user_id: the person's.
        channel_id: the conversation's; a shortcut beside the composer and a form have none.
        response_url: where a follow-up goes; of a form, to the conversation that was chosen.
        afterwards: what a listener leaves to be done once its answer is out; what comes of it
            follows by response_url.
    """

    body: Body
    workspace: Workspace
    team_id: str
    user_id: str
    channel_id: str
    response_url: str
    afterwards: list[Afterwards] = field(default_factory=list)

    @classmethod
    def of(cls, context: BaseContext, body: Body) -> "SlackRequest":
        """Return the request that Bolt hands to a listener."""
        return cls(
            body,
            workspace_of(context),
            _team_id(context, body),
            context.user_id or "",
            context.channel_id or "",
            context.response_url or "",
        )

    @property
    def trigger_id(self) -> str:
        """Unique to the request, however often it is delivered."""
        return str(self.body.get("trigger_id", ""))

    def place(self, channel_id: str = "", thread_ts: str | None = None) -> Conversation:
        """Return a conversation of the workspace, by default the request's own."""
        team_id, enterprise_id = self.workspace.team_id, self.workspace.enterprise_id
        return Conversation(team_id, enterprise_id, channel_id or self.channel_id, thread_ts)


def workspace_of(context: BaseContext) -> Workspace:
    """Return whose installation of the bot a request belongs to."""
    if _names_organisation(context):
        return Workspace(None, context.enterprise_id or context.team_id)
    if context.is_enterprise_install and context.enterprise_id:
        return Workspace(None, context.enterprise_id)
    return Workspace(context.team_id, context.enterprise_id)


def _team_id(context: BaseContext, body: Body) -> str:
    """Return the workspace in which somebody acts."""
    if _names_organisation(context):
        return str(body["user"].get("team_id") or "")
    return context.team_id or ""


def _names_organisation(context: BaseContext) -> bool:
    """Return whether Bolt took an organisation for a workspace.

    Of a form, it takes `app_installed_team_id`, which may be one's:
    https://docs.slack.dev/messaging/work-objects-implementation has such a payload.
    """
    return (context.team_id or "").startswith("E")

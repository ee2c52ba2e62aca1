"""A request from Slack: who made it and where, from Bolt's context."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.context.base_context import BaseContext

from bot.links import Conversation
from bot.slack.blocks import Message
from bot.telemetry.timing import Timing
from bot.workspace import Workspace

Body = dict[str, Any]
Afterwards = Callable[[], Awaitable[Message | None]]


@dataclass(frozen=True)
class SlackRequest:
    """A command, a click, a shortcut or a form.

    Attributes:
        body: Slack's payload.
        workspace: the installation of the bot that it belongs to.
        team_id: the workspace in which the person acts; "" if Slack doesn't say.
        user_id: the person's ID.
        place: the conversation; global shortcuts and forms have none, so its channel ID is "".
        response_url: where follow-ups go; a form's posts to the conversation chosen in it.
        trigger_id: unique to the request and the same in each of its deliveries.
        reference: the short code by which an error message and the log refer to it.
        timing: its clock, which starts with it.
        afterwards: tasks that listeners leave for after the answer; a message that one returns is
            posted to response_url.
    """

    body: Body
    workspace: Workspace
    team_id: str
    user_id: str
    place: Conversation
    response_url: str
    trigger_id: str
    reference: str
    timing: Timing = field(default_factory=Timing)
    afterwards: list[Afterwards] = field(default_factory=list)

    @classmethod
    def of(cls, context: BaseContext, body: Body) -> "SlackRequest":
        """Return the request that Bolt passes to a listener.

        For a form, Bolt's `team_id` is `app_installed_team_id`, which may be an organisation's:
        https://docs.slack.dev/messaging/work-objects-implementation has such a payload.
        """
        team_id, enterprise_id = context.team_id or "", context.enterprise_id
        workspace = Workspace(context.team_id, enterprise_id)
        if team_id.startswith("E"):
            workspace = Workspace(None, enterprise_id or team_id)
            team_id = str((body.get("user") or {}).get("team_id") or "")
        elif context.is_enterprise_install and enterprise_id:
            workspace = Workspace(None, enterprise_id)
        return cls(
            body,
            workspace,
            team_id,
            context.user_id or "",
            Conversation(workspace, context.channel_id or ""),
            context.response_url or "",
            str(body.get("trigger_id", "")),
            secrets.token_hex(4),
        )

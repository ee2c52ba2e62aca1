"""A stand-in for Slack: a few workspaces, and one app, the bot under test."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack.blockkit import find_button, find_option
from bot.sandbox.slack.delivered import Delivered
from bot.sandbox.slack.delivery import FAILED, Ack
from bot.sandbox.slack.events import SlackWithEvents
from bot.sandbox.slack.inputs import Values, missing, read_values, response_url_channels
from bot.sandbox.slack.interactions import UNKNOWN_COMMAND, Interaction
from bot.sandbox.slack.payloads import (
    block_actions,
    global_shortcut,
    message_shortcut,
    slash_command,
    view_submission,
)
from bot.sandbox.slack.teams import HOME, Enterprise, Origin, Team
from bot.sandbox.slack.tenants import Tenant
from bot.sandbox.slack.views import input_errors
from bot.sandbox.slack.workspace import BOT_NAME, CHANNELS, USERS, Block, ChannelMessage

_INVITE = "/invite"  # Slack's own command


class SlackStandIn(SlackWithEvents):
    """Slack as the bot and its users see it.

    Interactions reach the bot even where it isn't installed: it may have lost its tokens.
    """

    async def command(
        self,
        text: str,
        *,
        user: str = USERS[0].id,
        channel: str = CHANNELS[0].id,
        team: Team | str = HOME,
    ) -> Delivered:
        """Send a line that starts with a slash, and wait for the acknowledgement.

        Raises:
            KeyError: there is no such user, channel or team.
        """
        tenant = self.tenants.of(team)
        interaction = _interaction(tenant, user, channel, typed=text)
        name = text.split(maxsplit=1)[0]
        if name == _INVITE:
            return Delivered(messages=[_invite(interaction, tenant)])
        if name not in self._commands:
            interaction.notice(UNKNOWN_COMMAND.format(name))
            return Delivered(error="unknown_command", messages=interaction.messages)
        payload = slash_command(
            interaction.user,
            interaction.channel,
            tenant.composer.command(text, should_escape=name in self.escaped),
            self._response_url(interaction),
            self._origin(tenant),
        )
        ack = await self._send(tenant, interaction, payload)
        error = ack.error
        if error:
            interaction.fail(error)
        else:
            error = interaction.acknowledge(ack.answer)
        return Delivered(ack.status, ack.ms, error, interaction.messages)

    async def click(  # noqa: PLR0913 - a click has this many parts
        self,
        message: ChannelMessage,
        action_id: str,
        *,
        user: str = USERS[0].id,
        block_id: str = "",
        value: str = "",
        team: Team | str = HOME,
    ) -> Delivered:
        """Click a button, or an option of an overflow menu, and wait for the acknowledgement.

        A confirmation dialog counts as confirmed.

        Args:
            message: the message with the button or menu.
            action_id: the button's or menu's.
            user: the user who clicks.
            block_id: its block's; "" for the first element with this action_id.
            value: the option's, in a menu.
            team: the message's workspace.

        Raises:
            LookupError: there is no such user, or no such message or button for this user.
        """
        if message.visible_to not in (None, user):
            raise LookupError("message_not_found")
        block, element = find_button(message.blocks or [], action_id, block_id)
        option = find_option(element, value) if element["type"] == "overflow" else None
        tenant = self.tenants.of(team)
        interaction = _interaction(tenant, user, message.channel, clicked=message)
        payload = block_actions(
            interaction.user,
            interaction.channel,
            message,
            block,
            element,
            option=option,
            response_url=self._response_url(interaction),
            now=self._clock(),
            origin=self._origin(tenant),
        )
        return _delivered(await self._send(tenant, interaction, payload), interaction.messages)

    async def shortcut(
        self,
        callback_id: str,
        message: ChannelMessage | None = None,
        *,
        user: str = USERS[0].id,
        channel: str = CHANNELS[0].id,
        team: Team | str = HOME,
    ) -> Delivered:
        """Run a global shortcut, or one on a message, and wait for the acknowledgement.

        Args:
            callback_id: the shortcut's.
            message: the message to run it on; None for a global shortcut.
            user: the user who runs it.
            channel: the user's current channel; ignored with a message.
            team: the workspace.

        Raises:
            LookupError: there is no such user or channel, or the message has no menu.
        """
        tenant = self.tenants.of(team)
        origin, now = self._origin(tenant), self._clock()
        if message is None:
            interaction = _interaction(tenant, user, channel)
            payload = global_shortcut(interaction.user, callback_id, now=now, origin=origin)
        else:
            if message.visible_to is not None:
                raise LookupError("message_not_found")
            interaction = _interaction(tenant, user, message.channel)
            payload = message_shortcut(
                interaction.user,
                callback_id,
                interaction.channel,
                message,
                response_url=self._response_url(interaction),
                now=now,
                origin=origin,
            )
        return _delivered(await self._send(tenant, interaction, payload), interaction.messages)

    async def submit(
        self,
        view_id: str,
        values: Mapping[str, Any],
        *,
        user: str = USERS[0].id,
        team: Team | str = HOME,
    ) -> Delivered:
        """Submit a modal, and wait for the acknowledgement; errors leave it open.

        Args:
            view_id: the ID of the user's open modal.
            values: by block_id: a text, an option's value or a channel's ID, "" for nothing, or
                the block's part of `state.values`. Missing blocks keep their initial values.
            user: the user who submits it.
            team: the workspace.

        Raises:
            LookupError: there is no such modal, input or option.
        """
        tenant = self.tenants.of(team)
        view, channel = tenant.views.find(user, view_id)
        entered = read_values(view, values, channel)
        if empty := missing(view, entered):
            tenant.views.show_errors(user, view_id, empty)
            return Delivered(errors=empty)
        interaction = _interaction(tenant, user, channel)
        view = {**view, "state": {"values": entered}}
        response_urls = self._response_urls_of(tenant, interaction, view, entered)
        payload = view_submission(interaction.user, view, response_urls, self._origin(tenant))
        ack = await self._send(tenant, interaction, payload)
        errors = None if ack.error else input_errors(view, ack.answer)
        if errors is None:
            return Delivered(ack.status, ack.ms, ack.error or FAILED, interaction.messages)
        if errors:
            tenant.views.show_errors(user, view_id, errors)
        else:
            tenant.views.close(user, view_id)
        return Delivered(ack.status, ack.ms, "", interaction.messages, errors)

    def _response_urls_of(
        self, tenant: Tenant, interaction: Interaction, view: Block, entered: Values
    ) -> list[Block]:
        """Return the response_urls that a modal requests, for the chosen channels."""
        urls = []
        for (block_id, action_id), channel in response_url_channels(view, entered).items():
            there = _interaction(tenant, interaction.user.id, channel)
            there.messages = interaction.messages
            urls.append(
                {
                    "block_id": block_id,
                    "action_id": action_id,
                    "channel_id": channel,
                    "response_url": self._response_url(there),
                }
            )
        return urls

    def _origin(self, tenant: Tenant) -> Origin:
        installation = self.installs.covering(tenant.team)
        org_wide = installation is not None and isinstance(installation.place, Enterprise)
        return Origin(tenant.team, org_wide)


def _invite(interaction: Interaction, tenant: Tenant) -> ChannelMessage:
    """Let the bot into a conversation, whoever else is invited."""
    tenant.workspace.joined.add(interaction.channel.id)
    text = f"added {BOT_NAME} to this conversation"
    return tenant.workspace.post(interaction.channel.id, "user", text, user=interaction.user.id)


def _interaction(
    tenant: Tenant,
    user: str,
    channel: str,
    *,
    typed: str = "",
    clicked: ChannelMessage | None = None,
) -> Interaction:
    workspace = tenant.workspace
    return Interaction(
        workspace,
        workspace.users[user],
        workspace.channels[channel],
        typed=typed,
        clicked=clicked,
    )


def _delivered(ack: Ack, messages: list[ChannelMessage]) -> Delivered:
    return Delivered(ack.status, ack.ms, ack.error, messages)

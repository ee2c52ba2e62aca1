"""A stand-in for Slack: one workspace with one app in it, the bot under trial."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.blockkit import find_button, find_option
from bot.sandbox.delivery import FAILED, Ack
from bot.sandbox.faults import Faults
from bot.sandbox.inputs import Values, missing, read_values, response_url_channels
from bot.sandbox.interactions import Interaction
from bot.sandbox.journal import Journal
from bot.sandbox.payloads import (
    block_actions,
    global_shortcut,
    message_shortcut,
    slash_command,
    view_submission,
)
from bot.sandbox.slack_server import SlackServer
from bot.sandbox.views import input_errors
from bot.sandbox.workspace import CHANNELS, USERS, Block, Message

_UNKNOWN_COMMAND = (
    "{} is not a valid command. In Slack, all messages that start with the “/” character are "
    "interpreted as commands. If you are trying to send a message and not run a command, try "
    "preceding the “/” with an empty space."
)


@dataclass
class Delivery:
    """What came of a command, a click, a shortcut or a modal.

    Attributes:
        status: of the acknowledgement; None where there was none.
        ms: how long it took.
        error: "" or Slack's name for what went wrong.
        messages: all that came of it so far; follow-ups appear here too.
        errors: what is wrong with a modal's inputs, by block_id.
    """

    status: int | None = None
    ms: int = 0
    error: str = ""
    messages: list[Message] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


class SlackStandIn(SlackServer):
    """Slack as the bot sees it, and as its users do."""

    def __init__(  # noqa: PLR0913 - an app's three secrets, and what the stand-ins share
        self,
        signing_secret: str,
        bot_token: str,
        app_token: str,
        *,
        command: str = "/meet",
        faults: Faults | None = None,
        journal: Journal | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(
            signing_secret, bot_token, app_token, faults=faults, journal=journal, clock=clock
        )
        self._commands = (command, f"{command}-check")
        self._clock = clock

    async def command(
        self, text: str, *, user: str = USERS[0].id, channel: str = CHANNELS[0].id
    ) -> Delivery:
        """Type a line that begins with a slash, and wait for the acknowledgement.

        Raises:
            KeyError: there is no such user or channel.
        """
        interaction = self._interaction(user, channel, typed=text)
        name = text.partition(" ")[0]
        if name not in self._commands:
            interaction.notice(_UNKNOWN_COMMAND.format(name))
            return Delivery(error="unknown_command", messages=interaction.messages)
        payload = slash_command(
            interaction.user, interaction.channel, text, self._response_url(interaction)
        )
        ack = await self._send(interaction, payload)
        error = ack.error
        if error:
            interaction.fail(error)
        else:
            error = interaction.acknowledge(ack.answer)
        return Delivery(ack.status, ack.ms, error, interaction.messages)

    async def click(
        self,
        message: Message,
        action_id: str,
        *,
        user: str = USERS[0].id,
        block_id: str = "",
        value: str = "",
    ) -> Delivery:
        """Press a button, or choose an option of an overflow menu, and wait for the answer.

        Where there is a dialog to confirm it, it has been confirmed.

        Args:
            message: with the button or menu.
            action_id: of the button or menu.
            user: who presses it.
            block_id: of its block; "" takes the first with this action_id.
            value: of the option, in a menu.

        Raises:
            LookupError: there is no such user, or no such message or button for this user.
        """
        if message.visible_to not in (None, user):
            raise LookupError("message_not_found")
        block, element = find_button(message.blocks or [], action_id, block_id)
        option = find_option(element, value) if element["type"] == "overflow" else None
        interaction = self._interaction(user, message.channel, clicked=message)
        payload = block_actions(
            interaction.user,
            interaction.channel,
            message,
            block,
            element,
            option=option,
            response_url=self._response_url(interaction),
            now=self._clock(),
        )
        return _delivery(await self._send(interaction, payload), interaction.messages)

    async def shortcut(
        self,
        callback_id: str,
        message: Message | None = None,
        *,
        user: str = USERS[0].id,
        channel: str = CHANNELS[0].id,
    ) -> Delivery:
        """Choose a shortcut beside the composer, or one of a message, and wait for the answer.

        Args:
            callback_id: the shortcut's.
            message: in whose menu it is chosen; None is beside the composer.
            user: who chooses it.
            channel: where they are; a message has its own.

        Raises:
            LookupError: there is no such user or channel, or the message has no menu.
        """
        if message is None:
            interaction = self._interaction(user, channel)
            payload = global_shortcut(interaction.user, callback_id, now=self._clock())
        else:
            if message.visible_to is not None:
                raise LookupError("message_not_found")
            interaction = self._interaction(user, message.channel)
            payload = message_shortcut(
                interaction.user,
                callback_id,
                interaction.channel,
                message,
                response_url=self._response_url(interaction),
                now=self._clock(),
            )
        return _delivery(await self._send(interaction, payload), interaction.messages)

    async def submit(
        self, view_id: str, values: Mapping[str, Any], *, user: str = USERS[0].id
    ) -> Delivery:
        """Send a modal, and wait for the acknowledgement, which may leave it open with errors.

        Args:
            view_id: of the modal that is open for this user.
            values: by block_id: a text, an option's value or a channel's id, "" for nothing, or
                the block's part of `state.values`. What is left out stays as it was opened.
            user: who sends it.

        Raises:
            LookupError: there is no such modal, input or option.
        """
        view, channel = self.views.find(user, view_id)
        entered = read_values(view, values, channel)
        if empty := missing(view, entered):
            self.views.complain(user, view_id, empty)
            return Delivery(errors=empty)
        interaction = self._interaction(user, channel)
        view = {**view, "state": {"values": entered}}
        response_urls = self._response_urls_of(interaction, view, entered)
        payload = view_submission(interaction.user, view, response_urls)
        ack = await self._send(interaction, payload)
        errors = None if ack.error else input_errors(view, ack.answer)
        if errors is None:
            return Delivery(ack.status, ack.ms, ack.error or FAILED, interaction.messages)
        if errors:
            self.views.complain(user, view_id, errors)
        else:
            self.views.close(user, view_id)
        return Delivery(ack.status, ack.ms, "", interaction.messages, errors)

    def _response_urls_of(
        self, interaction: Interaction, view: Block, entered: Values
    ) -> list[Block]:
        """Return the response_urls that a modal asks for, which post to the chosen channels."""
        urls = []
        for (block_id, action_id), channel in response_url_channels(view, entered).items():
            there = self._interaction(interaction.user.id, channel)
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

    def _interaction(
        self, user: str, channel: str, *, typed: str = "", clicked: Message | None = None
    ) -> Interaction:
        return Interaction(
            self.workspace,
            self.workspace.users[user],
            self.workspace.channels[channel],
            typed=typed,
            clicked=clicked,
        )


def _delivery(ack: Ack, messages: list[Message]) -> Delivery:
    return Delivery(ack.status, ack.ms, ack.error, messages)

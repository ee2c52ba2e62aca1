"""A stand-in for Slack: one workspace with one app in it, the bot under trial."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.sandbox.blockkit import buttons
from bot.sandbox.delivery import FAILED, Ack, RequestUrl
from bot.sandbox.faults import Faults
from bot.sandbox.interactions import Interaction
from bot.sandbox.journal import Journal
from bot.sandbox.payloads import Payload, block_actions, slash_command
from bot.sandbox.response_urls import ResponseUrls
from bot.sandbox.sockets import Sockets
from bot.sandbox.web_api import WebApi
from bot.sandbox.workspace import CHANNELS, USERS, Block, Message, Workspace

ACK_SECONDS = 3.0  # https://docs.slack.dev/interactivity/implementing-slash-commands#responding

_UNKNOWN_COMMAND = (
    "{} is not a valid command. In Slack, all messages that start with the “/” character are "
    "interpreted as commands. If you are trying to send a message and not run a command, try "
    "preceding the “/” with an empty space."
)


@dataclass
class Delivery:
    """What came of a command or a click.

    Attributes:
        status: of the acknowledgement; None where there was none.
        ms: how long it took.
        error: "" or Slack's name for what went wrong.
        messages: all that came of it so far; follow-ups appear here too.
    """

    status: int | None = None
    ms: int = 0
    error: str = ""
    messages: list[Message] = field(default_factory=list)


class SlackStandIn:
    """Slack as the bot sees it, and as its users do.

    Attributes:
        app: the server's application.
        url: where it is served, without a slash at the end; set it before the first command.
        workspace: who is there, and what has been said.
        journal: what went over the wire.
        faults: spoil the bot's calls to this stand-in.
        sockets: Socket Mode's connections; while there is one, payloads go there.
        ack_seconds: how long the bot may take to acknowledge.
    """

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
        self.url = ""
        self.workspace = Workspace(clock)
        self.journal = journal or Journal(clock)
        self.faults = faults or Faults()
        self.sockets = Sockets(self.journal)
        self.ack_seconds = ACK_SECONDS
        self._request_url = RequestUrl(signing_secret, journal=self.journal, clock=clock)
        self._web_api = WebApi(bot_token, app_token, self.sockets)
        self._response_urls = ResponseUrls(clock)
        self._commands = (command, f"{command}-check")
        self._clock = clock
        self.app = self._build()

    @property
    def events_url(self) -> str:
        """Where the bot takes payloads by HTTP; "" if it does not."""
        return self._request_url.url

    @events_url.setter
    def events_url(self, url: str) -> None:
        self._request_url.url = url

    @property
    def mode(self) -> str:
        """How payloads reach the bot, in words."""
        return "Socket Mode" if self.sockets.connected or not self.events_url else "HTTP"

    async def command(
        self, text: str, *, user: str = USERS[0].id, channel: str = CHANNELS[0].id
    ) -> Delivery:
        """Type a line that begins with a slash, and wait for the acknowledgement.

        Raises:
            KeyError: there is no such user or channel.
        """
        interaction = Interaction(
            self.workspace,
            self.workspace.users[user],
            self.workspace.channels[channel],
            typed=text,
        )
        name = text.partition(" ")[0]
        if name not in self._commands:
            interaction.notice(_UNKNOWN_COMMAND.format(name))
            return Delivery(error="unknown_command", messages=interaction.messages)
        payload = slash_command(
            interaction.user, interaction.channel, text, self._response_url(interaction)
        )
        ack = await self.deliver(payload)
        error = ack.error
        if error:
            interaction.fail(error)
        else:
            error = interaction.acknowledge(ack.answer)
        return Delivery(ack.status, ack.ms, error, interaction.messages)

    async def click(
        self, message: Message, action_id: str, *, user: str = USERS[0].id, block_id: str = ""
    ) -> Delivery:
        """Press a button, and wait for the acknowledgement.

        Raises:
            LookupError: there is no such user, or no such message or button for this user.
        """
        if message.visible_to not in (None, user):
            raise LookupError("message_not_found")
        block, element = _find_button(message, action_id, block_id)
        interaction = Interaction(
            self.workspace,
            self.workspace.users[user],
            self.workspace.channels[message.channel],
            clicked=message,
        )
        payload = block_actions(
            interaction.user,
            interaction.channel,
            message,
            block,
            element,
            response_url=self._response_url(interaction),
            now=self._clock(),
        )
        ack = await self.deliver(payload)
        return Delivery(ack.status, ack.ms, ack.error, interaction.messages)

    async def messages_until(
        self, predicate: Callable[[list[Message]], bool], *, seconds: float = 5.0
    ) -> list[Message]:
        """Wait until the workspace's messages are as they should be, and return them.

        Raises:
            TimeoutError: they have not become so.
        """
        changed = asyncio.Event()
        unsubscribe = self.workspace.subscribe(lambda *_: changed.set())
        try:
            async with asyncio.timeout(seconds):
                while not predicate(messages := list(self.workspace.messages.values())):
                    changed.clear()
                    await changed.wait()
            return messages
        finally:
            unsubscribe()

    async def deliver(self, payload: Payload) -> Ack:
        """Hand the bot a payload in the way that it is reached, and wait for its answer."""
        if self.sockets.connected:
            return await self.sockets.deliver(payload, self.ack_seconds)
        if self.events_url:
            return await self._request_url.deliver(payload, self.ack_seconds)
        return Ack(None, 0, FAILED)

    def _response_url(self, interaction: Interaction) -> str:
        return f"{self.url}/response/{self._response_urls.issue(interaction)}"

    def _build(self) -> web.Application:
        """Mount what the bot calls; faults and the journal leave the page's own routes alone."""
        noted = [self.journal.middleware(source="bot", target="Slack"), self.faults.middleware]
        app = web.Application()
        app.add_subapp("/api", _part(web.route("*", "/{method}", self._web_api.call), noted))
        app.add_subapp("/response", _part(web.post("/{secret}", self._response_urls.take), noted))
        app.add_subapp("/socket", _part(web.get("", self.sockets.serve), [self.faults.middleware]))
        app.on_shutdown.append(self._shut_down)
        return app

    async def _shut_down(self, _: web.Application) -> None:
        await self.sockets.close()


def _part(route: web.RouteDef, layers: list[Middleware]) -> web.Application:
    part = web.Application(middlewares=layers)
    part.add_routes([route])
    return part


def _find_button(message: Message, action_id: str, block_id: str) -> tuple[Block, Block]:
    for block in message.blocks or []:
        for element in buttons(block):
            if element["action_id"] == action_id and block_id in ("", block["block_id"]):
                return block, element
    raise LookupError("button_not_found")

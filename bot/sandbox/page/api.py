"""The page's API: its requests, and the events sent to it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from aiohttp import web

from bot.sandbox.bot import VERSIONS, SandboxBot
from bot.sandbox.faults import PRESETS, Faults
from bot.sandbox.journal import Exchange
from bot.sandbox.page.streams import Streams
from bot.sandbox.slack.calls import SlackCall
from bot.sandbox.slack.delivery import json_object
from bot.sandbox.slack.emoji import BY_NAME
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import HOME
from bot.sandbox.slack.views import Shown
from bot.sandbox.slack.workspace import BOT_NAME, TEAM_NAME, Change, ChannelMessage


class PageApi:
    """Handles the page's requests, and sends it events."""

    def __init__(  # noqa: PLR0913 - callers use keywords
        self,
        slack: SlackStandIn,
        streams: Streams,
        *,
        commands: Sequence[Mapping[str, str]],
        shortcuts: Sequence[Mapping[str, str]],
        faults: Faults,
        bot: SandboxBot,
    ) -> None:
        self._slack = slack
        self._streams = streams
        self._commands = [dict(command) for command in commands]
        self._shortcuts = [dict(shortcut) for shortcut in shortcuts]
        self._faults = faults
        self._bot = bot
        slack.workspace.subscribe(self._send_message)
        slack.workspace.calls.subscribe(self._send_call)
        slack.views.subscribe(self._send_view)
        slack.journal.subscribe(self._send_exchange)

    async def state(self, _: web.Request) -> web.Response:
        """Answer with everything that the page shows."""
        workspace = self._slack.workspace
        return web.json_response(
            {
                "team": {"name": TEAM_NAME},
                "bot": {"name": BOT_NAME, "initials": BOT_NAME[0]},
                "users": [asdict(user) for user in workspace.users.values()],
                "channels": [asdict(channel) for channel in workspace.channels.values()],
                "emoji": BY_NAME,
                "commands": self._commands,
                "shortcuts": self._shortcuts,
                "messages": [asdict(message) for message in workspace.messages.values()],
                "calls": {call.id: _call_fields(call) for call in workspace.calls.by_id.values()},
                "views": {user: self._slack.views.of(user) for user in workspace.users},
                "exchanges": [asdict(exchange) for exchange in self._slack.journal.exchanges],
                "faults": [{"key": key, "label": label} for key, (label, _) in PRESETS.items()],
                "mode": self._slack.mode,
                "versions": VERSIONS,
                "version": self._bot.version,
                "install_url": self._install_url(),
            }
        )

    async def command(self, request: web.Request) -> web.Response:
        """Send a line: a command or a message."""
        user, channel, text = await _fields(request, "user", "channel", "text")
        workspace = self._slack.workspace
        if user not in workspace.users or channel not in workspace.channels:
            raise _bad_request("There is no such user or channel.")
        if not text.startswith("/"):
            self._slack.tenants.home.say(channel, text, user=user)
            return web.json_response({"error": ""})
        delivery = await self._slack.command(text, user=user, channel=channel)
        return web.json_response({"error": delivery.error})

    async def click(self, request: web.Request) -> web.Response:
        """Click a button, or a menu's option by its value."""
        user, message_id, action_id, block_id = await _fields(
            request, "user", "message", "action_id", "block_id"
        )
        value = (await _body(request)).get("value")
        try:
            delivery = await self._slack.click(
                self._slack.workspace.messages[message_id],
                action_id,
                user=user,
                block_id=block_id,
                value=value if isinstance(value, str) else "",
            )
        except LookupError:
            raise _bad_request("There is no such button any more.") from None
        return web.json_response({"error": delivery.error})

    async def shortcut(self, request: web.Request) -> web.Response:
        """Run a message shortcut, or a global one if `message` is null."""
        user, channel, callback_id = await _fields(request, "user", "channel", "callback_id")
        message_id = (await _body(request)).get("message")
        try:
            delivery = await self._slack.shortcut(
                callback_id,
                None if message_id is None else self._slack.workspace.messages[message_id],
                user=user,
                channel=channel,
            )
        except (LookupError, TypeError):
            raise _bad_request("There is no such message any more.") from None
        return web.json_response({"error": delivery.error})

    async def submit(self, request: web.Request) -> web.Response:
        """Submit a modal with its `state.values`."""
        user, view_id = await _fields(request, "user", "view_id")
        values = (await _body(request)).get("values")
        try:
            delivery = await self._slack.submit(view_id, dict(values or {}), user=user)
        except (LookupError, TypeError, ValueError):
            raise _bad_request("There is no such modal any more.") from None
        return web.json_response({"error": delivery.error, "errors": delivery.errors})

    async def close(self, request: web.Request) -> web.Response:
        """Close a modal without submitting it."""
        user, view_id = await _fields(request, "user", "view_id")
        self._slack.views.close(user, view_id)
        return web.json_response({"error": ""})

    async def version(self, request: web.Request) -> web.Response:
        """Restart the bot with another version of VideoSDK's API."""
        (version,) = await _fields(request, "version")
        if version not in VERSIONS:
            raise _bad_request("There is no such version.")
        await self._bot.use(version)
        self._streams.send("version", {"version": version})
        return web.json_response({"error": ""})

    async def fault(self, request: web.Request) -> web.Response:
        """Set the fault of the next call to VideoSDK; "" sets none."""
        (key,) = await _fields(request, "fault")
        if key and key not in PRESETS:
            raise _bad_request("There is no such fault.")
        self._faults.forget()
        if key:
            self._faults.plan(PRESETS[key][1])
        return web.json_response({"error": ""})

    def _install_url(self) -> str:
        """Return the install page's URL, or "" if the bot is installed."""
        return "" if self._slack.installs.covering(HOME) else f"{self._bot.url}/slack/install"

    def _send_message(self, change: Change, message: ChannelMessage) -> None:
        data = {"id": message.id} if change == "removed" else asdict(message)
        self._streams.send(change, data)

    def _send_exchange(self, exchange: Exchange) -> None:
        self._streams.send("exchange", asdict(exchange))

    def _send_call(self, call: SlackCall) -> None:
        self._streams.send("call", _call_fields(call))

    def _send_view(self, shown: Shown) -> None:
        data = {"user": shown.user, "view": shown.view, "errors": shown.errors}
        self._streams.send("view", data)


def _call_fields(call: SlackCall) -> dict[str, Any]:
    """Return the fields of a call that the page shows."""
    fields = asdict(call)
    hidden = ("external_unique_id", "desktop_app_join_url", "created_by")
    return {name: value for name, value in fields.items() if name not in hidden}


async def _fields(request: web.Request, *names: str) -> list[str]:
    """Return fields of the request's JSON object, all of which must be strings."""
    body = await _body(request)
    values = [body.get(name) for name in names]
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) != len(names):
        raise _bad_request(f"A JSON object with these texts is needed: {', '.join(names)}.")
    return texts


async def _body(request: web.Request) -> dict[str, Any]:
    return json_object(await request.read()) or {}


def _bad_request(reason: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": reason}), content_type="application/json")

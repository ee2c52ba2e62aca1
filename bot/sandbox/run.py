"""Run the unmodified bot on this machine, with stand-ins for Slack and VideoSDK."""

import os
import re
import secrets
import shlex
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from tempfile import TemporaryDirectory

from aiohttp import web

from bot.manifest import MANIFEST
from bot.sandbox.bot import SandboxBot
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.page import server
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.terminal import show
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.serving import stop_signal
from bot.settings import converters
from bot.settings.settings import Settings, StartError
from bot.slack.listeners.shortcuts import SHORTCUTS
from bot.slack.wording.commands import commands
from bot.telemetry import logs

PORT = 8090  # the page's preferred port

_HOST = "127.0.0.1"
_COMMAND = "/meet"
_ESCAPED = re.compile(r"command: (\S+)\n(?: {6}.*\n)*? {6}should_escape: true")  # in the manifest
_LINKS_NOTE = "The links stop working when this command ends. To open them: python -m bot sandbox"
_WELCOME = """\
Meet for Slack is running between stand-ins for Slack and VideoSDK. Open

    {url}

{install}and type /meet Weekly sync us001. Press Ctrl-C to stop.
"""
_INSTALL = "press Add to Slack, "


@dataclass(frozen=True)
class Options:
    """Options of the sandbox.

    Attributes:
        socket: use Socket Mode instead of HTTP.
        version: VideoSDK's API version.
        oauth: run the bot for many workspaces; nobody has installed it yet.
        sign_in: whether people can, or must, sign in with Slack to join.
    """

    socket: bool = False
    version: str = "v2"
    oauth: bool = False
    sign_in: str = "optional"


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox.

    Attributes:
        slack: the Slack stand-in.
        videosdk: the VideoSDK stand-in.
        bot_url: the bot's address.
        settings: the bot's settings, by their names in the environment.
    """

    slack: SlackStandIn
    videosdk: VideoSDKStandIn
    bot_url: str
    settings: dict[str, str]

    @property
    def keys(self) -> dict[str, str]:
        """The addresses and made-up keys that a client of the stand-ins needs."""
        addresses = {
            "SANDBOX_URL": self.slack.url,
            "BOT_URL": self.bot_url,
            "EVENTS_URL": f"{self.bot_url}/slack/events",
        }
        return self.settings | addresses


async def run(port: int | None, options: Options, *, show_keys: bool = False) -> int:
    """Serve the page until Ctrl-C, and return the exit code.

    Args:
        port: the page's port; None for PORT, or a free one if that is in use.
        options: the sandbox's options.
        show_keys: print the addresses and keys as shell assignments, instead of a welcome.
    """
    stop = stop_signal()
    async with open_sandbox(port, options) as sandbox:
        if show_keys:
            lines = [f"{name}={shlex.quote(value)}" for name, value in sandbox.keys.items()]
            sys.stdout.write("\n".join([*lines, "# Press Ctrl-C to stop.\n"]))
        else:
            install = _INSTALL if options.oauth else ""
            sys.stdout.write(_WELCOME.format(url=sandbox.slack.url, install=install))
        sys.stdout.flush()
        await stop.wait()
    return 0


def read_port(typed: str | None) -> int | None:
    """Parse the --port option; return None if it is missing.

    Raises:
        StartError: it isn't a port.
    """
    if typed is None:
        return None
    try:
        return converters.port(typed)
    except ValueError as error:
        raise StartError(f"--port {error}.") from None


async def send(line: str, options: Options) -> int:
    """Send one line, print what Slack would show, and return the exit code."""
    async with open_sandbox(0, options) as sandbox:
        delivery = await sandbox.slack.command(line)
        calls = sandbox.slack.workspace.calls.by_id
        shown = [show(message, calls) for message in delivery.messages]
        shown += [_LINKS_NOTE] if any("http://" in text for text in shown) else []
        sys.stdout.write("\n\n".join(shown) + "\n")
    return 1 if delivery.error else 0


@asynccontextmanager
async def open_sandbox(
    port: int | None,
    options: Options = Options(),
) -> AsyncIterator[Sandbox]:
    """Start the stand-ins and the bot, which talk over real HTTP.

    Args:
        port: the page's port; None for PORT, or a free one if that is in use.
        options: the sandbox's options.

    Raises:
        StartError: the port can't be used.
    """
    logs.configure("WARNING", "text")
    keys = Keys()
    bot = SandboxBot()
    slack, videosdk = _stand_ins(keys, options, bot)
    async with AsyncExitStack() as stack:
        slack.url = await _serve(stack, slack.app, port)
        videosdk_url = await _serve(stack, videosdk.app, 0)
        bot_port = _free_port()
        bot_url = f"http://{_HOST}:{bot_port}"
        slack.oauth.redirect_urls = [
            f"{bot_url}/slack/{end}" for end in ("oauth_redirect", "sign_in")
        ]
        slack.unfurl_domains = [_HOST]
        directory = stack.enter_context(TemporaryDirectory())
        environment = keys.environment(options) | {
            "SLACK_API_URL": f"{slack.url}/api",
            "SLACK_COMMAND": _COMMAND,
            "VIDEOSDK_API_VERSION": options.version,
            "VIDEOSDK_API_ENDPOINT": videosdk_url,
            "VIDEOSDK_EMBED_URL": f"{videosdk_url}/embed/",
            "PUBLIC_URL": bot_url,
            "NOTES": "transcript",
            "INVITES": "message",
        }
        database = {"DATABASE_URL": f"sqlite:///{directory}/installs.db"}
        settings = replace(Settings.from_env(environment | database), port=bot_port)
        # The bot stops first, while the stand-ins answer: it waits for calls that a fault delays.
        stack.push_async_callback(bot.close)
        stack.callback(videosdk.faults.end)
        # It would also wait a second for connections that may be about to send a request.
        stack.push_async_callback(videosdk.webhooks.disconnect)
        await bot.open(settings)
        if not options.socket:
            slack.events_url = f"{bot_url}/slack/events"
        yield Sandbox(slack, videosdk, bot_url, environment)


@dataclass(frozen=True)
class Keys:
    """Random secrets for one sandbox."""

    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    bot_token: str = field(default_factory=lambda: f"xoxb-{secrets.token_hex(16)}")
    app_token: str = field(default_factory=lambda: f"xapp-{secrets.token_hex(16)}")
    client_id: str = field(default_factory=lambda: f"4{secrets.randbelow(10**9)}.1")
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    token_key: str = field(default_factory=lambda: secrets.token_hex(32))
    api_key: str = field(default_factory=lambda: secrets.token_hex(16))
    secret_key: str = field(default_factory=lambda: secrets.token_hex(32))

    def environment(self, options: Options) -> dict[str, str]:
        """Return the settings that hold these secrets."""
        environment = {
            "VIDEOSDK_API_KEY": self.api_key,
            "VIDEOSDK_SECRET_KEY": self.secret_key,
        }
        if options.socket:
            environment["SLACK_APP_TOKEN"] = self.app_token
        else:
            environment["SLACK_SIGNING_SECRET"] = self.signing_secret
        if options.oauth or options.sign_in != "off":
            environment["SLACK_CLIENT_ID"] = self.client_id
            environment["SLACK_CLIENT_SECRET"] = self.client_secret
            environment["SIGN_IN"] = options.sign_in
        if options.oauth:
            environment["TOKEN_KEYS"] = self.token_key
        else:
            environment["SLACK_BOT_TOKEN"] = self.bot_token
        return environment


def _stand_ins(
    keys: Keys, options: Options, bot: SandboxBot
) -> tuple[SlackStandIn, VideoSDKStandIn]:
    """Create both stand-ins with a shared journal, and mount the page."""
    journal, faults = Journal(), Faults()
    videosdk = VideoSDKStandIn(keys.api_key, keys.secret_key, faults=faults, journal=journal)
    slack = SlackStandIn(
        keys.signing_secret,
        "" if options.oauth else keys.bot_token,
        keys.app_token,
        command=_COMMAND,
        client_id=keys.client_id,
        client_secret=keys.client_secret,
        journal=journal,
    )
    server.mount(
        slack,
        commands=[asdict(command) for command in commands(_COMMAND)],
        shortcuts=[asdict(shortcut) for shortcut in SHORTCUTS],
        faults=faults,
        bot=bot,
    )
    manifest = MANIFEST.read_text(encoding="utf-8")
    slack.escaped = set(_ESCAPED.findall(manifest))
    slack.workspace.messages_tab = "messages_tab_enabled: true" in manifest
    return slack, videosdk


async def _serve(stack: AsyncExitStack, app: web.Application, port: int | None) -> str:
    """Serve an application until the stack closes, and return its address."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, _HOST, PORT if port is None else port).start()
    except OSError as error:
        if port is not None:
            reason = os.strerror(error.errno or 0).lower()
            raise StartError(
                f"The sandbox can't use port {port}: {reason}. Pick another."
            ) from None
        await web.TCPSite(runner, _HOST, 0).start()
    return f"http://{_HOST}:{runner.addresses[0][1]}"


def _free_port() -> int:
    """Return a free port for the bot, whose address must be known before it starts."""
    with socket.create_server((_HOST, 0)) as server:
        return int(server.getsockname()[1])

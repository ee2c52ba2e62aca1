"""Follow set-up instructions literally, like somebody who sets the bot up for the first time.

Slack, VideoSDK and hosts are simulated. The manifest, the settings in the steps, the doctor and the
bot, which serves over HTTP, are real.
"""

import json
import re
import shlex
import shutil
import tomllib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from bot.__main__ import _parser
from bot.app import open_bot
from bot.doctor.report import examine
from bot.doctor.trouble import WARNING, WRONG
from bot.manifest import MANIFEST, manifest_for
from bot.sandbox.slack.standin import SlackStandIn
from bot.settings.env_file import read_env_file
from bot.settings.settings import Settings
from tests.conftest import (
    API_KEY,
    APP_TOKEN,
    BOT_TOKEN,
    NOBODY,
    ROOT,
    SECRET_KEY,
    SIGNING_SECRET,
    free_port,
    until,
)
from tests.process import bot_process

_BLOCK = re.compile(r"^ *```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Mobile/15E148"}
_SECRETS = {  # by the words in which a step says where they are
    "Bot User OAuth Token": ("SLACK_BOT_TOKEN", BOT_TOKEN),
    "App-Level Tokens": ("SLACK_APP_TOKEN", APP_TOKEN),
    "Signing Secret": ("SLACK_SIGNING_SECRET", SIGNING_SECRET),
}


@dataclass
class Newcomer:
    """A person following the steps, what they have copied so far, and their host.

    Attributes:
        slack: Slack's stand-in.
        services: the settings with the stand-ins' addresses.
        clone: a clone of the repository.
        own_process: whether the bot runs in its own process.
        copied: the copied secrets, by setting.
        config: the environment variables on the host.
        address: the bot's address, once it is known.
        joined: the URL behind Join, and the page that a phone gets there.
    """

    slack: SlackStandIn
    services: dict[str, str]
    clone: Path
    own_process: bool
    copied: dict[str, str] = field(default_factory=dict)
    config: dict[str, str] = field(default_factory=dict)
    address: str = ""
    joined: tuple[str, str] | None = None
    _printed: str = ""
    _port: int = field(default_factory=free_port)
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def do(self, step: str) -> None:
        """Follow a step: first its code blocks, then the words in bold, in order."""
        for language, block in _BLOCK.findall(step):
            await self._run(language, block)
        prose = _BLOCK.sub("", step)
        if "app.videosdk.live/api-keys" in prose:
            self.copied |= {"VIDEOSDK_API_KEY": API_KEY, "VIDEOSDK_SECRET_KEY": SECRET_KEY}
        if "heroku.com/deploy" in prose:
            await self._press_heroku_button()
        if "dashboard.render.com/blueprint/new" in prose:
            await self._deploy_blueprint()
        for words in re.findall(r"\*\*(.+?)\*\*", prose, re.DOTALL):
            await self._choose(" ".join(words.split()), prose)
        if "In `.env`, fill in" in prose:
            self._edit_env_file(re.findall(r"`([A-Z_]+)`", prose))

    async def stop(self) -> None:
        """Stop the bot if it is running."""
        await self._running.aclose()
        self._running = AsyncExitStack()

    async def _choose(self, words: str, step: str) -> None:
        """Choose something on a page of Slack or the host."""
        if words in _SECRETS:
            assert self.slack.events_url or self._printed, "there is no app yet"
            name, self.copied[name] = _SECRETS[words]
        else:
            await _CHOICES[words](self, step)

    async def _save_manifest(self, step: str) -> None:
        """Give Slack the manifest, which is the only source of the bot's address."""
        text = self._printed if "printed" in step else MANIFEST.read_text(encoding="utf-8")
        if self.address:
            text = text.replace("meet.example.com", self.address.removeprefix("https://"))
        manifest = yaml.safe_load(text)
        self.slack.scopes = set(manifest["oauth_config"]["scopes"]["bot"])
        if not manifest["settings"]["socket_mode_enabled"]:
            url = manifest["features"]["slash_commands"][0]["url"]
            self.slack.events_url = self._reach(url) if self.address else NOBODY

    async def _press_heroku_button(self) -> None:
        env = json.loads((ROOT / "app.json").read_text(encoding="utf-8"))["env"]
        fields = {name: one.get("value", one.get("required")) for name, one in env.items()}
        await self._submit({name: one for name, one in fields.items() if one is not False})

    async def _deploy_blueprint(self) -> None:
        [service] = yaml.safe_load((ROOT / "render.yaml").read_bytes())["services"]
        self.address = f"https://{service['name']}.onrender.com"
        self.config["RENDER_EXTERNAL_URL"] = self.address
        await self._submit({one["key"]: one.get("value") for one in service["envVars"]})

    async def _submit(self, form: Mapping[str, str | None]) -> None:
        """Submit a host's form, keeping the values that it proposes."""
        self.config |= {name: value or self.copied[name] for name, value in form.items()}
        await self._serve(self.config)

    async def _see_address(self, _: str) -> None:
        self.address = "https://meet-1a2b3c4d5e6f.example.com"

    async def _set_public_url(self, step: str) -> None:
        await self._see_address(step)
        self.config["PUBLIC_URL"] = self.address
        await self._serve(self.config)

    async def _add_variables(self, step: str) -> None:
        pairs = re.findall(r"`([A-Z_]+)`(?: \(`(.+?)`\))?", step)
        self._set([f"{name}={value}" for name, value in pairs])

    def _set(self, pairs: Iterable[str]) -> None:
        """Set a host's variables; values missing in this step come from earlier ones."""
        for name, value in (pair.split("=", 1) for pair in pairs):
            known = self.copied | {"PUBLIC_URL": self.address}
            self.config[name] = value if value and "…" not in value else known[name]

    def _edit_env_file(self, names: Sequence[str]) -> None:
        """Fill in `.env`, which has a line for each setting."""
        path = self.clone / ".env"
        text = path.read_text(encoding="utf-8")
        known = self.copied | {"PUBLIC_URL": self.address}
        for name in names:
            text, found = re.subn(rf"(?m)^(# )?{name}=.*$", f"{name}={known[name]}", text)
            assert found == 1, name
        path.write_text(text, encoding="utf-8")

    async def _run(self, language: str, block: str) -> None:
        """Run a shell block, or save a host's file."""
        if language == "toml":
            self.config |= tomllib.loads(re.sub("(?m)^ {3}", "", block))["env"]
        for line in block.replace("\\\n", " ").splitlines() if language == "sh" else []:
            command = " ".join(line.split())
            played = [one for pattern, one in _COMMANDS.items() if re.fullmatch(pattern, command)]
            assert played, f"nobody plays {command}"
            await played[0](self, shlex.split(command))

    async def _nothing(self, _: object) -> None:
        """Do nothing: later steps don't depend on it."""

    async def _copy_file(self, words: list[str]) -> None:
        shutil.copy(self.clone / words[1], self.clone / words[2])

    async def _open_tunnel(self, words: list[str]) -> None:
        assert words[-1] == f"http://localhost:{Settings.port}"
        self.address = "https://tall-red-fish.trycloudflare.com"

    async def _create_app(self, words: list[str]) -> None:
        self.address = f"https://meet-1a2b3c4d5e6f.{words[0]}.example"

    async def _create_scalingo_app(self, words: list[str]) -> None:
        self.address = f"https://{words[-1]}.osc-fr1.scalingo.io"

    async def _create_fly_app(self, words: list[str]) -> None:
        self.config["FLY_APP_NAME"] = words[-1]
        self.address = f"https://{words[-1]}.fly.dev"

    async def _create_railway_domain(self, _: list[str]) -> None:
        self.config["RAILWAY_PUBLIC_DOMAIN"] = "meet-production.up.railway.app"
        self.address = "https://meet-production.up.railway.app"

    async def _set_variables(self, words: list[str]) -> None:
        self._set(word for word in words if "=" in word)

    async def _deploy(self, _: list[str]) -> None:
        await self._serve(self.config)

    async def _print_manifest(self, words: list[str]) -> None:
        options = _parser().parse_args(words[3:])
        url = options.url and self.address
        self._printed = manifest_for({}, url=url, socket=options.socket)

    async def _start(self, _: list[str]) -> None:
        await self._serve(read_env_file(self.clone / ".env"))

    async def _ask_doctor(self, _: list[str]) -> None:
        """Run the doctor, which must find nothing wrong; the address leads to this machine."""
        environ = self.config | self.services | {"PUBLIC_URL": self._reach(self.address)}
        assert [f async for f in examine(environ) if f.level in (WARNING, WRONG)] == []

    async def _serve(self, config: Mapping[str, str]) -> None:
        """Run the bot with exactly these settings, stopping one that is running."""
        await self.stop()
        environ = {**config, **self.services, "PORT": str(self._port)}
        if self.own_process:
            process = await self._running.enter_async_context(bot_process(environ))
            await process.until("serving")
        else:
            await self._running.enter_async_context(open_bot(Settings.from_env(environ)))
        if "SLACK_APP_TOKEN" in environ:
            await until(lambda: self.slack.sockets.connected)

    async def _join(self, step: str) -> None:
        """Send the step's command, and open the URL behind Join like a phone."""
        [typed] = re.findall(r"`(/.+?)`", step)
        delivery = await self.slack.command(typed)
        assert delivery.error == "", delivery.error
        blocks: list[dict[str, Any]] = delivery.messages[-1].blocks or []
        [call] = [block["call_id"] for block in blocks if block["type"] == "call"]
        join_url = self.slack.workspace.calls.by_id[call].join_url
        async with aiohttp.ClientSession(headers=_PHONE) as phone:
            page = await phone.get(self._reach(join_url))
            assert page.status == 200
            self.joined = join_url, await page.text()

    def _reach(self, url: str) -> str:
        """Return the address on this machine that a public address leads to."""
        return url.replace(self.address, f"http://127.0.0.1:{self._port}")


_CHOICES: dict[str, Callable[[Newcomer, str], Awaitable[None]]] = {
    **dict.fromkeys(["Install App", "Basic Information"], Newcomer._nothing),
    "From a manifest": Newcomer._save_manifest,
    "App Manifest": Newcomer._save_manifest,
    "Settings": Newcomer._set_public_url,
    "Enable HTTPS": Newcomer._see_address,
    "App Configs": Newcomer._add_variables,
    "Join": Newcomer._join,
}
_DOCTOR = r"python -m bot doctor"
_COMMANDS: dict[str, Callable[[Newcomer, list[str]], Awaitable[None]]] = {
    r"make install": Newcomer._nothing,
    r"heroku login": Newcomer._nothing,
    r"railway (init --name \S+|add --service \S+ --variables PORT=3000)": Newcomer._nothing,
    r"railway environment edit --message \".+\" --service-config .+": Newcomer._nothing,
    r"dokku (apps:create|letsencrypt:enable) \S+": Newcomer._nothing,
    r"sudo dokku plugin:install \S+": Newcomer._nothing,
    r"dokku letsencrypt:(set --global email \S+|cron-job --add)": Newcomer._nothing,
    r"git remote add dokku \S+": Newcomer._nothing,
    r"cp \S+ \S+": Newcomer._copy_file,
    r"cloudflared tunnel --url \S+": Newcomer._open_tunnel,
    r"(heroku create|dokku domains:set \S+ \S+)": Newcomer._create_app,
    r"scalingo create \S+": Newcomer._create_scalingo_app,
    r"railway domain --service \S+ --port 3000": Newcomer._create_railway_domain,
    r"fly apps create \S+": Newcomer._create_fly_app,
    r"(heroku config:set|fly secrets set --stage|dokku config:set --no-restart|"
    r"scalingo --app \S+ env-set|railway variable set --service \S+ --skip-deploys) .+": (
        Newcomer._set_variables
    ),
    r"git push (heroku|dokku|scalingo) main": Newcomer._deploy,
    r"railway up --service \S+|(fly|caprover) deploy": Newcomer._deploy,
    rf"(heroku run --|dokku run meet) {_DOCTOR}": Newcomer._ask_doctor,
    rf"scalingo --app \S+ run '{_DOCTOR}'": Newcomer._ask_doctor,
    rf"fly ssh console --command \"sh -c 'cd /app && {_DOCTOR}'\"": Newcomer._ask_doctor,
    r"\.venv/bin/python -m bot": Newcomer._start,
    r"\.venv/bin/python -m bot manifest .+": Newcomer._print_manifest,
}

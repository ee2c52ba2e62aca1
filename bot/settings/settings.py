"""Read the settings from the environment, and report everything wrong with them at once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Self, TypeVar
from urllib.parse import unquote

from bot.settings import converters
from bot.settings.database_address import database_url
from bot.settings.misspellings import misspelled
from bot.settings.public_address import public_address
from bot.videosdk import ENDPOINT, FILE_HOSTS, REGIONS

T = TypeVar("T")

SLACK_API = "https://slack.com/api/"
DATABASE_URL = "sqlite:///meet-for-slack.db"
EMBED_URL = "https://embed.videosdk.live/rtc-js-prebuilt/0.3.44/"

_SLACK_APP = "api.slack.com/apps, your app"
_VIDEOSDK_KEYS = "app.videosdk.live/api-keys"
# Where to get the values without a default.
_SOURCES = {
    "SLACK_SIGNING_SECRET": f"{_SLACK_APP}, Basic Information, Signing Secret "
    "(not needed with SLACK_APP_TOKEN)",
    "SLACK_BOT_TOKEN": f"{_SLACK_APP}, OAuth & Permissions, Bot User OAuth Token "
    "(for many workspaces, set SLACK_CLIENT_ID instead)",
    "SLACK_APP_TOKEN": f"{_SLACK_APP}, Basic Information, App-Level Tokens",
    "SLACK_CLIENT_ID": f"{_SLACK_APP}, Basic Information",
    "SLACK_CLIENT_SECRET": f"{_SLACK_APP}, Basic Information",
    "TOKEN_KEYS": "openssl rand -hex 32 (keep it: it decrypts the stored tokens)",
    "PUBLIC_URL": "your host (the address where people reach the bot, and install it)",
    "VIDEOSDK_API_KEY": _VIDEOSDK_KEYS,
    "VIDEOSDK_SECRET_KEY": _VIDEOSDK_KEYS,
}


_MAX_LISTED = 20  # unknown settings
_PASSWORD = re.compile(r"://[^/:@]*:(.+)@")  # in a database's address
_LOGIN = re.compile(r"://(?:[^/:@]*:)?([^/@]+)@")  # the secret part of a proxy's address
_BOT_TOKEN = converters.starts_with("xoxb-", "xoxe.xoxb-")


class StartError(Exception):
    """The bot can't run; the message is for its operator."""


class SettingsError(StartError):
    """Settings are missing or can't work; the message lists them with their fixes.

    Attributes:
        problems: one or two sentences per setting.
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        count = "1 setting needs" if len(problems) == 1 else f"{len(problems)} settings need"
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"Meet for Slack can't start: {count} attention.\n{lines}")


@dataclass(frozen=True)
class Settings:
    """Everything that an operator can set. The repr omits secrets."""

    videosdk_api_key: str = field(repr=False)
    videosdk_secret_key: str = field(repr=False)
    slack_bot_token: str | None = field(default=None, repr=False)
    slack_client_id: str | None = None
    slack_client_secret: str | None = field(default=None, repr=False)
    slack_signing_secret: str | None = field(default=None, repr=False)
    slack_app_token: str | None = field(default=None, repr=False)
    slack_command: str = "/meet"
    slack_api_url: str = SLACK_API
    videosdk_auth_scheme: str = "bare"
    videosdk_api_endpoint: str = ENDPOINT
    videosdk_api_version: str = "v1"
    videosdk_default_region: str | None = None
    videosdk_regions: Mapping[str, str] = field(default_factory=lambda: REGIONS)
    join_url_template: str | None = None
    public_url: str | None = None
    sign_in: str = "off"
    support_url: str | None = None
    privacy_url: str | None = None
    live_cards: str = "on"
    notes: str = "off"
    notes_prompt: str | None = None
    notes_language: str | None = None
    invites: str = "mention"
    videosdk_embed_url: str = EMBED_URL
    videosdk_file_hosts: tuple[str, ...] = FILE_HOSTS
    database_url: str = field(default=DATABASE_URL, repr=False)
    token_keys: tuple[str, ...] = field(default=(), repr=False)
    meetings_per_user: int | None = None
    meetings_per_team: int | None = None
    metrics_token: str | None = field(default=None, repr=False)
    https_proxy: str | None = field(default=None, repr=False)
    http_proxy: str | None = field(default=None, repr=False)
    no_proxy: str | None = None
    ssl_cert_file: str | None = None
    keep_alive_seconds: int = 75
    host: str = "127.0.0.1"
    port: int = 3000
    log_format: str = "auto"
    log_level: str = "INFO"

    @property
    def has_live_cards(self) -> bool:
        """Whether cards show who is in a meeting; needs v2's webhooks and the bot's join page."""
        has_page = self.public_url is not None and self.join_url_template is None
        return has_page and self.videosdk_api_version == "v2" and self.live_cards == "on"

    @property
    def serves_many(self) -> bool:
        """Whether any workspace may install the bot; with a bot token, it is for that one."""
        return self.slack_client_id is not None and self.slack_bot_token is None

    @property
    def signs_in(self) -> bool:
        """Whether people can sign in with Slack."""
        return self.sign_in != "off"

    @property
    def has_notes(self) -> bool:
        """Whether live cards offer notes of the call."""
        return self.notes == "transcript" and self.has_live_cards

    @property
    def secrets(self) -> list[str]:
        """Every value to mask in logs and messages."""
        hidden = [getattr(self, item.name) for item in fields(self) if not item.repr]
        keys = [key for value in hidden for key in (value if isinstance(value, tuple) else [value])]
        password = _PASSWORD.search(self.database_url)
        keys += [password[1]] if password else []
        proxies = [self.https_proxy or "", self.http_proxy or ""]
        logins = [login[1] for login in map(_LOGIN.search, proxies) if login]
        keys += [*logins, *map(unquote, logins)]
        return [key for key in keys if key and key not in (self.database_url, *proxies)]

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from an environment.

        Raises:
            SettingsError: some are missing or malformed.
        """
        read = _Reader({**environ, "PUBLIC_URL": public_address(environ)[0]})
        app_token = read.optional("SLACK_APP_TOKEN", converters.starts_with("xapp-"))
        signing = read.optional if read.has("SLACK_APP_TOKEN") else read.required
        sign_in = read.choice("SIGN_IN", "off", "optional", "required")
        signs_in, has_app = sign_in != "off", read.has("SLACK_CLIENT_ID")
        has_oauth = has_app and not (signs_in and read.has("SLACK_BOT_TOKEN"))
        with_oauth = read.required if has_oauth else read.optional
        with_app = read.required if has_app or signs_in else read.optional
        regions = dict(REGIONS) | (read.optional("VIDEOSDK_REGIONS", converters.regions) or {})
        settings = cls(
            slack_bot_token=None if has_oauth else read.required("SLACK_BOT_TOKEN", _BOT_TOKEN),
            slack_client_id=with_app("SLACK_CLIENT_ID", converters.client_id),
            slack_client_secret=with_app("SLACK_CLIENT_SECRET", converters.key),
            slack_signing_secret=signing("SLACK_SIGNING_SECRET", converters.signing_secret),
            slack_app_token=app_token,
            slack_command=read.optional("SLACK_COMMAND", converters.command) or cls.slack_command,
            slack_api_url=read.optional("SLACK_API_URL", converters.base_url) or cls.slack_api_url,
            videosdk_api_key=read.required("VIDEOSDK_API_KEY", converters.key),
            videosdk_secret_key=read.required("VIDEOSDK_SECRET_KEY", converters.key),
            videosdk_auth_scheme=read.choice("VIDEOSDK_AUTH_SCHEME", "bare", "bearer"),
            videosdk_api_endpoint=read.optional("VIDEOSDK_API_ENDPOINT", converters.base_url)
            or ENDPOINT,
            videosdk_api_version=read.choice("VIDEOSDK_API_VERSION", "v1", "v2"),
            videosdk_default_region=read.optional(
                "VIDEOSDK_DEFAULT_REGION",
                converters.one_of(regions, "; VIDEOSDK_REGIONS can add others"),
            ),
            videosdk_regions=regions,
            join_url_template=read.optional("JOIN_URL_TEMPLATE", converters.join_url_template),
            public_url=with_app("PUBLIC_URL", converters.public_url),
            sign_in=sign_in,
            support_url=read.optional("SUPPORT_URL", converters.contact),
            privacy_url=read.optional("PRIVACY_URL", converters.url),
            live_cards=read.choice("LIVE_CARDS", "on", "off"),
            notes=read.choice("NOTES", "off", "transcript"),
            notes_prompt=read.optional("NOTES_PROMPT", converters.prompt),
            notes_language=read.optional("NOTES_LANGUAGE", converters.language),
            invites=read.choice("INVITES", "mention", "message"),
            videosdk_embed_url=read.optional("VIDEOSDK_EMBED_URL", converters.base_url)
            or EMBED_URL,
            videosdk_file_hosts=read.optional("VIDEOSDK_FILE_HOSTS", converters.hosts)
            or FILE_HOSTS,
            database_url=read.optional(
                "DATABASE_URL", database_url if has_oauth else str, DATABASE_URL
            )
            or DATABASE_URL,
            token_keys=with_oauth("TOKEN_KEYS", converters.fernet_keys) or (),
            meetings_per_user=read.optional("MEETINGS_PER_USER", converters.count),
            meetings_per_team=read.optional("MEETINGS_PER_TEAM", converters.count),
            metrics_token=read.optional("METRICS_TOKEN", converters.long_secret),
            https_proxy=read.conventional("HTTPS_PROXY", converters.proxy),
            http_proxy=read.conventional("HTTP_PROXY", converters.proxy),
            no_proxy=read.conventional("NO_PROXY", str),
            ssl_cert_file=read.optional("SSL_CERT_FILE", converters.certificates),
            keep_alive_seconds=read.optional("KEEP_ALIVE_SECONDS", converters.count)
            or cls.keep_alive_seconds,
            host=read.optional("BIND_HOST", converters.bind_host)
            or ("0.0.0.0" if read.has("PORT") else cls.host),  # noqa: S104 - hosts route to it
            port=cls.port if (port := read.optional("PORT", converters.port)) is None else port,
            log_format=read.choice("LOG_FORMAT", "auto", "text", "json"),
            log_level=read.choice("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR"),
        )
        if has_oauth and read.has("SLACK_BOT_TOKEN"):
            read.problems.append(
                "SLACK_BOT_TOKEN must be removed when SLACK_CLIENT_ID is set: the token is for "
                "one workspace, and the client ID lets any workspace install the bot. (To let "
                "people sign in with Slack in one workspace, keep both and set SIGN_IN.)"
            )
        if signs_in and read.has("JOIN_URL_TEMPLATE"):
            read.problems.append(
                "JOIN_URL_TEMPLATE must be removed when SIGN_IN is set: only the bot's own join "
                "page can ask who somebody is."
            )
        if read.problems:
            raise SettingsError(read.problems)
        return settings


NAMES = frozenset({item.name.upper() for item in fields(Settings)} - {"HOST"} | {"BIND_HOST"})


def unknown_settings(environ: Mapping[str, str]) -> dict[str, str | None]:
    """Return names that look like settings but aren't, each with the nearest setting, if any."""
    return misspelled(environ, NAMES)


def list_unknown(environ: Mapping[str, str]) -> str:
    """Return `unknown_settings` as text; "" if there are none."""
    unknown = list(unknown_settings(environ).items())[:_MAX_LISTED]
    return ", ".join(f"{n} (did you mean {m}?)" if m else n for n, m in unknown)


class _Reader:
    """Reads settings one by one, and collects the problems."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def has(self, name: str) -> bool:
        return bool(self._environ.get(name, "").strip())

    def required(self, name: str, convert: Callable[[str], T]) -> T:
        if not self.has(name):
            typed = [
                wrong for wrong, meant in unknown_settings(self._environ).items() if meant == name
            ]
            hint = f" Is {typed[0]} a misspelling of it?" if typed else ""
            self.problems.append(f"{name} is missing.{hint} Get it from: {_SOURCES[name]}.")
        return self.optional(name, convert)  # type: ignore[return-value] # None is a problem too

    def optional(self, name: str, convert: Callable[[str], T], default: str = "") -> T | None:
        value = self._environ.get(name, "").strip() or default
        if not value:
            return None
        try:
            return convert(converters.bare(value))
        except ValueError as error:
            source = f" Get it from: {_SOURCES[name]}." if name in _SOURCES else ""
            self.problems.append(f"{name} {error}.{source}")
            return None

    def conventional(self, name: str, convert: Callable[[str], T]) -> T | None:
        """Read a variable that other programs also use, some of them in lower case."""
        return self.optional(name if self.has(name) else name.lower(), convert)

    def choice(self, name: str, default: str, *others: str) -> str:
        known = {word.lower(): word for word in (default, *others)}
        chosen = self.optional(name, converters.one_of(known))
        return known[chosen] if chosen else default

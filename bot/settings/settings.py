"""Read the settings from the environment, and report everything wrong with them at once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Self
from urllib.parse import unquote

from bot.settings import converters
from bot.settings.database_address import database_url
from bot.settings.misspellings import misspelled
from bot.settings.public_address import public_address
from bot.videosdk import ENDPOINT, FILE_HOSTS, REGIONS

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
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
_MAX_LISTED = 20  # unknown settings
_PASSWORD = re.compile(r"://[^/:@]*:(.+)@")  # in a database's address
_LOGIN = re.compile(r"://(?:[^/:@]*:)?([^/@]+)@")  # the secret part of a proxy's address


class StartError(Exception):
    """The bot can't run; the message is for its operator.

    Attributes:
        exit_code: of the process.
    """

    exit_code = 1


class SettingsError(StartError):
    """Settings are missing or can't work; the message lists them with their fixes.

    Attributes:
        problems: one or two sentences per setting.
    """

    exit_code = 2

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        count = "1 setting needs" if len(problems) == 1 else f"{len(problems)} settings need"
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"Meet for Slack can't start: {count} attention.\n{lines}")


def _setting(convert: Callable[[str], object], default: object = None) -> Any:
    """Return a field for a setting: how to convert its text, and its default."""
    return field(default=default, metadata={"convert": convert})


def _choice(*words: str) -> Any:
    """Return a field for one of these words; the first is the default."""
    return _setting(converters.one_of(words), words[0])


def _secret(convert: Callable[[str], object], default: object = None) -> Any:
    """Return a field for a setting that the repr omits."""
    return field(default=default, repr=False, metadata={"convert": convert})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that an operator can set. The repr omits secrets."""

    slack_app_token: str | None = _secret(converters.starts_with("xapp-"))
    slack_bot_token: str | None = _secret(converters.starts_with("xoxb-", "xoxe.xoxb-"))
    slack_client_id: str | None = _setting(converters.client_id)
    slack_client_secret: str | None = _secret(converters.key)
    slack_signing_secret: str | None = _secret(converters.signing_secret)
    slack_command: str = _setting(converters.command, "/meet")
    slack_api_url: str = _setting(converters.base_url, SLACK_API)
    videosdk_api_key: str = _secret(converters.key, MISSING)
    videosdk_secret_key: str = _secret(converters.key, MISSING)
    videosdk_auth_scheme: str = _choice("bare", "bearer")
    videosdk_api_endpoint: str = _setting(converters.base_url, ENDPOINT)
    videosdk_api_version: str = _choice("v1", "v2")
    videosdk_default_region: str | None = _setting(str.lower)
    videosdk_regions: Mapping[str, str] = field(
        default_factory=lambda: REGIONS, metadata={"convert": converters.regions}
    )
    join_url_template: str | None = _setting(converters.join_url_template)
    public_url: str | None = _setting(converters.public_url)
    sign_in: str = _choice("off", "optional", "required")
    support_url: str | None = _setting(converters.contact)
    privacy_url: str | None = _setting(converters.url)
    live_cards: str = _choice("on", "off")
    notes: str = _choice("off", "transcript")
    notes_prompt: str | None = _setting(converters.prompt)
    notes_language: str | None = _setting(converters.language)
    invites: str = _choice("mention", "message")
    videosdk_embed_url: str = _setting(converters.base_url, EMBED_URL)
    videosdk_file_hosts: tuple[str, ...] = _setting(converters.hosts, FILE_HOSTS)
    database_url: str = _secret(database_url, DATABASE_URL)
    token_keys: tuple[str, ...] = _secret(converters.fernet_keys, ())
    meetings_per_user: int | None = _setting(converters.count)
    meetings_per_team: int | None = _setting(converters.count)
    metrics_token: str | None = _secret(converters.long_secret)
    https_proxy: str | None = _secret(converters.proxy)
    http_proxy: str | None = _secret(converters.proxy)
    no_proxy: str | None = _setting(str)
    ssl_cert_file: str | None = _setting(converters.certificates)
    keep_alive_seconds: int = _setting(converters.count, 75)
    host: str = _setting(converters.bind_host, "127.0.0.1")
    port: int = _setting(converters.port, 3000)
    log_format: str = _choice("auto", "text", "json")
    log_level: str = _choice("INFO", "DEBUG", "WARNING", "ERROR")

    @property
    def has_live_cards(self) -> bool:
        """Whether cards show who is in a meeting; needs v2's webhooks and the bot's join page."""
        has_page = self.public_url is not None and self.join_url_template is None
        return has_page and self.videosdk_api_version == "v2" and self.live_cards == "on"

    @property
    def serves_many(self) -> bool:
        """Whether any workspace may install the bot; with a bot token, it serves only that one."""
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
        given = _complete(environ)
        problems = [_missing(name, environ) for name in _required(given) if name not in given]
        values: dict[str, Any] = {}
        for item in fields(cls):
            name = _variable(item.name)
            if name in _PROXIES and name not in given:
                name = name.lower()  # other programs read both spellings
            if name in given:
                try:
                    values[item.name] = item.metadata["convert"](converters.bare(given[name]))
                except ValueError as error:
                    source = f" Get it from: {_SOURCES[name]}." if name in _SOURCES else ""
                    problems.append(f"{name} {error}.{source}")
        problems += _contradictions(given, values)
        if problems:
            raise SettingsError(problems)
        return cls(**values)


def _variable(field_name: str) -> str:
    """Return the environment variable of a field."""
    return "BIND_HOST" if field_name == "host" else field_name.upper()


NAMES = frozenset(_variable(item.name) for item in fields(Settings))


def unknown_settings(environ: Mapping[str, str]) -> dict[str, str | None]:
    """Return names that look like settings but aren't, each with the nearest setting, if any."""
    return misspelled(environ, NAMES)


def list_unknown(environ: Mapping[str, str]) -> str:
    """Return `unknown_settings` as text; "" if there are none."""
    unknown = list(unknown_settings(environ).items())[:_MAX_LISTED]
    return ", ".join(f"{n} (did you mean {m}?)" if m else n for n, m in unknown)


def _complete(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that have a value, plus the settings that they imply."""
    given = {name: value.strip() for name, value in environ.items() if value.strip()}
    implied = {"PUBLIC_URL": public_address(environ)[0]}
    if "PORT" in given:
        implied["BIND_HOST"] = "0.0.0.0"  # noqa: S104 - hosts route to it
    if _serves_many(given):
        implied["DATABASE_URL"] = DATABASE_URL
    else:
        given.pop("DATABASE_URL", None)  # not used
    return {name: value for name, value in (implied | given).items() if value}


def _serves_many(given: Mapping[str, str]) -> bool:
    """Return whether any workspace may install the bot."""
    return "SLACK_CLIENT_ID" in given and not (_signs_in(given) and "SLACK_BOT_TOKEN" in given)


def _signs_in(given: Mapping[str, str]) -> bool:
    return given.get("SIGN_IN", "").lower() in ("optional", "required")


def _required(given: Mapping[str, str]) -> list[str]:
    """Return the names of the settings that are required, given these."""
    needs_app = "SLACK_CLIENT_ID" in given or _signs_in(given)
    names = ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "PUBLIC_URL"] if needs_app else []
    names.append("TOKEN_KEYS" if _serves_many(given) else "SLACK_BOT_TOKEN")
    if "SLACK_APP_TOKEN" not in given:
        names.append("SLACK_SIGNING_SECRET")
    return [*names, "VIDEOSDK_API_KEY", "VIDEOSDK_SECRET_KEY"]


def _missing(name: str, environ: Mapping[str, str]) -> str:
    typed = [wrong for wrong, meant in unknown_settings(environ).items() if meant == name]
    hint = f" Is {typed[0]} a misspelling of it?" if typed else ""
    return f"{name} is missing.{hint} Get it from: {_SOURCES[name]}."


def _contradictions(given: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    """Return the problems with settings that don't go together."""
    problems = []
    if _serves_many(given) and "SLACK_BOT_TOKEN" in given:
        problems.append(
            "SLACK_BOT_TOKEN must be removed when SLACK_CLIENT_ID is set: the token is for "
            "one workspace, and the client ID lets any workspace install the bot. (To let "
            "people sign in with Slack in one workspace, keep both and set SIGN_IN.)"
        )
    if _signs_in(given) and "JOIN_URL_TEMPLATE" in given:
        problems.append(
            "JOIN_URL_TEMPLATE must be removed when SIGN_IN is set: only the bot's own join "
            "page can ask who somebody is."
        )
    regions = values.get("videosdk_regions", REGIONS)
    if values.get("videosdk_default_region", next(iter(regions))) not in regions:
        problems.append(
            f"VIDEOSDK_DEFAULT_REGION must be {converters.choices(regions)}; VIDEOSDK_REGIONS can "
            "add others."
        )
    return problems

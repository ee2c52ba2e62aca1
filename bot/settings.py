"""Read the settings from the environment, and say at once everything that is wrong with them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Self, TypeVar
from urllib.parse import urlsplit

from bot.videosdk import ENDPOINT, REGIONS

T = TypeVar("T")

SLACK_API = "https://slack.com/api/"
_HIGHEST_PORT = 65535

_SLACK_APP = "api.slack.com/apps, your app"
_VIDEOSDK_KEYS = "app.videosdk.live/api-keys"
# Where to get each value that has no default.
_SOURCES = {
    "SLACK_SIGNING_SECRET": f"{_SLACK_APP}, Basic Information, Signing Secret "
    "(not needed with SLACK_APP_TOKEN)",
    "SLACK_BOT_TOKEN": f"{_SLACK_APP}, OAuth & Permissions, Bot User OAuth Token",
    "SLACK_APP_TOKEN": f"{_SLACK_APP}, Basic Information, App-Level Tokens",
    "VIDEOSDK_API_KEY": _VIDEOSDK_KEYS,
    "VIDEOSDK_SECRET_KEY": _VIDEOSDK_KEYS,
}


class StartError(Exception):
    """The bot cannot run; the message is for whoever runs it."""


class SettingsError(StartError):
    """Settings are missing or malformed; the message names every one and how to mend it."""

    def __init__(self, problems: list[str]) -> None:
        count = "1 setting needs" if len(problems) == 1 else f"{len(problems)} settings need"
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"Meet for Slack cannot start: {count} attention.\n{lines}")


@dataclass(frozen=True)
class Settings:
    """Everything that an operator can set. Secrets stay out of its repr."""

    slack_bot_token: str = field(repr=False)
    videosdk_api_key: str = field(repr=False)
    videosdk_secret_key: str = field(repr=False)
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
    host: str = "127.0.0.1"
    port: int = 3000
    log_format: str = "auto"
    log_level: str = "INFO"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Return the settings that an environment holds.

        Raises:
            SettingsError: some are missing or malformed.
        """
        read = _Reader(environ)
        app_token = read.optional("SLACK_APP_TOKEN", _starts_with("xapp-"))
        signing = read.optional if app_token else read.required
        regions = dict(REGIONS) | (read.optional("VIDEOSDK_REGIONS", _regions) or {})
        settings = cls(
            slack_bot_token=read.required("SLACK_BOT_TOKEN", _starts_with("xoxb-", "xoxe.xoxb-")),
            slack_signing_secret=signing("SLACK_SIGNING_SECRET", _secret),
            slack_app_token=app_token,
            slack_command=read.optional("SLACK_COMMAND", _command) or cls.slack_command,
            slack_api_url=read.optional("SLACK_API_URL", _slack_api) or cls.slack_api_url,
            videosdk_api_key=read.required("VIDEOSDK_API_KEY", _secret),
            videosdk_secret_key=read.required("VIDEOSDK_SECRET_KEY", _secret),
            videosdk_auth_scheme=read.choice("VIDEOSDK_AUTH_SCHEME", "bare", "bearer"),
            videosdk_api_endpoint=read.optional("VIDEOSDK_API_ENDPOINT", _url) or ENDPOINT,
            videosdk_api_version=read.choice("VIDEOSDK_API_VERSION", "v1"),
            videosdk_default_region=read.optional("VIDEOSDK_DEFAULT_REGION", _one_of(regions)),
            videosdk_regions=regions,
            join_url_template=read.optional("JOIN_URL_TEMPLATE", _join_url_template),
            host="0.0.0.0" if environ.get("PORT") else cls.host,  # noqa: S104 - hosts route to it
            port=cls.port if (port := read.optional("PORT", _port)) is None else port,
            log_format=read.choice("LOG_FORMAT", "auto", "text", "json"),
            log_level=read.choice("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR"),
        )
        if read.problems:
            raise SettingsError(read.problems)
        return settings


class _Reader:
    """Read one setting after the other, and keep what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def required(self, name: str, convert: Callable[[str], T]) -> T:
        value = self.optional(name, convert)
        if value is None and not self._environ.get(name, "").strip():
            self.problems.append(f"{name} is missing. Get it from: {_SOURCES[name]}.")
        return value  # type: ignore[return-value] # None never leaves from_env: it is a problem

    def optional(self, name: str, convert: Callable[[str], T]) -> T | None:
        value = self._environ.get(name, "").strip()
        if not value:
            return None
        try:
            return convert(value)
        except ValueError as error:
            source = f" Get it from: {_SOURCES[name]}." if name in _SOURCES else ""
            self.problems.append(f"{name} {error}.{source}")
            return None

    def choice(self, name: str, default: str, *others: str) -> str:
        known = {word.lower(): word for word in (default, *others)}
        chosen = self.optional(name, lambda value: _one_of(known)(value.lower()))
        return known[chosen] if chosen else default


# Converters raise ValueError with what follows the setting's name. No secret is ever repeated.


def _secret(value: str) -> str:
    if value[0] in "\"'" or re.search(r"\s", value):
        raise ValueError("has quotes around it or spaces in it; take them out")
    return value


def _starts_with(*prefixes: str) -> Callable[[str], str]:
    def convert(value: str) -> str:
        if not value.startswith(prefixes):
            raise ValueError(f"must begin with {prefixes[0]}; this looks like another value")
        return _secret(value)

    return convert


def _one_of(known: Mapping[str, str]) -> Callable[[str], str]:
    def convert(value: str) -> str:
        if value.lower() not in known:
            raise ValueError(f'is "{value}"; it must be one of {", ".join(known)}')
        return value.lower()

    return convert


def _command(value: str) -> str:
    # Slack allows 32 characters, and "-check" follows for the second command.
    if not re.fullmatch(r"/[a-z0-9_-]{1,25}", value):
        raise ValueError(f'is "{value}"; it must be like /meet, in small letters')
    return value


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ValueError(f'is "{value}"; it must be an https:// address')
    if not parts.hostname or re.search(r"[\s<>|]", value):
        raise ValueError(f'is "{value}"; it is not an address')
    return value


def _slack_api(value: str) -> str:
    return _url(value).rstrip("/") + "/"


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _join_url_template(value: str) -> str:
    example = "https://meet.example.com/{meeting_id}"
    if "{meeting_id}" not in value:
        raise ValueError(f'is "{value}"; it must have {{meeting_id}} in it, like {example}')
    _url(value.replace("{meeting_id}", "87i6-bvw8-dtn1"))
    return value


def _regions(value: str) -> dict[str, str]:
    """Read `code=Place,code=Place`; a place may have a comma in it."""
    pairs = re.split(r"\s*,\s*(?=[^,=]+=)", value.strip(" ,"))
    matches = [re.fullmatch(r"([\w-]{2,32})\s*=\s*(.+)", pair, re.ASCII) for pair in pairs]
    if not all(matches):
        raise ValueError(f'is "{value}"; it must be like uk001=London,us002=Ohio')
    return {match[1].lower(): match[2].strip() for match in matches if match}


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value[:6]) > _HIGHEST_PORT:
        raise ValueError(f'is "{value}"; it must be a number up to {_HIGHEST_PORT}')
    return int(value)

"""Read the settings from the environment, and say at once everything that is wrong with them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Self, TypeVar

from bot.videosdk import ENDPOINT, REGIONS

T = TypeVar("T")

SLACK_API = "https://slack.com/api/"
EMBED_URL = "https://embed.videosdk.live/rtc-js-prebuilt/0.3.44/"
_HIGHEST_PORT = 65535
_LONGEST_URL = 2000  # characters; Slack shows no button whose address has more than 3000
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[^\s/?#@:\"<>|\[\]]+|\[[0-9a-f:]+\])(:(?P<port>[0-9]{1,5}))?"
    r"([/?#][^\s\"<>|]*)?",
    re.IGNORECASE,
)

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
    public_url: str | None = None
    videosdk_embed_url: str = EMBED_URL
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
        signing = read.optional if read.has("SLACK_APP_TOKEN") else read.required
        regions = dict(REGIONS) | (read.optional("VIDEOSDK_REGIONS", _regions) or {})
        settings = cls(
            slack_bot_token=read.required("SLACK_BOT_TOKEN", _starts_with("xoxb-", "xoxe.xoxb-")),
            slack_signing_secret=signing("SLACK_SIGNING_SECRET", _key),
            slack_app_token=app_token,
            slack_command=read.optional("SLACK_COMMAND", _command) or cls.slack_command,
            slack_api_url=read.optional("SLACK_API_URL", _base_url) or cls.slack_api_url,
            videosdk_api_key=read.required("VIDEOSDK_API_KEY", _key),
            videosdk_secret_key=read.required("VIDEOSDK_SECRET_KEY", _key),
            videosdk_auth_scheme=read.choice("VIDEOSDK_AUTH_SCHEME", "bare", "bearer"),
            videosdk_api_endpoint=read.optional("VIDEOSDK_API_ENDPOINT", _base_url) or ENDPOINT,
            videosdk_api_version=read.choice("VIDEOSDK_API_VERSION", "v1", "v2"),
            videosdk_default_region=read.optional(
                "VIDEOSDK_DEFAULT_REGION", _one_of(regions, "; VIDEOSDK_REGIONS can add others")
            ),
            videosdk_regions=regions,
            join_url_template=read.optional("JOIN_URL_TEMPLATE", _join_url_template),
            public_url=read.optional("PUBLIC_URL", _public_url),
            videosdk_embed_url=read.optional("VIDEOSDK_EMBED_URL", _base_url) or EMBED_URL,
            host="0.0.0.0" if read.has("PORT") else cls.host,  # noqa: S104 - hosts route to it
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

    def has(self, name: str) -> bool:
        return bool(self._environ.get(name, "").strip())

    def required(self, name: str, convert: Callable[[str], T]) -> T:
        if not self.has(name):
            self.problems.append(f"{name} is missing. Get it from: {_SOURCES[name]}.")
        return self.optional(name, convert)  # type: ignore[return-value] # None is a problem too

    def optional(self, name: str, convert: Callable[[str], T]) -> T | None:
        if not self.has(name):
            return None
        try:
            return convert(_bare(self._environ[name].strip()))
        except ValueError as error:
            source = f" Get it from: {_SOURCES[name]}." if name in _SOURCES else ""
            self.problems.append(f"{name} {error}.{source}")
            return None

    def choice(self, name: str, default: str, *others: str) -> str:
        known = {word.lower(): word for word in (default, *others)}
        chosen = self.optional(name, _one_of(known))
        return known[chosen] if chosen else default


# Converters raise ValueError with what follows the setting's name. They never repeat a value: in
# the wrong place, it may be a secret.


def _bare(value: str) -> str:
    if value[0] in "\"'":
        raise ValueError("has quotes around it; take them out")
    return value


def _secret(value: str) -> str:
    if not re.fullmatch(r"[!#-&(-~]+", value):
        raise ValueError("has a space, a quote or another stray character in it; copy it again")
    return value


def _starts_with(*prefixes: str) -> Callable[[str], str]:
    def convert(value: str) -> str:
        if not value.startswith(prefixes):
            raise ValueError(f"must begin with {prefixes[0]}; this is something else")
        return _secret(value)

    return convert


def _key(value: str) -> str:
    if value.startswith(("xox", "xapp-", "eyJ")):
        raise ValueError("is a token; a key or secret belongs here")
    return _secret(value)


def _one_of(known: Mapping[str, str], more: str = "") -> Callable[[str], str]:
    def convert(value: str) -> str:
        if value.lower() not in known:
            *others, last = known
            raise ValueError(f"must be {', '.join(others)}{' or ' if others else ''}{last}{more}")
        return value.lower()

    return convert


def _command(value: str) -> str:
    # Slack allows 32 characters, and "-check" follows for the second command.
    if not re.fullmatch(r"/[a-z0-9_-]{1,25}", value):
        raise ValueError("must be a slash and up to 25 small letters, digits, - or _, like /meet")
    return value


def _url(value: str) -> str:
    parts = _ADDRESS.fullmatch(value)
    if not parts or not value.isprintable() or int(parts["port"] or 0) > _HIGHEST_PORT:
        raise ValueError("is not an address like https://example.com")
    if parts["scheme"].lower() == "http" and not _is_loopback(parts["host"].strip("[]")):
        raise ValueError("must begin with https:// (http:// is for this machine only)")
    if len(value) > _LONGEST_URL:
        raise ValueError(f"is longer than {_LONGEST_URL} characters")
    return value


def _base_url(value: str) -> str:
    if "?" in value or "#" in value:
        raise ValueError("must end with the path, without ? and #")
    return _url(value).rstrip("/") + "/"


def _public_url(value: str) -> str:
    return _base_url(value).rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _join_url_template(value: str) -> str:
    filled = value.replace("{meeting_id}", "87i6-bvw8-dtn1")
    if filled == value or "{" in filled or "}" in filled:
        example = "https://meet.example.com/{meeting_id}"
        raise ValueError(f"must have {{meeting_id}} in it and no other braces, like {example}")
    _url(filled)
    return value


def _regions(value: str) -> dict[str, str]:
    """Read `code=Place,code=Place`; a place may have a comma in it."""
    pairs = re.split(r"\s*,\s*(?=[^,=]+=)", value.strip(" ,"))
    matches = [re.fullmatch(r"([A-Za-z0-9-]{2,32})\s*=\s*([^=<>]{1,80})", pair) for pair in pairs]
    if not all(matches):
        raise ValueError("must be codes with their places, like uk001=London,us002=Ohio")
    return {match[1].lower(): match[2].strip() for match in matches if match}


def _port(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) > _HIGHEST_PORT:
        raise ValueError(f"must be a number from 0 to {_HIGHEST_PORT}")
    return int(value)

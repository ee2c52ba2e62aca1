"""Convert settings from text to values, or say what's wrong with them."""

import base64
import re
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from ipaddress import ip_address

from bot.videosdk import REGIONS

_HIGHEST_PORT = 65535
_SHORTEST_SECRET = 16  # characters
_SHORTEST_KEY = 8
# Placeholders that people forget to replace. They count as whole words only: inside a random key,
# the same letters may occur by chance.
_PLACEHOLDER = re.compile(
    r"…|\.{3}|\*{3}|<[^<>]*>|(?<![a-z0-9])(your(api|app|bot|client|key|secret|slack|token|video)?"
    r"|change[-_]?me|replace[-_]?me|placeholder|example|dummy|todo|undefined|x{3,})(?![a-z0-9])",
    re.IGNORECASE,
)
_EXAMPLE_CLIENT_ID = "1234567890.1234567890"  # as in .env.example
_EXAMPLE_HOST = "//your-meet.example.com"
_LONGEST_URL = 2000  # characters; Slack rejects buttons with URLs over 3000
_LONGEST_PROMPT = 4000
_HOST = r"(?P<host>[^\s/?#@:\"<>|\[\]]+|\[[0-9a-f:]+\])(:(?P<port>[0-9]{1,5}))?"
_ADDRESS = re.compile(
    rf"(?P<scheme>https?)://{_HOST}([/?#][^\s\"<>|]*)?",
    re.IGNORECASE,
)
_PROXY = re.compile(rf"https?://([^\s/?#@:]+(:[^\s/?#@]*)?@)?{_HOST}/?", re.IGNORECASE)
# Slack allows 32 characters, and the second command adds "-check".
COMMAND = re.compile(r"/[a-z0-9_-]{1,25}")

# Converters raise ValueError; the message follows the setting's name. It never repeats the value,
# which may be a secret pasted into the wrong setting.


def bare(value: str) -> str:
    if value[0] in "\"'":
        raise ValueError("has quotes around it; remove them")
    return value


def secret(value: str) -> str:
    if _PLACEHOLDER.search(value) or re.fullmatch(r"(.)\1*", value):
        raise ValueError("is a placeholder; replace it with the real value")
    if not re.fullmatch(r"[!#-&(-~]+", value):
        raise ValueError("has a space, a quote or another stray character in it; copy it again")
    if len(value) < _SHORTEST_KEY:
        raise ValueError("is too short to be real; copy it again")
    return value


def starts_with(*prefixes: str) -> Callable[[str], str]:
    def convert(value: str) -> str:
        if not value.startswith(prefixes):
            raise ValueError(f"must begin with {prefixes[0]}, and this doesn't")
        return secret(value)

    return convert


def key(value: str) -> str:
    if value.startswith(("xox", "xapp-", "eyJ")):
        raise ValueError("must be a key or a secret, but this is a token")
    return secret(value)


def long_secret(value: str) -> str:
    if len(value) < _SHORTEST_SECRET:
        raise ValueError(f"must have at least {_SHORTEST_SECRET} characters: openssl rand -hex 32")
    return secret(value)


def signing_secret(value: str) -> str:
    if len(key(value)) < _SHORTEST_SECRET:
        raise ValueError("is too short to be real; copy it again")
    return value


def client_id(value: str) -> str:
    if not re.fullmatch(r"[0-9]+\.[0-9]+", value):
        raise ValueError("must be two numbers with a dot between them")
    if value == _EXAMPLE_CLIENT_ID:
        raise ValueError("is a placeholder; replace it with the real value")
    return value


def fernet_keys(value: str) -> tuple[str, ...]:
    """Parse comma-separated Fernet keys, newest first; 64 hexadecimal digits are accepted, too."""
    return tuple(_fernet_key(part.strip()) for part in value.split(","))


def _fernet_key(value: str) -> str:
    if re.fullmatch(r"[0-9a-fA-F]{64}", value):
        return base64.urlsafe_b64encode(bytes.fromhex(value)).decode()
    if re.fullmatch(r"[\w-]{43}=", value, re.ASCII):
        return value
    raise ValueError("must be one or more keys of 64 hexadecimal digits, separated by commas")


def count(value: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,5}", value):
        raise ValueError("must be a number from 1 to 999999")
    return int(value)


def one_of(words: Iterable[str]) -> Callable[[str], str]:
    known = {word.lower(): word for word in words}

    def convert(value: str) -> str:
        if value.lower() not in known:
            raise ValueError(f"must be {choices(known)}")
        return known[value.lower()]

    return convert


def choices(known: Iterable[str]) -> str:
    """Return at least two words as text: `a, b or c`."""
    *others, last = known
    return f"{', '.join(others)} or {last}"


def command(value: str) -> str:
    if not COMMAND.fullmatch(value):
        raise ValueError(
            "must be a slash and up to 25 lower-case letters, digits, - or _, like /meet"
        )
    return value


def url(value: str) -> str:
    if "…" in value or _EXAMPLE_HOST in value.lower():
        raise ValueError("is a placeholder; replace it with the real address")
    parts = _ADDRESS.fullmatch(value)
    if not parts or not value.isprintable() or int(parts["port"] or 0) > _HIGHEST_PORT:
        raise ValueError("isn't an address like https://example.com")
    if parts["scheme"].lower() == "http" and not is_loopback(parts["host"].strip("[]")):
        raise ValueError("must begin with https:// (http:// is for this machine only)")
    if len(value) > _LONGEST_URL:
        raise ValueError(f"is longer than {_LONGEST_URL} characters")
    return value


def contact(value: str) -> str:
    if re.fullmatch(r"mailto:[\w.+-]+@[\w-]+(\.[\w-]+)+", value, re.ASCII):
        return value
    return url(value)


def proxy(value: str) -> str:
    address = value if "://" in value else f"http://{value}"  # like curl
    parts = _PROXY.fullmatch(address)
    if not parts or not address.isprintable() or int(parts["port"] or 0) > _HIGHEST_PORT:
        raise ValueError(
            "isn't the address of a proxy, like http://proxy.example.com:3128 "
            "(with %40 for an @ in its password)"
        )
    return address


def certificates(value: str) -> str:
    try:
        ssl.create_default_context(cafile=value)
    except (OSError, ValueError):
        raise ValueError("isn't a certificate file (PEM) that the bot can read") from None
    return value


def base_url(value: str) -> str:
    if "?" in value or "#" in value:
        raise ValueError("must end with the path, without ? or #")
    return url(value).rstrip("/") + "/"


def public_url(value: str) -> str:
    return base_url(value).rstrip("/")


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def bind_host(value: str) -> str:
    host = value.removeprefix("[").removesuffix("]")
    with suppress(ValueError):
        return str(ip_address(host))
    if not re.fullmatch(r"([\w-]{1,63}\.)*[a-zA-Z][\w-]{0,62}", host, re.ASCII):
        raise ValueError("must be an address or a name without a port, like 0.0.0.0 or ::")
    return host


def hosts(value: str) -> tuple[str, ...]:
    names = [name.strip().lower() for name in value.strip(" ,").split(",")]
    if not all(re.fullmatch(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*", name) for name in names):
        raise ValueError("must be host names without https://, like cdn.example.com,b.example.com")
    return tuple(names)


def prompt(value: str) -> str:
    if len(value) > _LONGEST_PROMPT:
        raise ValueError(f"must have at most {_LONGEST_PROMPT} characters")
    return value


def language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):
        raise ValueError("must be a language's code, like en, de or pt-BR")
    return value


def join_url_template(value: str) -> str:
    filled = value.replace("{meeting_id}", "87i6-bvw8-dtn1")
    if filled == value or "{" in filled or "}" in filled:
        example = "https://meet.example.com/{meeting_id}"
        raise ValueError(f"must contain {{meeting_id}} and no other braces, like {example}")
    url(filled)
    return value


def regions(value: str) -> dict[str, str]:
    """Add `code=Place,code=Place` to VideoSDK's regions; a place may contain commas."""
    pairs = re.split(r"\s*,\s*(?=[^,=]+=)", value.strip(" ,"))
    matches = [re.fullmatch(r"([A-Za-z0-9-]{2,32})\s*=\s*([^=<>]{1,80})", pair) for pair in pairs]
    if not all(matches):
        raise ValueError("must be codes with their places, like uk001=London,us002=Ohio")
    return dict(REGIONS) | {match[1].lower(): match[2].strip() for match in matches if match}


def port(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) > _HIGHEST_PORT:
        raise ValueError(f"must be a number from 0 to {_HIGHEST_PORT}")
    return int(value)

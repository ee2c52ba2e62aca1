"""Create a deployment's Slack app manifest from `manifest.yml`.

It edits the text, which keeps the comments and needs no YAML library.
"""

import re
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from urllib.parse import urlsplit

from bot.settings import converters
from bot.settings.public_address import public_address
from bot.settings.settings import StartError

_PLACES = (Path(__file__).parent, Path(__file__).parent.parent)  # in a wheel; in a checkout
MANIFEST = next(filter(Path.exists, (place / "manifest.yml" for place in _PLACES)))

_HOST = r"meet\.example\.com"
_EXAMPLE = rf"https://{_HOST}"
# The paths after the bot's own address.
_ROUTE = re.compile(
    r"/(slack/(events|install|oauth_redirect|sign_in)|healthz|readyz|metrics"
    r"|join/[^/]*(/sign-(in|out))?|videosdk/[^/]*)/?$"
)


class ManifestError(StartError):
    """The options are incomplete or malformed."""

    exit_code = 2


def manifest_for(
    environ: Mapping[str, str],
    *,
    url: str | None = None,
    socket: bool = False,
    command: str | None = None,
) -> str:
    """Return the manifest for a deployment.

    Args:
        environ: provides the defaults: `SLACK_APP_TOKEN` means Socket Mode, `PUBLIC_URL` is the
            address, and `SLACK_COMMAND` the command.
        url: the bot's address, or any of its URLs, like `…/slack/events`.
        socket: use Socket Mode, which needs no address.
        command: the command that starts a meeting.

    Raises:
        ManifestError: something is missing or malformed.
    """
    command = command or environ.get("SLACK_COMMAND", "").strip() or "/meet"
    if not converters.COMMAND.fullmatch(command):
        raise ManifestError(
            "A command is a slash and up to 25 lower-case letters, digits, - or _, like /meet."
        )
    manifest = _rename_commands(MANIFEST.read_text(encoding="utf-8"), command)
    public_url = url or public_address(environ)[0]
    if socket or (not url and environ.get("SLACK_APP_TOKEN", "").strip()):
        return _for_socket_mode(manifest, public_url)
    return _for_address(manifest, public_url)


def scopes() -> list[str]:
    """Return the scopes that the manifest requests."""
    below = MANIFEST.read_text(encoding="utf-8").partition("\n    bot:\n")[2].splitlines()
    return [line.split()[1] for line in takewhile(lambda line: line.startswith("      - "), below)]


def _rename_commands(manifest: str, command: str) -> str:
    """Rename the commands, also where descriptions mention them."""
    return re.sub(r"(?<=[ \"])/meet(?=-check\b|\s)", command, manifest)


def _for_socket_mode(manifest: str, url: str) -> str:
    """Turn on Socket Mode, and remove the URLs that it doesn't need.

    The redirect URLs stay if there is a public address: Socket Mode doesn't replace them.
    """
    without = re.sub(rf"(?m)^ +(url|request_url): {_EXAMPLE}.*\n", "", manifest)
    if url:
        without = _for_address(without, url)
    else:
        without = re.sub(r"(?m)^ +(redirect_urls|unfurl_domains):.*\n( +- .*\n)+", "", without)
    return without.replace("socket_mode_enabled: false", "socket_mode_enabled: true")


def _for_address(manifest: str, url: str) -> str:
    if not url:
        raise ManifestError(
            "Where will Slack find the bot? Add --url https://your-meet.example.com, or --socket "
            "for Socket Mode, which needs no address."
        )
    address = _own_address(url)
    named = re.sub(rf"(?m)^( +- ){_HOST}$", rf"\g<1>{urlsplit(address).hostname}", manifest)
    return re.sub(rf"(?m)^( +(?:- |\w+: )){_EXAMPLE}", lambda found: found[1] + address, named)


def _own_address(url: str) -> str:
    """Return the bot's public address, given any of its URLs."""
    full = url.strip() if "://" in url else f"https://{url.strip()}"
    address = _ROUTE.sub("", re.split("[?#]", full, maxsplit=1)[0])
    try:
        return converters.public_url(address)
    except ValueError as error:
        raise ManifestError(f"The address {error}.") from None

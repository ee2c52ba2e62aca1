"""Write the Slack app's manifest for one deployment, from the one `manifest.yml`.

By substitution in the text, so that its comments stay and no YAML library is needed.
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
# What follows the bot's own address in any other address of it.
_ROUTE = re.compile(
    r"/(slack/(events|install|oauth_redirect|sign_in)|healthz|readyz|metrics"
    r"|join/[^/]*(/sign-(in|out))?|videosdk/[^/]*)/?$"
)


class ManifestError(StartError):
    """The options don't say which deployment the manifest is for, or can't work."""


def manifest_for(
    environ: Mapping[str, str],
    *,
    url: str | None = None,
    socket: bool = False,
    command: str | None = None,
) -> str:
    """Return the manifest for a deployment.

    Args:
        environ: what is not said otherwise is looked up here: `SLACK_APP_TOKEN` stands for Socket
            Mode, `PUBLIC_URL` for an address, `SLACK_COMMAND` for the command.
        url: where the bot is reachable, or any other address of it, like `…/slack/events`.
        socket: Slack reaches the bot by Socket Mode, and needs no address.
        command: the command that starts a meeting.

    Raises:
        ManifestError: something is missing or malformed.
    """
    command = command or environ.get("SLACK_COMMAND", "").strip() or "/meet"
    if not converters.COMMAND.fullmatch(command):
        raise ManifestError(
            "A command is a slash and up to 25 lower-case letters, digits, - or _, like /meet."
        )
    manifest = _named(MANIFEST.read_text(encoding="utf-8"), command)
    public_url = url or public_address(environ)[0]
    if socket or (not url and environ.get("SLACK_APP_TOKEN", "").strip()):
        return _for_socket_mode(manifest, public_url)
    return _for_address(manifest, public_url)


def scopes() -> list[str]:
    """Return the permissions that the manifest asks for."""
    below = MANIFEST.read_text(encoding="utf-8").partition("\n    bot:\n")[2].splitlines()
    return [line.split()[1] for line in takewhile(lambda line: line.startswith("      - "), below)]


def _named(manifest: str, command: str) -> str:
    """Rename the commands, also where a text speaks of them."""
    return re.sub(r"(?<=[ \"])/meet(?=-check\b|\s)", command, manifest)


def _for_socket_mode(manifest: str, url: str) -> str:
    """Switch Socket Mode on, and leave out the addresses that it does without.

    Who installs the app or signs in comes back to an address all the same, if there is one.
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
    """Return the address that all others of the bot begin with."""
    full = url.strip() if "://" in url else f"https://{url.strip()}"
    address = _ROUTE.sub("", re.split("[?#]", full, maxsplit=1)[0])
    try:
        return converters.public_url(address)
    except ValueError as error:
        raise ManifestError(f"The address {error}.") from None

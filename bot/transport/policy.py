"""The policy of every outgoing request: proxy, certificates, headers."""

import re
import ssl
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Literal

import aiohttp
from yarl import URL

from bot import __version__
from bot.settings.converters import is_loopback
from bot.settings.settings import Settings

# Compressed replies are declined: a few hundred bytes can decompress to gigabytes.
HEADERS = {"User-Agent": f"meet-for-slack/{__version__}", "Accept-Encoding": "identity"}
MAX_REPLY = 1024 * 1024  # bytes; usual answers have a few kilobytes

_SECURE = {"https", "wss"}


@dataclass(frozen=True)
class Policy:
    """Proxies and certificates for outgoing requests.

    Attributes:
        https_proxy: the proxy for https and wss, with its credentials.
        http_proxy: the proxy for http and ws, with its credentials.
        no_proxy: hosts to reach directly, in NO_PROXY's format.
        ca_file: the certificates to trust; None for the system's.
    """

    https_proxy: str | None = None
    http_proxy: str | None = None
    no_proxy: str = ""
    ca_file: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Policy":
        """Return the policy in the deployment's settings."""
        ca_file, no_proxy = settings.ssl_cert_file, settings.no_proxy or ""
        return cls(settings.https_proxy, settings.http_proxy, no_proxy, ca_file)

    def tls(self) -> ssl.SSLContext | Literal[True]:
        """Return the `ssl` argument of aiohttp's connectors; True is their default."""
        return ssl.create_default_context(cafile=self.ca_file) if self.ca_file else True

    def describe(self) -> str:
        """Return the policy in words, without the proxies' credentials."""
        proxies = {"https": self.https_proxy, "http": self.http_proxy}
        words = [f"{scheme} by {_masked(proxy)}" for scheme, proxy in proxies.items() if proxy]
        if words and self.no_proxy:
            words.append(f"not for {self.no_proxy}")
        text = ", ".join(words) or "no proxy"
        return f"{text}; trusts {self.ca_file}" if self.ca_file else text

    def middlewares(self) -> list[aiohttp.ClientMiddlewareType]:
        """Return the middlewares of a session that may need a proxy; none if there is no proxy."""
        return [self._by_proxy] if self.https_proxy or self.http_proxy else []

    async def _by_proxy(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send a request by its proxy, if it has one."""
        at = request.url
        if proxy := proxy_for(self, at.scheme, at.host or "", at.port):
            url = URL(proxy)
            # aiohttp has deprecated credentials in a proxy's URL, and repeats the URL in errors.
            login = {}
            if url.user:
                encoded = aiohttp.encode_basic_auth(url.user, url.password or "")
                login["Proxy-Authorization"] = encoded
            if not request.is_ssl():  # without a tunnel, the proxy reads the request's own headers
                request.headers.update(login)
            request.update_proxy(url.with_user(None), None, login)
        return await handler(request)


DIRECT = Policy()


@lru_cache(256)
def proxy_for(policy: Policy, scheme: str, host: str, port: int | None) -> str | None:
    """Return the proxy for an address, or None; this machine is always reached directly."""
    proxy = policy.https_proxy if scheme in _SECURE else policy.http_proxy
    if proxy is None or is_loopback(host) or host.endswith(".localhost"):
        return None
    entries = [entry for entry in re.split(r"[\s,]+", policy.no_proxy.lower()) if entry]
    return None if any(_covers(entry, host.lower(), port) for entry in entries) else proxy


def _masked(proxy: str) -> str:
    return re.sub("//.*@", "//…@", proxy)


def _covers(entry: str, host: str, port: int | None) -> bool:
    """Return whether an entry of NO_PROXY (name, address, network or `*`) matches a host."""
    if entry == "*":
        return True
    try:
        return ip_address(host) in ip_network(entry, strict=False)
    except ValueError:
        pass  # the entry or the host is a name
    name, _, only = entry.partition(":")
    name = name.removeprefix("*").removeprefix(".")
    matches = host == name or host.endswith(f".{name}")
    return matches and only in ("", str(port))

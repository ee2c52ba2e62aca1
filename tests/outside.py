"""Slack and VideoSDK with their real host names, reachable only through a proxy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from tests.conftest import serving
from tests.proxy import Proxy
from tests.tls import Authority

LOGIN = "user-of-the-proxy:s3cret-of-the-proxy"


@dataclass(frozen=True)
class Outside:
    """The proxy, and settings that use it.

    Attributes:
        proxy: the proxy.
        settings: a bot's settings with this proxy.
    """

    proxy: Proxy
    settings: dict[str, str | None]


@asynccontextmanager
async def outside(
    folder: Path, slack: web.Application, videosdk: web.Application
) -> AsyncIterator[Outside]:
    """Serve both stand-ins over TLS behind a proxy, until the block ends.

    Args:
        folder: for certificates.
        slack: served as slack.com and hooks.slack.com.
        videosdk: served as api.videosdk.live.
    """
    authority = Authority(folder)
    async with (
        serving(slack, authority.server("slack.com", "hooks.slack.com")) as slack_url,
        serving(videosdk, authority.server("api.videosdk.live")) as videosdk_url,
    ):
        ports = [int(url.rpartition(":")[2]) for url in (slack_url, slack_url, videosdk_url)]
        names = ("slack.com:443", "hooks.slack.com:443", "api.videosdk.live:443")
        async with Proxy(dict(zip(names, ports, strict=True)), LOGIN).listening() as proxy:
            settings = {
                "HTTPS_PROXY": proxy.url.replace("://", f"://{LOGIN}@"),
                "SSL_CERT_FILE": str(authority.file),
                "SLACK_API_URL": None,
                "VIDEOSDK_API_ENDPOINT": None,
            }
            yield Outside(proxy, settings)

"""Slack's Web API: clients that retry when rate-limited."""

from dataclasses import dataclass

import aiohttp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient


@dataclass(frozen=True)
class WebApi:
    """Factory of Web API clients.

    Attributes:
        url: the Web API's address.
        session: sends the requests.
    """

    url: str
    session: aiohttp.ClientSession

    def client(self, token: str | None) -> AsyncWebClient:
        """Return a client with a token, or without one."""
        client = AsyncWebClient(
            token=token,
            base_url=self.url,
            session=self.session,
            retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=3)],
        )
        client.proxy = None  # slack_sdk reads HTTPS_PROXY itself and ignores NO_PROXY
        return client

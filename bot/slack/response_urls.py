"""Post to the response_url that came with a command or a click."""

import logging
from http import HTTPStatus

import httpx

from bot.slack.blocks import Message
from bot.transport.calls import RESPONSE_URL, SLACK, Call, extensions_of

LOG = logging.getLogger(__name__)

_SLACK = ("https://hooks.slack.com", "https://hooks.slack-gov.com")
_DEADLINE = 5.0  # seconds for one post, once it has a connection to use


class ResponseUrls:
    """Send follow-ups where Slack takes them, and nowhere else.

    Args:
        http: the client to post with.
        slack_api_url: a Slack API address that an operator set, whose origin is trusted too.
    """

    def __init__(self, http: httpx.AsyncClient, slack_api_url: str | None = None) -> None:
        self._http = http
        trusted = [*_SLACK, slack_api_url] if slack_api_url else _SLACK
        self._origins = {_origin(url) for url in trusted} - {None}

    async def post(self, url: str, message: Message) -> bool:
        """Post a message and return whether Slack took it; a failure is in the log.

        A post is repeated once, and only where no connection was made: Slack gives five uses.
        """
        if _origin(url) not in self._origins:
            LOG.error("follow-up not sent: its address is not Slack's")
            return False
        status = await self._send(url, message)
        if status is None:
            status = await self._send(url, message)
        if status != HTTPStatus.OK:
            LOG.error("follow-up rejected by Slack", extra={"status": status})
        return status == HTTPStatus.OK

    async def _send(self, url: str, message: Message) -> int | None:
        """Return the answer's status, 0 for none, None where no connection was made."""
        try:
            async with self._http.stream(
                "POST",
                url,
                json=message,
                timeout=httpx.Timeout(_DEADLINE, pool=None),
                follow_redirects=False,
                extensions=extensions_of(Call(SLACK, RESPONSE_URL, _DEADLINE)),
            ) as response:
                return response.status_code
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return None
        except httpx.TransportError:
            return 0


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """Return scheme, host and port as the client that posts reads them; None if it cannot."""
    try:
        read = httpx.URL(url)
        host = read.host
    except (httpx.InvalidURL, ValueError):
        return None
    return None if read.userinfo else (read.scheme, host, read.port)

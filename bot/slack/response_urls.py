"""Follow-ups, posted to the response_url of a command or a click."""

import logging
from http import HTTPStatus

import httpx

from bot.settings.settings import SLACK_API
from bot.slack.blocks import Message
from bot.transport.calls import RESPONSE_URL, SLACK, Call, extensions_of

LOG = logging.getLogger(__name__)

_SLACK = ("https://hooks.slack.com", "https://hooks.slack-gov.com")
_DEADLINE = 5.0  # seconds for one post, from when it has a connection
_CALL = Call(SLACK, RESPONSE_URL, _DEADLINE, reads_body=False)


class ResponseUrls:
    """Posts follow-ups to Slack's own addresses, and nowhere else.

    Args:
        http: the client to post with.
        slack_api_url: the Web API's URL; if it isn't Slack's own, its origin is trusted too.
    """

    def __init__(self, http: httpx.AsyncClient, slack_api_url: str = SLACK_API) -> None:
        self._http = http
        trusted = _SLACK if slack_api_url == SLACK_API else [*_SLACK, slack_api_url]
        self._origins = {_origin(url) for url in trusted} - {None}

    async def post(self, url: str, message: Message) -> bool:
        """Post a message and return whether Slack accepted it; log a failure.

        Retry once, and only if no connection was made: a response_url works five times.
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
        """Return the response's status: 0 without a response, None without a connection."""
        try:
            async with self._http.stream(
                "POST",
                url,
                json=message,
                timeout=httpx.Timeout(_DEADLINE, pool=None),
                follow_redirects=False,
                extensions=extensions_of(_CALL),
            ) as response:
                return response.status_code
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return None
        except httpx.TransportError:
            return 0


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """Return scheme, host and port as httpx parses them; None if it can't."""
    try:
        read = httpx.URL(url)
        host = read.host
    except (httpx.InvalidURL, ValueError):
        return None
    return None if read.userinfo else (read.scheme, host, read.port)

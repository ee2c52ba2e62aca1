"""Fetch transcripts and summaries, which VideoSDK keeps as files on other hosts."""

import asyncio
import logging
from collections.abc import Collection
from http import HTTPStatus
from ipaddress import ip_address

import httpx

from bot.videosdk.connection import TIMEOUT, exchange
from bot.videosdk.errors import (
    VideoSDKBadReplyError,
    VideoSDKError,
    VideoSDKTimeoutError,
)
from bot.videosdk.retries import may_be_repeated
from bot.videosdk.wire import OPERATION, Reply, failure

LOG = logging.getLogger(__name__)

FILE_HOSTS = ("cdn.videosdk.live",)  # in the reference's samples and in public code
DEADLINE = 10.0  # seconds for a file, its second try included

_OPERATION = "GET file"
_POOL_ENDS = 0.2  # seconds; waiting for a connection ends earlier, as an error of its own


class Files:
    """Fetches text files from VideoSDK's hosts only.

    Whoever knows a file's URL can read it, so no URL appears in a log or a message.

    Args:
        transport: sends the requests.
        endpoint: the API's URL; files may be there, too.
        hosts: the names of VideoSDK's hosts for files.
        deadline: seconds for a file, its second try included.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        endpoint: str,
        hosts: Collection[str],
        deadline: float,
    ) -> None:
        self._transport = transport
        self._endpoint = endpoint
        self._hosts = frozenset(host.lower() for host in hosts)
        self._deadline = deadline

    async def read(self, url: str) -> str:
        """Return the text of a file, fetched without a token; http is for this machine only.

        Raises:
            VideoSDKError: the file could not be read.
        """
        try:
            address = self._address(url)
            async with asyncio.timeout(self._deadline):
                return await self._fetch(address)
        except TimeoutError:
            error: VideoSDKError = VideoSDKTimeoutError("no complete file before the deadline")
        except VideoSDKError as refused:
            error = refused
        facts = {"status": error.status, "cause": type(error).__name__, "detail": str(error)}
        LOG.warning("videosdk call failed", extra={"call": _OPERATION, **facts})
        raise error from None

    def is_own(self, url: str) -> bool:
        """Return whether a URL is on one of VideoSDK's hosts."""
        try:
            self._address(url)
        except VideoSDKBadReplyError:
            return False
        return True

    async def _fetch(self, address: httpx.URL) -> str:
        try:
            return await self._try(address)
        except VideoSDKError as error:
            if not may_be_repeated(error):
                raise
            await asyncio.sleep(error.retry_after or 0)
        return await self._try(address)

    async def _try(self, address: httpx.URL) -> str:
        sent = httpx.Request(
            "GET",
            address,
            headers={"accept-encoding": "identity"},
            extensions={
                OPERATION: _OPERATION,
                "timeout": {**TIMEOUT, "pool": self._deadline - _POOL_ENDS},
            },
        )
        try:
            reply = await exchange(self._transport, sent)
        except VideoSDKError as error:  # its message may quote the address
            raise type(error)("the file could not be fetched", status=error.status) from None
        # A storage service's error may quote the file's name.
        if reply.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise failure(Reply(reply.status, reply.headers, b""))
        return reply.body.decode("utf-8", "replace")

    def _address(self, url: str) -> httpx.URL:
        """Parse the URL of a file.

        Raises:
            VideoSDKBadReplyError: it isn't on one of VideoSDK's hosts.
        """
        try:
            address, endpoint = httpx.URL(url), httpx.URL(self._endpoint)
        except httpx.InvalidURL:
            raise VideoSDKBadReplyError("a file without an address") from None
        # With a login or a backslash, programs disagree on which part is the host.
        is_plain = not address.userinfo and "\\" not in url
        is_secure = address.scheme == "https" or (
            address.scheme == "http" and _is_loopback(address.host)
        )
        is_known = _origin(address) == _origin(endpoint) or (
            address.host in self._hosts and address.port is None
        )
        if not (is_plain and is_secure and is_known):
            raise VideoSDKBadReplyError("a file at an address that is not VideoSDK's")
        return address


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

"""The VideoSDK client over both of its transports: plain httpx, and the bot's own."""

from collections.abc import AsyncIterator, Callable

import anyio  # noqa: F401 - httpx loads it with its first request, which takes a while
import httpx
import pytest

from bot.transport import open_transport
from bot.videosdk import VideoSDK
from tests.conftest import API_KEY, SECRET_KEY

TLS = httpx.create_ssl_context()  # what a transport makes each time anew


@pytest.fixture(
    params=[lambda: httpx.AsyncHTTPTransport(verify=TLS), open_transport], ids=["httpx", "bot"]
)
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncBaseTransport]:
    """A transport as a library user has it, and as the bot has it."""
    open_it: Callable[[], httpx.AsyncBaseTransport] = request.param
    async with open_it() as transport:
        yield transport


@pytest.fixture
def videosdk(transport: httpx.AsyncBaseTransport, videosdk_url: str) -> VideoSDK:
    """The client, with the stand-in on the other side."""
    return VideoSDK(API_KEY, SECRET_KEY, endpoint=videosdk_url, transport=transport, deadline=5)

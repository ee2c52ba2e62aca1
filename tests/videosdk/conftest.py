"""The VideoSDK client over both of its transports: plain httpx, and the bot's own."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from bot.transport import open_http
from bot.videosdk import VideoSDK
from tests.conftest import API_KEY, SECRET_KEY

TLS = httpx.create_ssl_context()  # what httpx.AsyncClient() makes each time anew


@pytest.fixture(params=[lambda: httpx.AsyncClient(verify=TLS), open_http], ids=["httpx", "bot"])
async def http(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client as a library user has it, and as the bot has it."""
    open_client: Callable[[], httpx.AsyncClient] = request.param
    async with open_client() as http:
        yield http


@pytest.fixture
def videosdk(http: httpx.AsyncClient, videosdk_url: str) -> VideoSDK:
    """The client, with the stand-in on the other side."""
    return VideoSDK(API_KEY, SECRET_KEY, endpoint=videosdk_url, http=http, deadline=5)

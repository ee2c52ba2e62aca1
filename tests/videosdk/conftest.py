"""The VideoSDK client over both of its transports: plain httpx, and the bot's own."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import anyio  # noqa: F401 - httpx loads it with its first request, which takes a while
import httpx
import pytest

from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.transport import open_transport
from bot.videosdk import VideoSDK
from tests.conftest import API_KEY, SECRET_KEY, serving
from tests.videosdk.account import Account

TLS = httpx.create_ssl_context()  # what a transport makes each time anew


# Transports differ only in how connections fail.
BOTH_TRANSPORTS = {"test_client", "test_connections", "test_create", "test_faults"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of connections over both transports, and the others over the bot's own."""
    if "transport" in metafunc.fixturenames:
        ways = {"httpx": lambda: httpx.AsyncHTTPTransport(verify=TLS), "bot": open_transport}
        if Path(str(metafunc.module.__file__)).stem not in BOTH_TRANSPORTS:
            del ways["httpx"]
        metafunc.parametrize("transport", list(ways.values()), ids=list(ways), indirect=True)


@pytest.fixture
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncBaseTransport]:
    """A transport: plain httpx's, and the bot's own."""
    open_it: Callable[[], httpx.AsyncBaseTransport] = request.param
    async with open_it() as transport:
        yield transport


@pytest.fixture
def videosdk_standin(
    videosdk_standin: VideoSDKStandIn, monkeypatch: pytest.MonkeyPatch
) -> VideoSDKStandIn:
    """The stand-in, without listing lag."""
    monkeypatch.setattr(videosdk_standin, "listing_lag", 0.0, raising=False)
    return videosdk_standin


@pytest.fixture
def videosdk(transport: httpx.AsyncBaseTransport, videosdk_url: str) -> VideoSDK:
    """The client, with the stand-in on the other side."""
    return VideoSDK(API_KEY, SECRET_KEY, endpoint=videosdk_url, transport=transport, deadline=5)


@pytest.fixture
def account() -> Account:
    """An account without sessions yet."""
    return Account()


@pytest.fixture
async def account_url(account: Account) -> AsyncIterator[str]:
    """The URL of the account's API."""
    async with serving(account.app) as url:
        yield url


@pytest.fixture
def client(transport: httpx.AsyncBaseTransport, account_url: str) -> Callable[[str], VideoSDK]:
    """Make a client of the account for a version of the API."""
    return lambda version: VideoSDK(
        API_KEY, SECRET_KEY, version=version, endpoint=account_url, transport=transport, deadline=5
    )


@pytest.fixture(params=["v1", "v2"])
def either_client(request: pytest.FixtureRequest, client: Callable[[str], VideoSDK]) -> VideoSDK:
    """A client of the account, on either version of the API."""
    return client(request.param)

"""Put the bot together, open it, and close it without losing an answer."""

import asyncio
import hashlib
import hmac
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import httpx
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.links import SignedLinks, TemplateLinks
from bot.meetings import Meetings
from bot.settings import SLACK_API, Settings, StartError
from bot.slack.answers import Answers
from bot.slack.bolt import build_bolt, check_token
from bot.slack.calls import Calls
from bot.slack.departures import Departures
from bot.slack.guard import Guard
from bot.slack.listeners import Listeners
from bot.slack.live import LiveCards
from bot.slack.response_urls import ResponseUrls
from bot.slack.shortcuts import Shortcuts
from bot.slack.socket_mode import SocketMode
from bot.slack.workspaces import OneWorkspace
from bot.transport import open_http
from bot.videosdk import VideoSDK
from bot.web.health import Health
from bot.web.join import JoinPage
from bot.web.routes import build_web
from bot.web.server import build_runner
from bot.web.slack import SlackEvents
from bot.web.webhooks import Webhooks

LOG = logging.getLogger(__name__)

DRAIN = 20.0  # seconds for work in flight once the bot is told to stop; hosts give 30
SLACK_DEADLINE = 10.0  # seconds for one call of Slack's Web API
LAST_CARDS = 5.0  # seconds, beside that, for live cards that are being brought up to date
LAST_ANSWERS = 2.0  # seconds for the acknowledgements that are going out then


async def serve(settings: Settings) -> None:
    """Run the bot until it is told to stop."""
    stop = stop_signal()
    async with open_bot(settings) as bot:
        LOG.info("serving", extra={"host": settings.host, "port": bot.port, **_features(settings)})
        await stop.wait()
        LOG.info("stopping")
    LOG.info("stopped")


def _features(settings: Settings) -> dict[str, object]:
    """Return what is on, for the log."""
    is_v2 = settings.videosdk_api_version == "v2"
    return {
        "mode": "Socket Mode" if settings.slack_app_token else "HTTP",
        "command": settings.slack_command,
        "videosdk": settings.videosdk_api_version,
        "join": settings.join_url_template or settings.public_url or "no button",
        "live_cards": is_v2 and settings.public_url is not None,
    }


def stop_signal() -> asyncio.Event:
    """Return what is set on SIGTERM or SIGINT, as hosts and people send them."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


@asynccontextmanager
async def open_bot(settings: Settings) -> AsyncIterator["Bot"]:
    """Open the bot, and close it when everything that it has accepted is answered.

    Raises:
        StartError: it cannot run, and the message says why.
    """
    bot = Bot(settings)
    try:
        await bot.open()
        yield bot
    finally:
        await bot.close()


class Bot:
    """Every part of the bot, built from the settings and joined."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._http = open_http()
        own_slack = settings.slack_api_url if settings.slack_api_url != SLACK_API else None
        videosdk = build_videosdk(settings, self._http)
        pages = _build_signed_links(settings)
        meetings = _build_meetings(settings, videosdk, pages)
        self._slack = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SLACK_DEADLINE))
        client = _build_slack_client(settings, self._slack)
        workspaces = OneWorkspace(client)
        self._answers = Answers(ResponseUrls(self._http, own_slack), workspaces)
        calls = Calls(workspaces) if pages and videosdk.can_notify else None
        self._live_cards = LiveCards(calls, videosdk) if calls else None
        listeners = Listeners(
            meetings, settings.videosdk_regions, settings.slack_command, calls, self._live_cards
        )
        shortcuts = Shortcuts(listeners, workspaces, settings.videosdk_regions)
        departures = Departures(workspaces)
        command = settings.slack_command
        bolt = build_bolt(listeners, shortcuts, departures, self._answers, command)
        self._socket_mode = _build_socket_mode(settings, bolt)
        self._health = Health(self._socket_mode.is_connected if self._socket_mode else None)
        routes = build_web(
            self._health,
            _build_slack_events(settings, bolt),
            JoinPage(pages, videosdk, settings.videosdk_embed_url) if pages else None,
            Webhooks(pages, videosdk, self._live_cards) if pages and self._live_cards else None,
        )
        self._runner = build_runner(routes, LAST_ANSWERS)
        self._client = client
        self._token_check: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that the bot listens on, also where the settings left the choice open."""
        return int(self._runner.addresses[0][1])

    async def open(self) -> None:
        """Begin to listen, and to be reached by Slack."""
        await self._runner.setup()
        await self._listen()
        if self._socket_mode:
            await self._socket_mode.open()
        self._token_check = asyncio.create_task(check_token(self._client))

    async def _listen(self) -> None:
        host, port = self._settings.host, self._settings.port
        try:
            await web.TCPSite(self._runner, host, port, backlog=1024).start()
        except OSError as error:
            raise StartError(
                f"Meet for Slack cannot listen on port {port}: {os.strerror(error.errno or 0)}. "
                "Set PORT to another one, or stop what uses it."
            ) from None

    async def _drain_live_cards(self) -> None:
        if self._live_cards:
            await self._live_cards.drain(LAST_CARDS)

    async def close(self) -> None:
        """Finish what is in flight, then stop listening."""
        self._health.draining = True
        if self._token_check:
            self._token_check.cancel()
        await asyncio.gather(self._answers.drain(DRAIN), self._drain_live_cards())
        if self._socket_mode:
            await self._socket_mode.close(LAST_ANSWERS)
        await self._runner.cleanup()
        await self._slack.close()
        await self._http.aclose()


def build_videosdk(settings: Settings, http: httpx.AsyncClient) -> VideoSDK:
    """Return the client of VideoSDK's API that the settings describe."""
    return VideoSDK(
        settings.videosdk_api_key,
        settings.videosdk_secret_key,
        version=settings.videosdk_api_version,
        endpoint=settings.videosdk_api_endpoint,
        bearer=settings.videosdk_auth_scheme == "bearer",
        http=http,
    )


def _build_signed_links(settings: Settings) -> SignedLinks | None:
    if not settings.public_url:
        return None
    return SignedLinks(settings.public_url, links_key(settings))


def links_key(settings: Settings) -> bytes:
    """Return the key that this deployment's links are signed with."""
    return _derive_key(settings.videosdk_secret_key, "links")


def _build_meetings(settings: Settings, videosdk: VideoSDK, pages: SignedLinks | None) -> Meetings:
    template = settings.join_url_template
    return Meetings(
        videosdk,
        regions=settings.videosdk_regions,
        room_key=_derive_key(settings.videosdk_secret_key, "standing rooms"),
        default_region=settings.videosdk_default_region,
        links=TemplateLinks(template) if template else pages,
        pages=pages,
    )


def _build_slack_client(settings: Settings, session: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(
        token=settings.slack_bot_token,
        base_url=settings.slack_api_url,
        session=session,
        retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=3)],
    )


def _build_socket_mode(settings: Settings, bolt: AsyncApp) -> SocketMode | None:
    token = settings.slack_app_token
    return SocketMode(bolt, token, settings.slack_api_url) if token else None


def _build_slack_events(settings: Settings, bolt: AsyncApp) -> SlackEvents | None:
    secret = settings.slack_signing_secret
    if settings.slack_app_token or not secret:
        return None
    return SlackEvents(bolt, Guard(secret))


def _derive_key(secret: str, purpose: str) -> bytes:
    """Return a key of our own for one purpose, from a secret that the deployment has anyway."""
    return hmac.new(secret.encode(), f"meet-for-slack {purpose}".encode(), hashlib.sha256).digest()

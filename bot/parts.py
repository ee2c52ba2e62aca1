"""Build the parts of the bot from its settings, and the keys that they share."""

import hashlib
import hmac
import resource
from collections.abc import Callable
from typing import TYPE_CHECKING

import aiohttp
import httpx
from slack_bolt.async_app import AsyncApp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.links import SignedLinks, TemplateLinks
from bot.manifest import scopes
from bot.meetings import Meetings
from bot.rooms.ids import RoomIds
from bot.rooms.rooms import Rooms
from bot.settings.settings import Settings
from bot.slack.notes.notes import PROMPT, Asked, Notes
from bot.slack.notes.replies import Replies
from bot.slack.workspaces import Workspaces
from bot.telemetry.metrics import UNCOUNTED, Metrics, PrometheusMetrics
from bot.transport import Policy, Pools, descriptor_share
from bot.videosdk import VideoSDK
from bot.web.guard import Guard
from bot.web.install.flow import InstallPages
from bot.web.install.slack_app import SlackApp
from bot.web.metrics import MetricsPage
from bot.web.slack import SlackEvents

if TYPE_CHECKING:
    from bot.installs.lifecycle import Installs  # loads SQLAlchemy
    from bot.slack.socket_mode import SocketMode

Connect = Callable[[str | None], AsyncWebClient]


def build_metrics(settings: Settings) -> Metrics:
    """Return Prometheus metrics if METRICS_TOKEN is set, else a no-op."""
    return PrometheusMetrics() if settings.metrics_token else UNCOUNTED


def build_policy(settings: Settings) -> Policy:
    """Return the policy of every request that the bot makes."""
    return Policy(
        settings.https_proxy, settings.http_proxy, settings.no_proxy or "", settings.ssl_cert_file
    )


def build_pools() -> Pools:
    """Return the pools of every request that the bot makes, as large as this process may have."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return Pools(share=descriptor_share(descriptors))


def build_videosdk(settings: Settings, transport: httpx.AsyncBaseTransport) -> VideoSDK:
    """Return the client of VideoSDK's API that the settings describe."""
    return VideoSDK(
        settings.videosdk_api_key,
        settings.videosdk_secret_key,
        version=settings.videosdk_api_version,
        endpoint=settings.videosdk_api_endpoint,
        bearer=settings.videosdk_auth_scheme == "bearer",
        transport=transport,
        file_hosts=settings.videosdk_file_hosts,
    )


def build_signed_links(settings: Settings) -> SignedLinks | None:
    """Return the maker of our own links, if the bot has a public address."""
    if not settings.public_url:
        return None
    return SignedLinks(settings.public_url, links_key(settings))


def links_key(settings: Settings) -> bytes:
    """Return the key that this deployment's links are signed with."""
    return _derive_key(settings.videosdk_secret_key, "links")


def build_meetings(settings: Settings, videosdk: VideoSDK, pages: SignedLinks | None) -> Meetings:
    """Return what can be done with meetings."""
    template = settings.join_url_template
    ids = RoomIds(_derive_key(settings.videosdk_secret_key, "standing rooms"))
    webhooks = pages if settings.has_live_cards else None
    return Meetings(
        videosdk,
        regions=settings.videosdk_regions,
        rooms=Rooms(videosdk, ids, settings.videosdk_default_region, webhooks),
        room_ids=ids,
        links=TemplateLinks(template) if template else pages,
        has_live_cards=settings.has_live_cards,
        serves_many=settings.slack_client_id is not None,
    )


def build_notes(
    settings: Settings, videosdk: VideoSDK, pages: SignedLinks | None, workspaces: Workspaces
) -> Notes | None:
    """Return what takes notes of calls, if the settings want any."""
    if not settings.has_notes or pages is None:
        return None
    prompt, language = settings.notes_prompt or PROMPT, settings.notes_language
    if language:
        prompt += f" Write in the language whose code is {language}."
    asked = Asked(prompt, language)
    return Notes(videosdk, pages, Replies(workspaces), asked)


def build_connect(settings: Settings, session: aiohttp.ClientSession) -> Connect:
    """Return a factory of Slack Web API clients that retry when rate-limited."""

    def connect(token: str | None) -> AsyncWebClient:
        client = AsyncWebClient(
            token=token,
            base_url=settings.slack_api_url,
            session=session,
            retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=3)],
        )
        client.proxy = None  # slack_sdk reads HTTPS_PROXY itself, and knows no NO_PROXY
        return client

    return connect


def build_installs(settings: Settings, connect: Connect) -> "Installs | None":
    """Return where installs are kept, if there are many workspaces."""
    if not settings.slack_client_id:
        return None
    from bot.installs.lifecycle import Installs  # a single workspace does without SQLAlchemy

    return Installs(settings, connect)


def build_install_pages(
    settings: Settings, installs: "Installs | None", connect: Connect, metrics: Metrics
) -> InstallPages | None:
    """Return the pages on which workspaces install the bot, if there are many."""
    if not installs:
        return None
    app = SlackApp(
        str(settings.slack_client_id),
        str(settings.slack_client_secret),
        scopes(),
        settings.slack_command,
        str(settings.public_url),
        settings.slack_api_url,
        settings.support_url,
        settings.privacy_url,
    )
    return InstallPages(
        app, connect(None), installs.states, installs.workspaces.save, metrics=metrics
    )


def build_socket_mode(
    settings: Settings, bolt: AsyncApp, session: aiohttp.ClientSession
) -> "SocketMode | None":
    """Return the connection that Slack comes by, if it does not come by HTTP."""
    if not settings.slack_app_token:
        return None
    from bot.slack.socket_mode import SocketMode  # who is reached by HTTP starts sooner without

    return SocketMode(bolt, settings.slack_app_token, settings.slack_api_url, session)


def build_slack_events(settings: Settings, bolt: AsyncApp) -> SlackEvents | None:
    """Return the endpoint that Slack comes to, if it comes by HTTP."""
    secret = settings.slack_signing_secret
    if settings.slack_app_token or not secret:
        return None
    return SlackEvents(bolt, Guard(secret))


def build_metrics_page(settings: Settings, metrics: Metrics) -> MetricsPage | None:
    """Return the page for Prometheus, if there is a token for it."""
    if not settings.metrics_token or not isinstance(metrics, PrometheusMetrics):
        return None
    return MetricsPage(metrics, settings.metrics_token)


def _derive_key(secret: str, purpose: str) -> bytes:
    """Return a key of our own for one purpose, from a secret that the deployment has anyway."""
    return hmac.new(secret.encode(), f"meet-for-slack {purpose}".encode(), hashlib.sha256).digest()

"""The client of VideoSDK's API, over the bot's own transport."""

import httpx

from bot.settings.settings import Settings
from bot.videosdk import VideoSDK


def open_videosdk(settings: Settings, transport: httpx.AsyncBaseTransport) -> VideoSDK:
    """Return a client with the deployment's settings; the caller must close the transport."""
    return VideoSDK(
        settings.videosdk_api_key,
        settings.videosdk_secret_key,
        version=settings.videosdk_api_version,
        endpoint=settings.videosdk_api_endpoint,
        bearer=settings.videosdk_auth_scheme == "bearer",
        transport=transport,
        file_hosts=settings.videosdk_file_hosts,
    )

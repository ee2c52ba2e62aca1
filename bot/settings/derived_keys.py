"""The deployment's own keys, derived from VIDEOSDK_SECRET_KEY."""

import hashlib
import hmac

from bot.settings.settings import Settings


def links_key(settings: Settings) -> bytes:
    """Return the key that signs join links and webhook addresses."""
    return _derive(settings, "links")


def rooms_key(settings: Settings) -> bytes:
    """Return the key of room IDs."""
    return _derive(settings, "standing rooms")


def _derive(settings: Settings, purpose: str) -> bytes:
    """Derive a key for one purpose; it reveals neither the secret nor other keys."""
    secret = settings.videosdk_secret_key.encode()
    return hmac.new(secret, f"meet-for-slack {purpose}".encode(), hashlib.sha256).digest()

"""Keys of the deployment's own, derived from a secret that it has anyway."""

import hashlib
import hmac

from bot.settings.settings import Settings


def links_key(settings: Settings) -> bytes:
    """Return the key that signs join links and webhook addresses."""
    return _derive(settings, "links")


def rooms_key(settings: Settings) -> bytes:
    """Return the key of the standing rooms' IDs."""
    return _derive(settings, "standing rooms")


def _derive(settings: Settings, purpose: str) -> bytes:
    """Return a key for one purpose, from which nobody learns the secret or another key."""
    secret = settings.videosdk_secret_key.encode()
    return hmac.new(secret, f"meet-for-slack {purpose}".encode(), hashlib.sha256).digest()

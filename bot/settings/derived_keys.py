"""The deployment's own keys, derived from VIDEOSDK_SECRET_KEY."""

import hashlib
import hmac

from bot.settings.settings import Settings


def links_key(settings: Settings) -> bytes:
    """Return the key that signs join links and webhook addresses."""
    return _derive(settings, "links")


def rooms_key(settings: Settings) -> bytes:
    """Return the key from which the IDs of standing rooms are computed."""
    return _derive(settings, "standing rooms")


def members_key(settings: Settings) -> bytes:
    """Return the key that signs the participant IDs of members."""
    return _derive(settings, "members")


def sign_in_key(settings: Settings) -> bytes:
    """Return the key that signs the cookies of people who have signed in with Slack."""
    return _derive(settings, "sign-in")


def sign_in_flow_key(settings: Settings) -> bytes:
    """Return the key that signs the cookies of people who are signing in."""
    return _derive(settings, "sign-in flow")


def _derive(settings: Settings, purpose: str) -> bytes:
    """Derive a key for one purpose; it reveals neither the secret nor other keys."""
    secret = settings.videosdk_secret_key.encode()
    return hmac.new(secret, f"meet-for-slack {purpose}".encode(), hashlib.sha256).digest()

"""Encrypt tokens in the database, with keys that can be rotated.

Each row and column has its own keys, derived from TOKEN_KEYS. So someone who can write to the
database can't move one workspace's token to another's row.
https://cryptography.io/en/latest/fernet
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class TokenKeys:
    """The keys of TOKEN_KEYS: the newest encrypts, all decrypt.

    Args:
        keys: newest first.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys

    def encrypt(self, text: str, place: str) -> str:
        """Encrypt a text for a place (see `place_of`) with the newest key."""
        return _derive(self._keys[0], place).encrypt(text.encode()).decode()

    def decrypt(self, secret: str, place: str) -> str | None:
        """Decrypt a secret of a place; return None if no key fits.

        Also decrypts secrets from older versions, which weren't bound to a place.
        """
        derived = [_derive(key, place) for key in self._keys]
        return _decrypt(MultiFernet([*derived, *map(Fernet, self._keys)]), secret)

    def is_current(self, secret: str, place: str) -> bool:
        """Return whether a secret is encrypted with the newest key, for this place."""
        return _decrypt(_derive(self._keys[0], place), secret) is not None


def _derive(key: str, place: str) -> Fernet:
    purpose = f"meet-for-slack token at {place}".encode()
    derived = hmac.new(base64.urlsafe_b64decode(key), purpose, hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(derived.digest()))


def _decrypt(keys: Fernet | MultiFernet, secret: str) -> str | None:
    try:
        return keys.decrypt(secret).decode()
    except InvalidToken:
        return None

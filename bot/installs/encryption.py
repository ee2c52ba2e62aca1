"""Encrypt what the database must not give away, with keys that can be changed.

A secret is bound to its place: each row and column has keys of its own, derived from the keys of
TOKEN_KEYS. Whoever can write into the database can't move one workspace's token to another.
https://cryptography.io/en/latest/fernet
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class TokenKeys:
    """The keys of TOKEN_KEYS: the newest encrypts, every one decrypts.

    Args:
        keys: the newest first.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys

    def encrypt(self, text: str, place: str) -> str:
        """Return a text under the newest key, for a place."""
        return _bound(self._keys[0], place).encrypt(text.encode()).decode()

    def decrypt(self, secret: str, place: str) -> str | None:
        """Return a place's secret in the clear, or None if no key opens it.

        Older versions bound secrets to no place; those are read, too.
        """
        bound = [_bound(key, place) for key in self._keys]
        return _open(MultiFernet([*bound, *map(Fernet, self._keys)]), secret)

    def is_current(self, secret: str, place: str) -> bool:
        """Return whether a secret is under the newest key, and bound to its place."""
        return _open(_bound(self._keys[0], place), secret) is not None


def _bound(key: str, place: str) -> Fernet:
    purpose = f"meet-for-slack token at {place}".encode()
    derived = hmac.new(base64.urlsafe_b64decode(key), purpose, hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(derived.digest()))


def _open(keys: Fernet | MultiFernet, secret: str) -> str | None:
    try:
        return keys.decrypt(secret).decode()
    except InvalidToken:
        return None

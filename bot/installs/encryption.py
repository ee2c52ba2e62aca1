"""Encrypt what the database must not give away, with keys that can be changed.

https://cryptography.io/en/latest/fernet
"""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator


class TokenKeys:
    """The keys of TOKEN_KEYS: the newest encrypts, every one decrypts.

    Args:
        keys: the newest first.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        fernets = [Fernet(key) for key in keys]
        self._newest = fernets[0]
        self._all = MultiFernet(fernets)

    def encrypt(self, text: str) -> str:
        """Return a text under the newest key."""
        return self._newest.encrypt(text.encode()).decode()

    def decrypt(self, secret: str) -> str | None:
        """Return a secret in the clear, or None if no key opens it."""
        return _open(self._all, secret)

    def is_under_newest(self, secret: str) -> bool:
        """Whether the newest key opens a secret."""
        return _open(self._newest, secret) is not None


class EncryptedText(TypeDecorator[str]):
    """A column of text that is encrypted. What no key opens reads as None."""

    impl = Text
    cache_ok = True

    def __init__(self, keys: TokenKeys) -> None:
        super().__init__()
        self.keys = keys

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        """Return a value as the database gets it."""
        return None if value is None else self.keys.encrypt(value)

    def process_result_value(self, value: str | None, _: Dialect) -> str | None:
        """Return a value of the database in the clear."""
        return None if value is None else self.keys.decrypt(value)


def _open(keys: Fernet | MultiFernet, secret: str) -> str | None:
    try:
        return keys.decrypt(secret).decode()
    except InvalidToken:
        return None

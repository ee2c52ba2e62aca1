"""Encrypt tokens in the database, with keys that can be rotated.

Each row and column has its own keys, derived from TOKEN_KEYS. So someone who can write to the
database can't move one workspace's token to another's row.
https://cryptography.io/en/latest/fernet
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.installs.tables import SECRETS

Row = Mapping[str, Any]  # of installs


class TokenKeys:
    """The keys of TOKEN_KEYS: the newest encrypts, all decrypt.

    Args:
        keys: newest first.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys

    def encrypt(self, row: Row) -> dict[str, str | None]:
        """Encrypt the secrets in a row with the newest key."""
        return {name: row[name] and self._encrypt(row[name], row, name) for name in SECRETS}

    def decrypt(self, row: Row) -> dict[str, str | None]:
        """Decrypt the secrets in a row; None stands for one that is missing, or that no key fits.

        Also decrypts secrets from older versions, which weren't bound to a row.
        """
        return {name: row[name] and self._decrypt(row[name], row, name) for name in SECRETS}

    def is_current(self, row: Row) -> bool:
        """Return whether all secrets in a row are encrypted with the newest key, for this row."""
        return all(
            _decrypt(_derive(self._keys[0], row, name), row[name]) for name in SECRETS if row[name]
        )

    def _encrypt(self, text: str, row: Row, column: str) -> str:
        return _derive(self._keys[0], row, column).encrypt(text.encode()).decode()

    def _decrypt(self, secret: str, row: Row, column: str) -> str | None:
        derived = [_derive(key, row, column) for key in self._keys]
        return _decrypt(MultiFernet([*derived, *map(Fernet, self._keys)]), secret)


def _derive(key: str, row: Row, column: str) -> Fernet:
    """Derive the key for one column of the row with this primary key."""
    place = "/".join([column, row["client_id"], row["enterprise_id"], row["team_id"]])
    purpose = f"meet-for-slack token at {place}".encode()
    derived = hmac.new(base64.urlsafe_b64decode(key), purpose, hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(derived.digest()))


def _decrypt(keys: Fernet | MultiFernet, secret: str) -> str | None:
    try:
        return keys.decrypt(secret).decode()
    except InvalidToken:
        return None

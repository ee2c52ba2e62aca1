"""Put every token under the newest key, so that an older one can be given up.

It is for when all processes have the new key: one that has only the old one could not read what
this leaves behind.
"""

from dataclasses import dataclass

from sqlalchemy import MetaData, Text, select, update

from bot.installs.database import Database
from bot.installs.encryption import TokenKeys
from bot.installs.tables import define_installs

_READ = 10.0  # seconds for all of them
_WRITE = 3.0  # seconds for each


@dataclass(frozen=True)
class Reencrypted:
    """What became of the tokens.

    Attributes:
        changed: how many installations got the newest key.
        unreadable: how many none of the keys opens.
    """

    changed: int = 0
    unreadable: int = 0


async def reencrypt(database: Database, keys: TokenKeys) -> Reencrypted:
    """Put every token under the newest key.

    Raises:
        InstallsUnavailableError: the database fails; what was changed is good, the rest as before.
    """
    installs = define_installs(MetaData(), Text())  # as they are kept, encrypted
    tokens = select(installs.c.bot_token, installs.c.bot_refresh_token)
    changed = unreadable = 0
    for row in await database.execute(tokens, _READ):
        token = row.bot_token
        if keys.decrypt(token) is None:
            unreadable += 1
        elif not keys.is_under_newest(token):
            changed += 1
            renewed = {
                "bot_token": _renew(keys, token),
                "bot_refresh_token": _renew(keys, row.bot_refresh_token),
            }
            # No other row has this token, and one that was renewed meanwhile has it no more.
            same = installs.c.bot_token == token
            await database.execute(update(installs).where(same).values(renewed), _WRITE)
    return Reencrypted(changed, unreadable)


def _renew(keys: TokenKeys, secret: str | None) -> str | None:
    text = keys.decrypt(secret) if secret else None
    return keys.encrypt(text) if text else None

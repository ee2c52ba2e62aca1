"""Re-encrypt every token with the newest key and bind it, so that older keys can be removed.

Run it only after every process has the new key; an older process could not read the result.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData, select, update

from bot.installs.database import Database
from bot.installs.encryption import TokenKeys
from bot.installs.tables import SECRETS, define_installs, place_of

Row = dict[str, Any]

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
    """Put every token under the newest key, and bind it to its row.

    Raises:
        InstallsUnavailableError: the database fails; what was changed is good, the rest as before.
    """
    installs = define_installs(MetaData())
    changed = unreadable = 0
    for row in await database.execute(select(installs), _READ):
        kept = row._asdict()
        texts = _read(kept, keys)
        if texts["bot_token"] is None:
            unreadable += 1
        elif not _is_current(kept, keys):
            changed += 1
            renewed = {name: _write(name, text, kept, keys) for name, text in texts.items()}
            same = [column == kept[column.name] for column in installs.primary_key.columns]
            same.append(installs.c.bot_token == row.bot_token)  # it may be renewed meanwhile
            await database.execute(update(installs).where(*same).values(renewed), _WRITE)
    return Reencrypted(changed, unreadable)


def _read(row: Row, keys: TokenKeys) -> dict[str, str | None]:
    return {
        name: keys.decrypt(row[name], place_of(name, row)) if row[name] else None
        for name in SECRETS
    }


def _is_current(row: Row, keys: TokenKeys) -> bool:
    return all(keys.is_current(row[one], place_of(one, row)) for one in SECRETS if row[one])


def _write(name: str, text: str | None, row: Row, keys: TokenKeys) -> str | None:
    return keys.encrypt(text, place_of(name, row)) if text else None

"""Bring the database up to date before the bot serves: `python -m bot migrate`."""

import sys
from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData, select, update

from bot.durations import counted
from bot.installs.database import Database
from bot.installs.encryption import TokenKeys
from bot.installs.schema import Migrated, migrate
from bot.installs.tables import SECRETS, define_installs, place_of
from bot.settings.settings import Settings, StartError
from bot.slack.workspaces import InstallsUnavailableError

Row = dict[str, Any]

_READ = 10.0  # seconds for all tokens
_WRITE = 3.0  # seconds for the tokens of one installation


@dataclass(frozen=True)
class Reencrypted:
    """What became of the tokens.

    Attributes:
        changed: how many installations got the newest key.
        unreadable: how many none of the keys opens.
    """

    changed: int = 0
    unreadable: int = 0


async def run(settings: Settings, *, reencrypt: bool = False) -> int:
    """Migrate, print in a line or two what that did, and return the exit code.

    Args:
        settings: say where the database is.
        reencrypt: also re-encrypt the tokens with the newest key.

    Raises:
        StartError: the database could not be brought up to date.
    """
    database = Database(settings.database_url)
    try:
        database.check()
        told = _told(await migrate(database))
        if reencrypt:
            tokens = await reencrypt_tokens(database, TokenKeys(settings.token_keys))
            told += "\n" + _told_of_tokens(tokens)
    except InstallsUnavailableError as error:
        raise StartError(
            f"The database can't be brought up to date: {error}. "
            "Check DATABASE_URL, and that the database is running."
        ) from None
    finally:
        await database.close()
    sys.stdout.write(f"{told}\n")
    return 0


async def reencrypt_tokens(database: Database, keys: TokenKeys) -> Reencrypted:
    """Put every token under the newest key, and bind it to its row.

    Run it only after every process has the new key: an older process couldn't read the result.

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


def _told(done: Migrated) -> str:
    if done.before == done.after:
        return f"The database is up to date: version {done.after}."
    was = f"at version {done.before}" if done.before else "empty"
    return f"The database was {was} and is now at version {done.after}."


def _told_of_tokens(tokens: Reencrypted) -> str:
    told = f"Re-encrypted {counted(tokens.changed, 'token')} with the newest key."
    if tokens.unreadable:
        told += (
            f" No key in TOKEN_KEYS opens {counted(tokens.unreadable, 'other')}: put the old key "
            "back, or let those workspaces install the bot again."
        )
    return told

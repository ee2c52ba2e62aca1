"""Migrate the database: `python -m bot migrate`."""

import sys
from dataclasses import dataclass

from sqlalchemy import MetaData, select, update

from bot.durations import counted
from bot.installs.database import Database
from bot.installs.encryption import TokenKeys
from bot.installs.schema import Migrated, migrate
from bot.installs.tables import define_installs
from bot.settings.settings import Settings, StartError
from bot.slack.workspaces import InstallsUnavailableError

_READ_TIMEOUT = 10.0  # seconds, for all tokens
_WRITE_TIMEOUT = 3.0  # seconds, for the tokens of one installation


@dataclass(frozen=True)
class Reencrypted:
    """The result of re-encrypting the tokens.

    Attributes:
        changed: number of installations re-encrypted.
        unreadable: number of installations whose tokens no key decrypts.
    """

    changed: int
    unreadable: int


async def run(settings: Settings, *, reencrypt: bool = False) -> None:
    """Migrate the database, and print a summary of a line or two.

    Args:
        settings: the deployment's.
        reencrypt: also re-encrypt all tokens with the newest key.

    Raises:
        StartError: the database can't be reached or migrated.
    """
    database = Database(settings.database_url)
    try:
        database.check()
        summary = _migration_summary(await migrate(database))
        if reencrypt:
            tokens = await reencrypt_tokens(database, TokenKeys(settings.token_keys))
            summary += "\n" + _token_summary(tokens)
    except InstallsUnavailableError as error:
        raise StartError(
            f"The database can't be brought up to date: {error}. "
            "Check DATABASE_URL, and that the database is running."
        ) from None
    finally:
        await database.close()
    sys.stdout.write(f"{summary}\n")


async def reencrypt_tokens(database: Database, keys: TokenKeys) -> Reencrypted:
    """Re-encrypt every token with the newest key, bound to its row.

    Run it only after every process has the new key: an older process couldn't read the result.

    Raises:
        InstallsUnavailableError: the database failed; every row stays valid, re-encrypted or not.
    """
    installs = define_installs(MetaData())
    changed = unreadable = 0
    for row in await database.execute(select(installs), _READ_TIMEOUT):
        stored = row._asdict()
        texts = keys.decrypt(stored)
        if texts["bot_token"] is None:
            unreadable += 1
        elif not keys.is_current(stored):
            changed += 1
            renewed = keys.encrypt(stored | texts)
            same = [column == stored[column.name] for column in installs.primary_key.columns]
            same.append(installs.c.bot_token == row.bot_token)  # may have been renewed meanwhile
            await database.execute(update(installs).where(*same).values(renewed), _WRITE_TIMEOUT)
    return Reencrypted(changed, unreadable)


def _migration_summary(done: Migrated) -> str:
    if done.before == done.after:
        return f"The database is up to date: version {done.after}."
    was = f"at version {done.before}" if done.before else "empty"
    return f"The database was {was} and is now at version {done.after}."


def _token_summary(tokens: Reencrypted) -> str:
    summary = f"Re-encrypted {counted(tokens.changed, 'token')} with the newest key."
    if tokens.unreadable:
        summary += (
            f" No key in TOKEN_KEYS opens {counted(tokens.unreadable, 'other')}: put the old key "
            "back, or let those workspaces install the bot again."
        )
    return summary

"""Bring the database up to date before the bot serves: `python -m bot migrate`."""

import sys
from typing import TYPE_CHECKING

from bot.durations import counted
from bot.settings.settings import Settings, StartError
from bot.slack.workspaces import InstallsUnavailableError

if TYPE_CHECKING:
    from bot.installs.reencryption import Reencrypted
    from bot.installs.schema import Migrated


async def run(settings: Settings, *, reencrypt: bool = False) -> int:
    """Migrate, print in a line or two what that did, and return the exit code.

    Args:
        settings: say where the database is.
        reencrypt: also re-encrypt the tokens with the newest key.

    Raises:
        StartError: the database could not be brought up to date.
    """
    told = "Nothing to do: with SLACK_BOT_TOKEN, the bot uses no database."
    if settings.slack_client_id:
        told = await _migrate(settings, reencrypt=reencrypt)
    sys.stdout.write(f"{told}\n")
    return 0


async def _migrate(settings: Settings, *, reencrypt: bool) -> str:
    from bot.installs.database import Database  # these load SQLAlchemy
    from bot.installs.encryption import TokenKeys
    from bot.installs.reencryption import reencrypt as reencrypt_all
    from bot.installs.schema import migrate

    database = Database(settings.database_url)
    try:
        database.check()
        told = _told(await migrate(database))
        if reencrypt:
            tokens = await reencrypt_all(database, TokenKeys(settings.token_keys))
            told += "\n" + _told_of_tokens(tokens)
    except InstallsUnavailableError as error:
        raise StartError(
            f"The database can't be brought up to date: {error}. "
            "Check DATABASE_URL, and that the database is running."
        ) from None
    finally:
        await database.close()
    return told


def _told(done: "Migrated") -> str:
    if done.before == done.after:
        return f"The database is up to date: version {done.after}."
    was = f"at version {done.before}" if done.before else "empty"
    return f"The database was {was} and is now at version {done.after}."


def _told_of_tokens(tokens: "Reencrypted") -> str:
    told = f"Re-encrypted {counted(tokens.changed, 'token')} with the newest key."
    if tokens.unreadable:
        told += (
            f" No key in TOKEN_KEYS opens {counted(tokens.unreadable, 'other')}: put the old key "
            "back, or let those workspaces install the bot again."
        )
    return told

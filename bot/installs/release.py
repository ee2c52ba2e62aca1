"""Bring the database up to date before the bot serves: `python -m bot migrate`."""

import sys

from bot.settings import Settings, StartError
from bot.slack.workspaces import InstallsUnavailableError


async def run(settings: Settings) -> int:
    """Migrate, print in one line what that did, and return the exit code.

    Raises:
        StartError: the database could not be brought up to date.
    """
    told = "Nothing to do: with SLACK_BOT_TOKEN, the bot keeps nothing in a database."
    sys.stdout.write(f"{await _migrate(settings) if settings.slack_client_id else told}\n")
    return 0


async def _migrate(settings: Settings) -> str:
    from bot.installs.database import Database  # these load SQLAlchemy
    from bot.installs.encryption import TokenKeys
    from bot.installs.schema import migrate

    database = Database(settings.database_url)
    try:
        done = await migrate(database, TokenKeys(settings.token_keys))
    except InstallsUnavailableError as error:
        raise StartError(
            f"The database cannot be brought up to date: {error}. "
            "Check DATABASE_URL, and that the database is running."
        ) from None
    finally:
        await database.close()
    was = f"at version {done.before}" if done.before else "empty"
    told = f"The database is up to date: version {done.after}."
    if done.before != done.after:
        told = f"The database was {was} and is at version {done.after} now."
    if done.reencrypted:
        told += f" Tokens put under the newest key: {done.reencrypted}."
    if done.unreadable:
        told += (
            f" Tokens that no key in TOKEN_KEYS opens: {done.unreadable}. Put the old key back, "
            "or let those workspaces install the bot again."
        )
    return told

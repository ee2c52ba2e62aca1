"""The doctor's check of DATABASE_URL."""

from bot.doctor.trouble import WARNING, TroubleError
from bot.installs.database import Database
from bot.installs.schema import newest_version, schema_version
from bot.settings.settings import Settings, SettingsError
from bot.slack.workspaces import InstallsUnavailableError


async def check_database(settings: Settings) -> str:
    """Check the database, and return a status line.

    Raises:
        TroubleError: it can't be reached, needs migrating, or is a file that a host may delete.
    """
    database = Database(settings.database_url)
    try:
        database.check()
        version = await schema_version(database)
    except SettingsError as error:
        fix = "Copy the address from your host again."
        raise TroubleError(error.problems[0], fix) from None
    except InstallsUnavailableError as error:
        raise TroubleError(
            f"the database doesn't answer: {error}",
            "Is it running, and is this its address? Until it answers, nobody can install the bot.",
        ) from None
    finally:
        await database.close()
    if version < newest_version():
        raise TroubleError(
            f"the database is {f'at version {version}' if version else 'empty'}, and the bot needs "
            f"version {newest_version()}",
            "Run python -m bot migrate. The bot also does that when it starts.",
            WARNING,
        )
    if database.dialect == "sqlite":
        raise TroubleError(
            f"a SQLite file, at version {version}",
            "Fine on one machine whose disk stays. Hosts like Heroku wipe theirs at each restart, "
            "and every workspace would have to install the bot again: use Postgres there.",
            WARNING,
        )
    return f"Postgres answers, at version {version}"

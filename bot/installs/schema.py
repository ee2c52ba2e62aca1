"""Bring the database's schema up to date: once, however many processes try.

Migrations are numbered and only ever add, so that an older process goes on beside them. alembic is
imported when there is one to run.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, String, column, inspect, select, table

from bot.installs.database import Database

VERSION_TABLE = "meet_schema"

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOOK = 5.0  # seconds to find out the version, the first connection included
_MIGRATE = 60.0  # seconds to wait for others who migrate, and to migrate
# Statements that open an exclusive transaction (the lock number is arbitrary).
_ALONE = {
    "sqlite": ("BEGIN IMMEDIATE",),
    "postgresql": (
        "BEGIN",
        f"SET LOCAL statement_timeout = {int(_MIGRATE * 1000)}",
        "SELECT pg_advisory_xact_lock(6338387)",
    ),
}
_VERSION = select(column("version_num", String)).select_from(table(VERSION_TABLE))


@dataclass(frozen=True)
class Migrated:
    """What a migration did.

    Attributes:
        before: the schema's version, empty for a new database.
        after: its version now.
    """

    before: str
    after: str


def newest_version() -> str:
    """Return the version that this code is written for."""
    return max(file.name[1:5] for file in _MIGRATIONS.glob("versions/v*.py"))


async def schema_version(database: Database, seconds: float = _LOOK) -> str:
    """Return the version of the database's schema, empty for a new database.

    Args:
        database: which.
        seconds: to wait for it.

    Raises:
        InstallsUnavailableError: the database does not say.
    """
    return await database.within(seconds, _look(database))


async def _look(database: Database) -> str:
    async with database.engine.connect() as connection:
        return await connection.run_sync(_version)


async def migrate(database: Database) -> Migrated:
    """Bring the schema up to date.

    Raises:
        InstallsUnavailableError: the database fails; nothing is changed then.
    """
    return await database.within(_MIGRATE, _migrate(database))


async def _migrate(database: Database) -> Migrated:
    async with database.engine.connect() as connection:
        for statement in _ALONE[database.dialect]:
            await connection.exec_driver_sql(statement)
        before = await connection.run_sync(_version)
        if before < newest_version():
            await connection.run_sync(_upgrade)
        after = await connection.run_sync(_version)
        await connection.exec_driver_sql("COMMIT")
    return Migrated(before, after)


def _version(connection: Connection) -> str:
    known = inspect(connection).has_table(VERSION_TABLE)
    return (connection.scalar(_VERSION) or "") if known else ""


def _upgrade(connection: Connection) -> None:
    from alembic import command  # the whole of it costs half a second, for once in a year
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, "head")

"""Migrate the database's schema once, however many processes try at the same time.

Migrations are numbered and only ever add things, so older processes keep working.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, String, column, inspect, select, table

from bot.installs.database import Database

VERSION_TABLE = "meet_schema"

_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION_TIMEOUT = 5.0  # seconds, including the first connection
_MIGRATE_TIMEOUT = 60.0  # seconds, including the wait for other processes that migrate
# Statements that open an exclusive transaction (the lock number is arbitrary).
_LOCK = {
    "sqlite": ("BEGIN IMMEDIATE",),
    "postgresql": (
        "BEGIN",
        f"SET LOCAL statement_timeout = {int(_MIGRATE_TIMEOUT * 1000)}",
        "SELECT pg_advisory_xact_lock(6338387)",
    ),
}
_VERSION = select(column("version_num", String)).select_from(table(VERSION_TABLE))


@dataclass(frozen=True)
class Migrated:
    """The result of a migration.

    Attributes:
        before: the version it started from; "" for a new database.
        after: the version now.
    """

    before: str
    after: str


def newest_version() -> str:
    """Return the version that this code needs."""
    return max(file.name[1:5] for file in _MIGRATIONS.glob("versions/v*.py"))


async def schema_version(database: Database, seconds: float = _VERSION_TIMEOUT) -> str:
    """Return the version of the database's schema; "" for a new database.

    Args:
        database: the one to ask.
        seconds: timeout.

    Raises:
        InstallsUnavailableError: the database doesn't answer.
    """
    return await database.run(_schema_version(database), seconds)


async def _schema_version(database: Database) -> str:
    async with database.engine.connect() as connection:
        return await connection.run_sync(_version)


async def migrate(database: Database) -> Migrated:
    """Migrate the schema to the newest version.

    Raises:
        InstallsUnavailableError: the database failed, and nothing changed.
    """
    return await database.run(_migrate(database), _MIGRATE_TIMEOUT)


async def _migrate(database: Database) -> Migrated:
    async with database.engine.connect() as connection:
        for statement in _LOCK[database.dialect]:
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
    from alembic import command  # takes 0.5 s to import, and is needed once per migration
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, "head")

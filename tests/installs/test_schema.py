"""The schema is migrated once, and matches the code."""

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text

from bot.installs.database import Database
from bot.installs.schema import VERSION_TABLE, Migrated, migrate, newest_version, schema_version
from bot.installs.tables import define_installs, define_states


async def test_concurrent_migrations_run_once(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(4)]
    assert await schema_version(databases[0]) == ""

    done = await asyncio.gather(*(migrate(database) for database in databases))

    newest = newest_version()
    assert sorted(each.before for each in done) == ["", newest, newest, newest]
    assert {each.after for each in done} == {newest}
    assert await schema_version(databases[0]) == newest
    await asyncio.gather(*(database.close() for database in databases))


async def test_the_migrations_match_the_tables_in_the_code(database: Database) -> None:
    metadata = MetaData()
    define_installs(metadata)
    define_states(metadata)

    def differences(connection: Connection) -> object:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_schema_of_a_newer_release_is_left_alone(database: Database) -> None:
    await database.execute(text("UPDATE meet_schema SET version_num = '9999'"), 1)

    assert await migrate(database) == Migrated("9999", "9999")

"""The schema is brought up to date once, and is what the code expects."""

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text

from bot.installs.database import Database
from bot.installs.encryption import EncryptedText, TokenKeys
from bot.installs.schema import VERSION_TABLE, Migrated, migrate, newest_version, schema_version
from bot.installs.tables import define_installs, define_states
from tests.installs.making import (
    KEYS,
    NEW_KEY,
    OLD_KEY,
    installation,
    rotating,
    store_in,
    token_in,
)


async def test_four_that_migrate_at_once_do_it_once(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(4)]
    assert await schema_version(databases[0]) == ""

    done = await asyncio.gather(*(migrate(database, KEYS) for database in databases))

    newest = newest_version()
    assert sorted(each.before for each in done) == ["", newest, newest, newest]
    assert {each.after for each in done} == {newest}
    assert await schema_version(databases[0]) == newest
    await asyncio.gather(*(database.close() for database in databases))


async def test_the_migrations_make_the_tables_that_the_code_uses(database: Database) -> None:
    metadata = MetaData()
    define_installs(metadata, EncryptedText(KEYS))
    define_states(metadata)

    def differences(connection: Connection) -> object:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_schema_of_a_newer_release_is_left_alone(database: Database) -> None:
    await database.execute(text("UPDATE meet_schema SET version_num = '9999'"), 1)

    assert await migrate(database, KEYS) == Migrated("9999", "9999", 0, 0)


async def test_tokens_move_to_the_newest_key(database: Database) -> None:
    both = TokenKeys([NEW_KEY, OLD_KEY])
    await store_in(database).async_save(rotating(12))
    await store_in(database, both).async_save(installation(team_id="T2"))

    done = await migrate(database, both)
    again = await migrate(database, TokenKeys([OLD_KEY, NEW_KEY]))
    lost = await migrate(database, TokenKeys([OLD_KEY]))

    assert (done.reencrypted, again.reencrypted, lost.unreadable) == (1, 2, 0)
    assert await token_in(store_in(database, TokenKeys([OLD_KEY])))
    assert (await migrate(database, TokenKeys([NEW_KEY]))).unreadable == 2

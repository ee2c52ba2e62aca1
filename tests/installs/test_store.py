"""Installations and OAuth states are stored the same way in SQLite and PostgreSQL."""

import asyncio
import time

import pytest
from sqlalchemy import MetaData, func, select, text, update

from bot.installs.database import Database
from bot.installs.encryption import TokenKeys
from bot.installs.store import StateStore
from bot.installs.tables import define_states
from tests.installs.making import (
    NEW_KEY,
    ROTATING,
    find,
    installation,
    rotating,
    save_like_older_versions,
    store_in,
    token_in,
)


async def test_another_process_finds_an_install_at_once(
    database: Database, other: Database
) -> None:
    made = rotating(12)

    assert await find(store_in(other)) is None
    await store_in(database).async_save(made)
    bot = await find(store_in(other))

    assert bot
    assert (bot.bot_token, bot.bot_refresh_token) == (ROTATING, f"xoxe-1-{ROTATING}")
    assert bot.bot_token_expires_at == made.bot_token_expires_at
    assert bot.bot_scopes == ["commands", "calls:write"]


async def test_a_second_install_replaces_the_first(database: Database) -> None:
    store = store_in(database)

    await asyncio.gather(*(store.async_save(installation()) for _ in range(4)))
    await store.async_save(installation(bot_token="xoxb-2-made-up"))

    assert await token_in(store) == "xoxb-2-made-up"
    [[rows]] = await database.execute(select(func.count()).select_from(store.bots), 1)
    assert rows == 1


async def test_no_token_can_be_read_in_the_database(database: Database) -> None:
    await store_in(database).async_save(rotating(12))

    [row] = await database.execute(text("SELECT * FROM meet_installs"), 1)

    assert "Bakery" in row
    assert "xoxb-" not in str(row)


async def test_a_workspace_is_found_whatever_organisation_it_joins(database: Database) -> None:
    store = store_in(database)
    await store.async_save(installation())
    in_all = installation(
        team_id=None, enterprise_id="E1", is_enterprise_install=True, bot_token="xoxb-org"
    )
    await store.async_save(in_all)

    assert await token_in(store, "T1", enterprise_id="E1") == "xoxb-1-made-up"
    assert await token_in(store, None, enterprise_id="E1") == "xoxb-org"
    assert await token_in(store, "T2", enterprise_id="E1", is_enterprise_install=True) == "xoxb-org"
    assert await token_in(store, "T2", enterprise_id="E1") is None


async def test_an_uninstall_deletes_what_was_installed_before_it(database: Database) -> None:
    store, now = store_in(database), time.time()
    await store.async_save(installation(installed_at=now))

    await store.async_delete_bot(enterprise_id=None, team_id="T1", gone_at=int(now) - 60)
    assert await find(store)
    await store.async_delete_bot(enterprise_id="E1", team_id="T1", gone_at=int(now))
    assert await find(store) is None
    await store.async_save(installation(installed_at=now + 60))
    await store.async_delete_bot(enterprise_id=None, team_id="T1")
    assert await find(store) is None


async def test_a_renewed_token_is_saved_only_for_the_same_installation(database: Database) -> None:
    store = store_in(database)
    await store.async_save(rotating(1))
    old = await find(store)
    assert old
    renewed = rotating(12, bot_token="xoxe.xoxb-new", installed_at=old.installed_at).to_bot()

    assert await store.renew(old, renewed)
    assert await token_in(store) == "xoxe.xoxb-new"
    await store.async_save(rotating(12, installed_at=old.installed_at + 1))
    assert not await store.renew(old, renewed)
    assert await token_in(store) == ROTATING


async def test_a_token_that_no_key_decrypts_counts_as_not_installed(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await store_in(database).async_save(installation())

    assert await find(store_in(database, TokenKeys([NEW_KEY]))) is None
    assert "TOKEN_KEYS" in caplog.text
    assert "xoxb-" not in caplog.text


async def test_a_token_is_useless_in_another_row_or_column(database: Database) -> None:
    store = store_in(database)
    await store.async_save(rotating(12))
    await store.async_save(installation(team_id="T2", bot_token="xoxb-2-made-up"))
    table = store.bots
    secrets = select(table.c.bot_token, table.c.bot_refresh_token).where(table.c.team_id == "T1")
    [row] = await database.execute(secrets, 1)

    moved = update(table).where(table.c.team_id == "T2").values(bot_token=row.bot_token)
    await database.execute(moved, 1)
    assert await find(store, "T2") is None
    swapped = update(table).where(table.c.team_id == "T1").values(bot_token=row.bot_refresh_token)
    await database.execute(swapped, 1)
    assert await find(store, "T1") is None


async def test_tokens_saved_by_older_versions_are_read_and_left_unchanged(
    database: Database,
) -> None:
    store = store_in(database)
    await save_like_older_versions(store, rotating(12))
    [before] = await database.execute(select(store.bots), 1)

    bot = await find(store)

    assert bot
    assert (bot.bot_token, bot.bot_refresh_token) == (ROTATING, f"xoxe-1-{ROTATING}")
    assert await database.execute(select(store.bots), 1) == [before]


async def test_concurrent_uses_of_a_state_succeed_once(database: Database, other: Database) -> None:
    stores = [StateStore(database), StateStore(other)] * 4
    state = await stores[0].async_issue()

    good = await asyncio.gather(*(store.async_consume(state) for store in stores))

    assert sorted(good) == [False] * 7 + [True]


async def test_expired_states_are_deleted(database: Database) -> None:
    states = StateStore(database)
    states.expiration_seconds = 0
    expired = await states.async_issue()

    assert not await states.async_consume(expired)
    states.expiration_seconds = 600
    await states.async_issue()
    table = define_states(MetaData())
    [[rows]] = await database.execute(select(func.count()).select_from(table), 1)
    assert rows == 1

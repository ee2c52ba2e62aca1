"""Calls to a database that is down time out, and work again as soon as it is back."""

import asyncio
import threading
import time
from collections.abc import Awaitable
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.installs.database import Database
from bot.installs.schema import schema_version
from bot.settings.settings import SettingsError
from bot.slack.workspaces import InstallsUnavailableError
from tests.conftest import until
from tests.postgres import PostgresServer

ONE = text("SELECT 1")
LONG = text("SELECT pg_sleep(5)")


async def seconds_to_fail(work: Awaitable[object]) -> float:
    """Return how long it takes until the call fails."""
    started = time.monotonic()
    with pytest.raises(InstallsUnavailableError):
        await work
    return time.monotonic() - started


async def test_a_frozen_server_is_a_timeout(postgres: PostgresServer) -> None:
    database = Database(postgres.new_database())
    assert await database.execute(ONE, 1) == [(1,)]

    postgres.freeze()
    waits = await asyncio.gather(
        *(seconds_to_fail(database.execute(ONE, 0.3)) for _ in range(8)),
        seconds_to_fail(schema_version(database, 0.3)),
    )
    postgres.thaw()

    assert max(waits) < 0.9
    assert await database.execute(ONE, 2) == [(1,)]
    await database.close()


async def test_a_restarted_server_is_used_again(
    postgres: PostgresServer,
) -> None:
    database = Database(postgres.new_database())
    await asyncio.gather(*(database.execute(ONE, 2) for _ in range(4)))

    postgres.stop()
    waits = [await seconds_to_fail(database.execute(ONE, 1)) for _ in range(5)]
    postgres.start()

    assert max(waits) < 0.9
    assert await database.execute(ONE, 2) == [(1,)]
    await database.close()


async def test_waiting_for_a_busy_pool_times_out(postgres: PostgresServer) -> None:
    database = Database(postgres.new_database())
    busy = [asyncio.create_task(database.execute(LONG, 1.0)) for _ in range(4)]
    await until(lambda: database.engine.pool.status().endswith("connections: 4"))

    assert await seconds_to_fail(database.execute(ONE, 0.2)) < 0.6
    for task in busy:
        task.cancel()
    assert await database.execute(ONE, 2) == [(1,)]
    await asyncio.gather(*busy, return_exceptions=True)
    await database.close()


async def test_closing_cancels_statements_in_flight(postgres: PostgresServer) -> None:
    database = Database(postgres.new_database())
    waiting = asyncio.create_task(database.execute(LONG, 10))
    await until(lambda: database.engine.pool.status().endswith("connections: 1"))

    async with asyncio.timeout(2):
        await database.close()

    assert (await asyncio.gather(waiting, return_exceptions=True))[0]


async def test_a_database_that_cannot_be_opened_is_unavailable() -> None:
    database, threads = Database("sqlite:////nowhere/installs.db"), threading.active_count()

    with pytest.raises(
        InstallsUnavailableError, match=r"^file can't be opened \(SQLITE_CANTOPEN\)$"
    ):
        await database.execute(ONE, 1)
    await until(lambda: threading.active_count() == threads)
    await database.close()


def test_an_unreadable_address_is_reported_without_its_password() -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL") as failed:
        Database("postgres://bot:s3cret@host:port/name")

    assert "s3cret" not in str(failed.value)


@pytest.mark.parametrize("mode", [None, 0o644])
async def test_only_the_owner_can_read_a_sqlite_file_and_its_journal(
    mode: int | None, tmp_path: Path
) -> None:
    file = tmp_path / "installs.db"
    if mode:
        file.touch(mode)
    database = Database(f"sqlite:///{file}")

    async with database.engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        await connection.exec_driver_sql("CREATE TABLE kept (one INTEGER)")
        modes = modes_in(tmp_path)
    await database.close()

    assert modes == dict.fromkeys(["installs.db", "installs.db-wal", "installs.db-shm"], 0o600)


def modes_in(folder: Path) -> dict[str, int]:
    """Return the mode of each file."""
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}

"""Fixtures for the tests of installations."""

from collections.abc import AsyncIterator

import pytest

from bot.installs import lifecycle, store
from bot.installs.database import Database
from bot.installs.schema import migrate, schema_version


@pytest.fixture(autouse=True)
def _long_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait longer than production does: a busy machine can stall for a second."""
    monkeypatch.setattr(store, "LOOKUP_TIMEOUT", 10)
    monkeypatch.setattr(lifecycle, "_STARTUP_TIMEOUT", 10)
    monkeypatch.setattr(lifecycle, "_PING_TIMEOUT", 10)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database of each kind."""
    database = Database(database_url)
    await migrate(database)
    yield database
    await database.close()


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Database]:
    """Another process's connection to the same database."""
    other = Database(database_url)
    await schema_version(other)
    yield other
    await other.close()

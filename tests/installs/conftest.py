"""What the tests of the installations share."""

from collections.abc import AsyncIterator

import pytest

from bot.installs import lifecycle, store
from bot.installs.database import Database
from bot.installs.schema import migrate, schema_version


@pytest.fixture(autouse=True)
def _no_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait longer than Slack's patience allows: a busy machine can stand still for a second."""
    monkeypatch.setattr(store, "LOOK_UP", 10)
    monkeypatch.setattr(lifecycle, "_FIRST", 10)
    monkeypatch.setattr(lifecycle, "_PING", 10)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database that is up to date, of each kind."""
    database = Database(database_url)
    await migrate(database)
    yield database
    await database.close()


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Database]:
    """The same database as another process has it, which connected when it started."""
    other = Database(database_url)
    await schema_version(other)
    yield other
    await other.close()

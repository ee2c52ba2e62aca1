"""What the tests of the installations share."""

from collections.abc import AsyncIterator

import pytest

from bot.installs.database import Database
from bot.installs.schema import migrate


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database that is up to date, of each kind."""
    database = Database(database_url)
    await migrate(database)
    yield database
    await database.close()

"""Speak with the database that keeps the installations, and never wait for it longer than agreed.

Who asks is answering Slack, which waits for three seconds. A driver that is cancelled asks a server
that may be gone to cancel too, and waits for that; so nobody waits for the driver.
"""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from sqlalchemy import Executable, Row, event
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.installs.private_file import keep_private
from bot.settings import StartError
from bot.slack.workspaces import InstallsUnavailableError

LOG = logging.getLogger(__name__)

T = TypeVar("T")

_FORCE = 0.2  # seconds for a driver to end by itself what nobody waits for any more
# psycopg prepares statements that come again, which poolers like PgBouncer cannot keep apart.
_CONNECT: dict[str, dict[str, Any]] = {
    "postgresql+psycopg": {"connect_timeout": 2, "prepare_threshold": None},
    "sqlite+aiosqlite": {},
}
# What each new connection is told first, in milliseconds.
_FIRST = {"postgresql": "SET statement_timeout = 2000", "sqlite": "PRAGMA busy_timeout = 5000"}


class Database:
    """A database, by an address as hosts write it: `postgres://...`, or `sqlite:///file`.

    Every statement is its own transaction, so that nothing is left open when one is cut off.

    Args:
        url: the address.

    Raises:
        StartError: it is no address.
    """

    def __init__(self, url: str) -> None:
        self.engine = _open_engine(url)
        self._working: set[asyncio.Task[Any]] = set()
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def dialect(self) -> str:
        """Which SQL it speaks, `sqlite` or `postgresql`."""
        return self.engine.dialect.name

    async def execute(self, statement: Executable, seconds: float) -> Sequence[Row[Any]]:
        """Run a statement and return its rows, as `within` does."""
        return await self.within(seconds, self._execute(statement))

    async def _execute(self, statement: Executable) -> Sequence[Row[Any]]:
        async with self.engine.connect() as connection:
            result = await connection.execute(statement)
            return result.all() if result.returns_rows else []

    async def within(self, seconds: float, work: Coroutine[Any, Any, T]) -> T:
        """Return what work on the database answers.

        Raises:
            InstallsUnavailableError: it failed, or would have taken longer.
        """
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        try:
            await asyncio.wait({task}, timeout=seconds)
        finally:
            if not task.done():
                self._end(task)
        try:
            if not task.done():
                raise TimeoutError(f"no answer within {seconds} seconds")
            return task.result()
        except (SQLAlchemyError, OSError) as error:
            reason = _reason(error)
            LOG.warning("the database failed", extra={"reason": reason})
            raise InstallsUnavailableError(reason) from None

    def _end(self, task: asyncio.Task[Any]) -> None:
        ending = asyncio.create_task(_cancel(task))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """Cut off what is still going on, and close every connection."""
        for task in self._working:
            self._end(task)
        await asyncio.gather(*self._ending)
        await self.engine.dispose()


def _open_engine(url: str) -> AsyncEngine:
    scheme, _, rest = url.partition("://")
    driver = "sqlite+aiosqlite" if scheme == "sqlite" else "postgresql+psycopg"
    try:
        engine = create_async_engine(
            f"{driver}://{rest}",
            isolation_level="AUTOCOMMIT",
            connect_args=_CONNECT[driver],
            pool_size=4,
            max_overflow=0,
            pool_timeout=1,
            pool_pre_ping=True,
            pool_recycle=1800,
            hide_parameters=True,
        )
    except (ArgumentError, ValueError):
        raise StartError(
            "Meet for Slack cannot read DATABASE_URL. It looks like "
            "postgres://user:password@host:5432/name, with %40 for an @ in the password."
        ) from None
    event.listen(engine.sync_engine, "connect", _begin)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "do_connect", keep_private)
    return engine


def _begin(connection: Any, _: ConnectionPoolEntry) -> None:
    kind = "sqlite" if "sqlite" in type(connection).__name__ else "postgresql"
    connection.cursor().execute(_FIRST[kind])


async def _cancel(task: asyncio.Task[Any]) -> None:
    """End a task. The second time, psycopg closes its connection instead of asking the server."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_FORCE)
    await asyncio.gather(task, return_exceptions=True)


def _reason(error: Exception) -> str:
    """Return what went wrong in one line, without the statement."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return " ".join(str(cause).split()) or type(cause).__name__

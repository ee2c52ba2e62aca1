"""Run statements on the installations database, each with a timeout.

Callers have 3 s to answer Slack. A cancelled psycopg call waits for the server, which may be gone,
so cancelled calls are never awaited here. Drivers' error texts may hold secrets: nothing passes
them on.
"""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from psycopg.conninfo import make_conninfo
from psycopg.pq import ConnStatus, PGconn
from sqlalchemy import Executable, Row, event
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.caching.shared import retrieve_exception
from bot.installs.private_file import keep_private
from bot.installs.reasons import reason_of
from bot.settings.settings import SettingsError
from bot.slack.background import Background
from bot.slack.workspaces import InstallsUnavailableError

LOG = logging.getLogger(__name__)

T = TypeVar("T")

_UNREADABLE = (
    "DATABASE_URL can't be read. It looks like postgres://user:password@host:5432/name, with %40 "
    "for an @ in the password."
)
_HOSTS = {"host", "hostaddr"}  # libpq accepts any value of these
_CANCEL_INTERVAL = 0.2  # seconds until a task that ignores its cancellation is cancelled again
# psycopg would prepare repeated statements, which poolers like PgBouncer can't tell apart.
_CONNECT_ARGS: dict[str, dict[str, Any]] = {
    "postgresql+psycopg": {"connect_timeout": 2, "prepare_threshold": None},
    "sqlite+aiosqlite": {},
}
# The first statement of each connection; milliseconds.
_SET_TIMEOUT = {
    "postgresql": "SET statement_timeout = 2000",
    "sqlite": "PRAGMA busy_timeout = 5000",
}
_LOGGERS = ("aiosqlite", "alembic", "psycopg", "sqlalchemy")  # they log drivers' error texts


class Database:
    """A connection pool for one database.

    Every statement is its own transaction, so a cancelled one leaves nothing open.

    Args:
        url: `postgres://...` as hosts write it, or `sqlite:///file`.

    Raises:
        SettingsError: the URL can't be parsed.
    """

    def __init__(self, url: str) -> None:
        for name in _LOGGERS:
            logging.getLogger(name).propagate = False
        self.engine = _open_engine(url)
        self._running = Background()
        self._cancelling = Background()

    def check(self) -> None:
        """Check the URL's parameters with libpq, which validates them before it connects.

        Raises:
            SettingsError: libpq rejects one.
        """
        is_postgres = self.dialect == "postgresql"
        if is_postgres and _is_valid({}):  # if not, this machine's own libpq settings are broken
            for name, value in self.engine.url.query.items():
                if name not in _HOSTS and not _is_valid({name: value}):
                    raise SettingsError(
                        [f"DATABASE_URL has a value for {name} that PostgreSQL can't use."]
                    )

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    async def execute(self, statement: Executable, seconds: float) -> Sequence[Row[Any]]:
        """Run a statement and return its rows; `run` says what it raises."""
        return await self.run(self._execute(statement), seconds)

    async def _execute(self, statement: Executable) -> Sequence[Row[Any]]:
        async with self.engine.connect() as connection:
            result = await connection.execute(statement)
            return result.all() if result.returns_rows else []

    async def run(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        """Run work on the database with a timeout in seconds, and return its result.

        Raises:
            InstallsUnavailableError: the work failed or timed out.
        """
        task = self._running.start(work)
        task.add_done_callback(retrieve_exception)
        try:
            await asyncio.wait({task}, timeout=seconds)
        finally:
            if not task.done():
                self._cancelling.start(_cancel(task))
        reason = f"no answer within {seconds:g} seconds"
        if task.done():
            try:
                return task.result()
            except Exception as error:  # noqa: BLE001 - drivers and SQLAlchemy raise all sorts
                reason = reason_of(error)
        LOG.warning("the database failed", extra={"reason": reason})
        raise InstallsUnavailableError(reason)

    async def close(self) -> None:
        """Cancel the work in flight, and close every connection."""
        for task in self._running:
            self._cancelling.start(_cancel(task))
        await asyncio.gather(*self._cancelling)
        await self.engine.dispose()


def _open_engine(url: str) -> AsyncEngine:
    scheme, _, rest = url.partition("://")
    driver = "sqlite+aiosqlite" if scheme == "sqlite" else "postgresql+psycopg"
    try:
        engine = create_async_engine(
            f"{driver}://{rest}",
            isolation_level="AUTOCOMMIT",
            connect_args=_CONNECT_ARGS[driver],
            pool_size=4,
            max_overflow=0,
            pool_timeout=1,
            pool_pre_ping=True,
            pool_recycle=1800,
            hide_parameters=True,
        )
    except (ArgumentError, ValueError):
        raise SettingsError([_UNREADABLE]) from None
    event.listen(engine.sync_engine, "connect", _set_timeout)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "do_connect", keep_private)
    return engine


def _set_timeout(connection: Any, _: ConnectionPoolEntry) -> None:
    kind = "sqlite" if "sqlite" in type(connection).__name__ else "postgresql"
    connection.cursor().execute(_SET_TIMEOUT[kind])


async def _cancel(task: asyncio.Task[Any]) -> None:
    """Cancel a task until it ends: psycopg drops the connection at the second cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_CANCEL_INTERVAL)
    await asyncio.gather(task, return_exceptions=True)


def _is_valid(parameters: dict[str, Any]) -> bool:
    nowhere = {"hostaddr": "127.0.0.1", "port": "1"}
    connection = PGconn.connect_start(make_conninfo(**nowhere | parameters).encode())
    valid = connection.status != ConnStatus.BAD
    connection.finish()
    return valid

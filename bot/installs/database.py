"""Speak with the database that keeps the installations, and never wait for it longer than agreed.

Callers have three seconds to answer Slack. Cancelling psycopg waits for the server, which may be
gone, so nobody awaits a cancelled driver. Nothing that a driver says is passed on.
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

from bot.installs.private_file import keep_private
from bot.installs.reasons import reason_of
from bot.settings.database_address import PARAMETERS
from bot.settings.settings import SettingsError
from bot.slack.workspaces import InstallsUnavailableError

LOG = logging.getLogger(__name__)

T = TypeVar("T")

_UNREADABLE = (
    "DATABASE_URL can't be read. It looks like postgres://user:password@host:5432/name, with %40 "
    "for an @ in the password."
)
_WHERE = {"host", "hostaddr"}  # where a server is, which isn't asked
_FORCE = 0.2  # seconds for a driver to end by itself what nobody waits for any more
# psycopg prepares statements that come again, which poolers like PgBouncer cannot keep apart.
_CONNECT: dict[str, dict[str, Any]] = {
    "postgresql+psycopg": {"connect_timeout": 2, "prepare_threshold": None},
    "sqlite+aiosqlite": {},
}
# Settings of each new connection, in milliseconds.
_FIRST = {"postgresql": "SET statement_timeout = 2000", "sqlite": "PRAGMA busy_timeout = 5000"}
_TALKATIVE = ("aiosqlite", "alembic", "psycopg", "sqlalchemy")  # they log what drivers say


class Database:
    """A database, by an address as hosts write it: `postgres://...`, or `sqlite:///file`.

    Every statement is its own transaction, so that nothing is left open when one is cut off.

    Args:
        url: the address.

    Raises:
        SettingsError: it can't be read.
    """

    def __init__(self, url: str) -> None:
        for name in _TALKATIVE:
            logging.getLogger(name).propagate = False
        self.engine = _open_engine(url)
        self._working: set[asyncio.Task[Any]] = set()
        self._ending: set[asyncio.Task[None]] = set()

    def check(self) -> None:
        """Let libpq read the value of each parameter, which it does before it connects anywhere.

        Raises:
            SettingsError: it can't use one.
        """
        is_postgres = self.dialect == "postgresql"
        if is_postgres and _is_understood({}):  # else libpq's own settings on this machine are odd
            for name, value in self.engine.url.query.items():
                if name in PARAMETERS - _WHERE and not _is_understood({name: value}):
                    raise SettingsError(
                        [f"DATABASE_URL has a value for {name} that PostgreSQL can't use."]
                    )

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
        task.add_done_callback(self._forget)
        try:
            await asyncio.wait({task}, timeout=seconds)
        finally:
            if not task.done():
                self._end(task)
        reason = f"no answer within {seconds:g} seconds"
        if task.done():
            try:
                return task.result()
            except Exception as error:  # noqa: BLE001 - drivers and SQLAlchemy raise what they like
                reason = reason_of(error)
        LOG.warning("the database failed", extra={"reason": reason})
        raise InstallsUnavailableError(reason)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        """Retrieve the exception, or asyncio logs it if nobody does."""
        self._working.discard(task)
        if not task.cancelled():
            task.exception()

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
        raise SettingsError([_UNREADABLE]) from None
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


def _is_understood(parameters: dict[str, Any]) -> bool:
    nowhere = {"hostaddr": "127.0.0.1", "port": "1"}
    connection = PGconn.connect_start(make_conninfo(**nowhere | parameters).encode())
    understood = connection.status != ConnStatus.BAD
    connection.finish()
    return understood

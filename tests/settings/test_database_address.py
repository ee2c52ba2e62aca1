"""DATABASE_URL is validated at start-up, and no part of it is ever repeated."""

import asyncio
import os
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import pytest

from bot.doctor.report import examine
from bot.doctor.trouble import WRONG
from bot.installs.database import Database
from bot.settings.database_address import database_url
from bot.settings.settings import Settings, SettingsError
from bot.slack.workspaces import InstallsUnavailableError
from tests.conftest import environment
from tests.process import BotProcess, bot_process
from tests.sandbox.installing import CLIENT_ID, CLIENT_SECRET

PIECES = ("us3rzz", "p1ecezz", "s3condzz", "h0stzz", "datab4sezz")
SERVER = "postgres://us3rzz:p1ecezz@127.0.0.1:1/datab4sezz"
NASTY = [
    *"@/:%#?&=,[\\ ",
    "@@",
    "://",
    "%2F",
    "%zz",
    "密",
    "?sslmode=",
]


def settings(address: str, **changes: str | None) -> dict[str, str]:
    """Return settings for many workspaces."""
    return environment(
        SLACK_BOT_TOKEN=None,
        SLACK_CLIENT_ID=CLIENT_ID,
        SLACK_CLIENT_SECRET=CLIENT_SECRET,
        TOKEN_KEYS="5a" * 32,
        PUBLIC_URL="https://meet.example.com",
        DATABASE_URL=address,
        **changes,
    )


def problem(address: str) -> str:
    """Return the error about an address; "" if there is none."""
    try:
        database_url(address)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "address",
    [
        "postgres://user:password@host:5432/name",
        "postgresql://user@my_db.internal./name?sslmode=require&options=-c%20geqo%3Doff",
        "postgres://host",
        "postgres://ann:a:b/c?d#e%40@db.example.com/meet",
        "postgres://ann@tenant:password@db.example.com:6543/meet",
        "postgres://user:password@[::1]:5432/name",
        "postgres://user:password@/name?host=/cloudsql/project:region:instance",
        "postgres://user@bücher.example/name",
        f"postgres://{'a' * 63}.{'b' * 63}.example/name",
    ],
)
def test_addresses_in_the_forms_that_hosts_use_are_accepted(address: str) -> None:
    assert problem(address) == ""


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (f"{SERVER}?pgbouncer=true", "has a parameter that PostgreSQL doesn't know"),
        (f"{SERVER}?sslmode=require&sslmode=prefer", "has a parameter twice"),
        ("postgres://us3rzz@one,two/name", "names several hosts"),
        ("postgres://us3rzz@one:5432,two:5432/name", "names several hosts"),
        (f"{SERVER}?host=one,two", "names several hosts"),
        (f"{SERVER}?port=1,2", "names several hosts"),
        (f"{SERVER}?hostaddr=127.0.0.1,127.0.0.2", "names several hosts"),
        (f"postgres://{'a' * 64}.example/name", "has a host name that can't exist"),
        (f"{SERVER}?host={'a' * 64}", "has a host name that can't exist"),
        (f"postgres://{'a.' * 130}example/name", "has a host name that can't exist"),
        ("postgres://a..b/name", "has a host name that can't exist"),
        ("postgres://%2Fvar%2Frun/name", "has a host name that can't exist"),
        ("postgres://[::zz]/name", "has a host name that can't exist"),
        ("postgres://host:port/name", "has a port"),
        ("postgres://host:65536/name", "has a port"),
        ("postgres://us3rzz:p1ece@zz@host/name", "has an @ in its user or password"),
        ("postgres://host/na\nme", "has a stray character"),
        ("mysql://host/name", "must begin with postgres:// or sqlite:///"),
        ("sqlite://host/name", "must begin with postgres:// or sqlite:///"),
        ("sqlite:///:memory:", "must name a file"),
        ("sqlite:///%3Amemory%3A", "must name a file"),
        ("sqlite:///file::memory:", "must name a file"),
        ("sqlite:///meet.db?mode=ro", "takes no parameters with SQLite"),
        ("sqlite:////nowhere/meet.db", "names a file in a folder that doesn't exist"),
        (f"sqlite:///{'m' * 300}.db", "names a file that the bot can't open"),
    ],
)
def test_an_address_that_can_never_work_is_rejected(address: str, message: str) -> None:
    assert problem(address).startswith(message)


def test_a_file_must_be_usable(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "notes.txt").write_text("no database, but notes", encoding="utf-8")
    (tmp_path / "empty.db").touch()

    assert problem(f"sqlite:///{tmp_path}/new.db") == ""
    assert problem(f"sqlite:///{tmp_path}/empty.db") == ""
    assert problem(f"sqlite:///{tmp_path}/folder").startswith("names a folder")
    assert problem(f"sqlite:///{tmp_path}/notes.txt").startswith("names a file that isn't a SQLite")
    assert problem(f"sqlite:///{tmp_path}/notes.txt/x.db").endswith("doesn't exist")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everyone can write to."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


@contextmanager
def as_nobody() -> Iterator[None]:
    """Drop root's permissions for a while, if the tests run as root."""
    user = os.geteuid()
    os.seteuid(user or 65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_folder_or_file_must_be_writable(open_folder: Path) -> None:
    closed, kept = open_folder / "closed", open_folder / "kept.db"
    closed.mkdir(mode=0o555)
    kept.touch(mode=0o444)

    with as_nobody():
        assert problem(f"sqlite:///{closed}/meet.db").endswith("folder that the bot can't write to")
        assert problem(f"sqlite:///{kept}").endswith("file that the bot can't write to")
        assert problem(f"sqlite:///{open_folder}/new.db") == ""


def test_the_default_address_is_checked_too(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_folder.chmod(0o555)
    monkeypatch.chdir(open_folder)

    with as_nobody(), pytest.raises(SettingsError, match="DATABASE_URL names a file in a folder"):
        Settings.from_env(settings(""))


@pytest.mark.parametrize("parameter", ["sslmode=on", "keepalives=yes", "service=p1ecezz"])
async def test_a_value_that_libpq_rejects_is_reported_with_its_parameter(parameter: str) -> None:
    address = f"{SERVER}?{parameter}&connect_timeout=5"
    name = parameter.partition("=")[0]

    database = Database(address)
    with pytest.raises(SettingsError, match=f"has a value for {name} that") as raised:
        database.check()
    await database.close()
    found = [finding async for finding in examine(settings(address))]

    [wrong] = [finding for finding in found if finding.about == "DATABASE_URL"]
    assert (wrong.level, name in wrong.says) == (WRONG, True)
    assert [piece for piece in PIECES if piece in f"{raised.value}{found}"] == []


def test_if_libpq_cannot_validate_the_address_is_accepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGSERVICE", "nowhere-defined")

    Database(f"{SERVER}?sslmode=on").check()


async def printed(bot: BotProcess) -> str:
    """Return everything that a process printed."""
    assert bot.process.stdout
    return (await bot.process.stdout.read()).decode() + bot.printed


async def test_a_value_that_libpq_rejects_stops_the_bot() -> None:
    async with bot_process(settings(f"{SERVER}?sslmode=on")) as bot:
        assert await asyncio.wait_for(bot.process.wait(), 10) == 2

    assert [line["event"].strip() for line in bot.log] == [
        "Meet for Slack can't start: 1 setting needs attention.",
        "DATABASE_URL has a value for sslmode that PostgreSQL can't use.",
    ]


@pytest.mark.parametrize("arguments", [(), ("migrate",), ("doctor",)])
async def test_a_bad_address_is_one_sentence_and_exit_code_2(arguments: tuple[str, ...]) -> None:
    address = f"{SERVER}?s3condzz=1"
    async with bot_process(settings(address), *arguments) as bot:
        assert await asyncio.wait_for(bot.process.wait(), 10) == 2
        text = await printed(bot)

    assert "DATABASE_URL has a parameter that PostgreSQL doesn't know." in text
    assert "Traceback" not in text
    assert [piece for piece in PIECES if piece in text] == []


async def outcome(address: str) -> str:
    """Return everything that the settings, the doctor and the database say about an address."""
    said = [finding async for finding in examine(settings(address))]
    try:
        database = Database(Settings.from_env(settings(address)).database_url)
    except SettingsError as error:
        return f"{error}{said}"
    with pytest.raises(InstallsUnavailableError) as failed:
        await database.run(database.engine.connect().start(), 2)
    await database.close()
    return f"{failed.value}{said}"


@pytest.mark.parametrize("part", NASTY)
async def test_no_part_of_an_address_is_repeated(
    part: str, caplog: pytest.LogCaptureFixture
) -> None:
    for written in {part, quote(part, safe="")}:
        password = f"p1ecezz{written}s3condzz"
        for address in (
            f"postgres://us3rzz:{password}@127.0.0.1:1/datab4sezz",
            f"postgres://{password}:us3rzz@127.0.0.1:1/datab4sezz?sslmode=disable",
            f"postgres://us3rzz@h0stzz{written}/datab4sezz",
            f"sqlite:////nowhere/{password}/datab4sezz",
        ):
            message = await outcome(address)
            assert [piece for piece in PIECES if piece in message + caplog.text] == []


@asynccontextmanager
async def refusing_server() -> AsyncIterator[int]:
    """Run a PostgreSQL stub whose errors quote everything it was sent; yield its port."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent = await reader.read(1000)
        said = sent[8:].replace(b"\0", b" ") + b" p1ecezz s3condzz"
        fields = b"SFATAL\0C28P01\0Mpassword authentication failed for " + said + b"\0\0"
        writer.write(b"E" + struct.pack("!i", 4 + len(fields)) + fields)
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_server_error_that_quotes_the_address_is_not_repeated() -> None:
    async with refusing_server() as port:
        address = f"postgres://us3rzz:p1ecezz@127.0.0.1:{port}/datab4sezz?sslmode=disable"
        async with bot_process(settings(address), "migrate") as bot:
            assert await asyncio.wait_for(bot.process.wait(), 10) == 1
            text = await printed(bot)
        text += str([finding async for finding in examine(settings(address))])

    assert "the database failed" in text
    assert text.count("password rejected") == 3
    assert [piece for piece in PIECES if piece in text] == []

"""Validate DATABASE_URL.

No message repeats a part of the address: in a malformed address, any part may be the password.
"""

import os
import re
import stat
from ipaddress import IPv6Address
from pathlib import Path
from urllib.parse import parse_qsl, unquote

_HIGHEST_PORT = 65535
_HOST = re.compile(r"(?=.{1,253}\.?$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")
_MAGIC = b"SQLite format 3\0"  # https://www.sqlite.org/fileformat.html
# Like SQLAlchemy's parser, which allows : / ? and # unescaped in the password.
_POSTGRES = re.compile(
    r"postgres(?:ql)?://(?:[^:/]*(?::[^@]*)?@)?"
    r"(?P<host>\[[^/?]+\]|[^/:?]*)(?::(?P<port>[^/?]*))?(?:/[^?]*)?(?:\?(?P<query>.*))?"
)
_SQLITE = re.compile(r"sqlite:///(?P<path>[^?]+)(?P<query>\?.*)?")
_SEVERAL_HOSTS = "names several hosts, but the bot uses only one"


def database_url(value: str) -> str:
    """Return the address unchanged if it names one PostgreSQL host or a usable SQLite file.

    Raises:
        ValueError: it can never work; the message follows the setting's name.
    """
    if not value.isprintable():
        raise ValueError("has a stray character in it; copy it again")
    if file := _SQLITE.fullmatch(value):
        if file["query"]:
            raise ValueError("takes no parameters with SQLite")
        _check_file(unquote(file["path"]))
    elif server := _POSTGRES.fullmatch(value):
        _check_host(server["host"])
        _check_port(server["port"])
        _check_parameters(server["query"] or "")
    else:
        raise ValueError("must begin with postgres:// or sqlite:///")
    return value


def _check_file(path: str) -> None:
    if ":memory:" in path:
        raise ValueError("must name a file: a SQLite database in memory is lost with each restart")
    try:
        _check_access(Path(path))
    except OSError:
        raise ValueError("names a file that the bot can't open") from None


def _check_access(file: Path) -> None:
    if not file.parent.is_dir():
        raise ValueError("names a file in a folder that doesn't exist")
    if not _is_writable(file.parent, os.W_OK | os.X_OK):
        raise ValueError("names a file in a folder that the bot can't write to")
    try:
        is_folder = stat.S_ISDIR(file.stat().st_mode)
    except FileNotFoundError:
        return
    if is_folder:
        raise ValueError("names a folder instead of a file")
    if not _is_writable(file, os.W_OK):
        raise ValueError("names a file that the bot can't write to")
    with file.open("rb") as opened:
        if opened.read(len(_MAGIC)) not in {b"", _MAGIC}:
            raise ValueError("names a file that isn't a SQLite database")


def _is_writable(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _check_host(host: str) -> None:
    if "@" in host:
        raise ValueError("has an @ in its user or password: write %40 for it")
    if "," in host:
        raise ValueError(_SEVERAL_HOSTS)
    if host and not _can_exist(host):
        raise ValueError(
            "has a host name that can't exist: its parts have 1 to 63 letters, digits, - or _"
        )


def _can_exist(host: str) -> bool:
    """Return whether a host is a well-formed name or IP address."""
    try:
        if host.startswith("["):
            return bool(IPv6Address(host.strip("[]")))
        return _HOST.fullmatch(host.encode("idna").decode()) is not None
    except ValueError:  # includes UnicodeError: a label is empty or too long
        return False


def _check_port(port: str | None) -> None:
    if port and "," in port:
        raise ValueError(_SEVERAL_HOSTS)
    if port and not (re.fullmatch(r"[0-9]{1,5}", port) and 0 < int(port) <= _HIGHEST_PORT):
        raise ValueError(f"has a port that isn't a number from 1 to {_HIGHEST_PORT}")


def _check_parameters(query: str) -> None:
    from psycopg.pq import Conninfo  # takes 0.1 s to import, and only PostgreSQL needs it

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    pairs = parse_qsl(query)
    named = [name for name, _ in pairs]
    if not known.issuperset(named):
        raise ValueError("has a parameter that PostgreSQL doesn't know")
    if len(named) != len(set(named)):
        raise ValueError("has a parameter twice")
    for name, value in pairs:
        if name == "host" and not value.startswith("/"):  # a path is a Unix socket
            _check_host(value)
        if name == "port":
            _check_port(value)
        if name == "hostaddr" and "," in value:
            raise ValueError(_SEVERAL_HOSTS)

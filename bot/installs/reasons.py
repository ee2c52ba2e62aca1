"""Say in our own words why a database failed.

A driver's text may quote the address, or what it took for a part of it, so no such text goes any
further: no log line, page or message repeats it.
"""

import re

from sqlalchemy.exc import DBAPIError

# What libpq, psycopg, PostgreSQL and SQLite say of the usual causes, in lower case.
_WORDS = {
    "connection refused": "connection refused",
    "resolve host": "host not found",
    "translate host name": "host not found",
    "timeout": "timed out",
    "password authentication failed": "password rejected",
    "no password supplied": "password missing",
    "certificate": "TLS certificate rejected",
    "ssl": "TLS failed",
    "does not exist": "no such database or user",
    "connection slots": "too many connections",
    "too many connections": "too many connections",
    "starting up": "starting up",
    "shutting down": "shutting down",
    "closed the connection": "connection closed",
    "terminating connection": "connection closed",
    "unable to open": "file can't be opened",
    "readonly": "file can't be written",
    "not a database": "file is no database",
    "is full": "disk is full",
    "locked": "locked",
}
_CODE = re.compile(r"[0-9A-Z]{5}|SQLITE_[A-Z_]{1,40}")


def reason_of(error: BaseException) -> str:
    """Return why work on a database failed: a few words, and the database's code if it gave one."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    text = str(cause).lower()
    words = next((words for sign, words in _WORDS.items() if sign in text), type(cause).__name__)
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return f"{words} ({code})" if code and _CODE.fullmatch(str(code)) else words

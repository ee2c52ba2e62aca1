"""Describe why a database failed, without the driver's own words.

A driver's error text may quote the address, password included, so it never reaches a log line,
page or message.
"""

import re

from sqlalchemy.exc import DBAPIError

# From the error texts of libpq, psycopg, PostgreSQL and SQLite, in lower case.
_REASONS = {
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
    "not a database": "file is not a database",
    "is full": "disk is full",
    "locked": "locked",
}
_CODE = re.compile(r"[0-9A-Z]{5}|SQLITE_[A-Z_]{1,40}")


def reason_of(error: BaseException) -> str:
    """Return the reason in a few words, with the database's error code if there is one."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    text = str(cause).lower()
    words = next((words for sign, words in _REASONS.items() if sign in text), type(cause).__name__)
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return f"{words} ({code})" if code and _CODE.fullmatch(str(code)) else words

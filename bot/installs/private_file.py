"""Make the SQLite file readable by its owner only."""

import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

_OWNER_ONLY = 0o600


def keep_private(
    _dialect: Any, _record: Any, args: Sequence[Any], _options: Mapping[str, Any]
) -> None:
    """Create the file with mode 600 before SQLite does, or change the mode of an existing one.

    SQLite gives its journal the same mode. An existing file is never opened here: closing it would
    release SQLite's locks on it (sqlite.org/howtocorrupt.html). Failures are left for SQLite to
    report.

    Args:
        args: the driver's arguments; the first is the file.
    """
    file = Path(args[0])
    with suppress(OSError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY))
    with suppress(OSError):
        if stat.S_IMODE(file.stat().st_mode) & ~_OWNER_ONLY:
            file.chmod(_OWNER_ONLY)

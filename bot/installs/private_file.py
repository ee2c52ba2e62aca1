"""Keep other users of the machine out of the SQLite file."""

import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

_OWNERS = 0o600


def keep_private(
    _dialect: Any, _record: Any, args: Sequence[Any], _options: Mapping[str, Any]
) -> None:
    """Create the file before SQLite does, for its owner alone; close one that is open to others.

    SQLite gives its journal the mode of the file. A file that is there is never opened here: to
    close it again would release the locks that SQLite has on it (sqlite.org/howtocorrupt.html).
    What can't be done is left to SQLite, which says why.

    Args:
        args: of the driver: the file.
    """
    file = Path(args[0])
    with suppress(OSError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNERS))
    with suppress(OSError):
        if stat.S_IMODE(file.stat().st_mode) & ~_OWNERS:
            file.chmod(_OWNERS)

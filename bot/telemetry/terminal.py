"""Text that enters and leaves the process, whatever its locale."""

import codecs
import io
from typing import TextIO


def escape_unwritable(*streams: TextIO) -> None:
    r"""Let streams write `\u2026` for what their encoding does not have, instead of failing."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def writes_utf8(stream: TextIO) -> bool:
    """Return whether a stream writes UTF-8, or text that nobody encodes."""
    return not stream.encoding or codecs.lookup(stream.encoding).name == "utf-8"


def from_system(text: str) -> str:
    """Return an argument or environment variable, reading the bytes Python could not as UTF-8.

    In the C locale without PEP 540's UTF-8 mode, Python keeps bytes above 127 as surrogates, which
    nothing can send or print.
    """
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

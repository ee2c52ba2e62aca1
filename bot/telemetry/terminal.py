"""Read and write text in any locale."""

import codecs
import io
from typing import TextIO


def escape_unwritable(*streams: TextIO) -> None:
    r"""Let streams write escapes such as `\u2026` where their encoding lacks a character."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def writes_utf8(stream: TextIO) -> bool:
    """Return whether a stream writes UTF-8, or doesn't encode at all (StringIO)."""
    return not stream.encoding or codecs.lookup(stream.encoding).name == "utf-8"


def from_system(text: str) -> str:
    """Decode an argument or environment variable as UTF-8 where Python didn't.

    In the C locale without PEP 540's UTF-8 mode, Python decodes bytes above 127 to surrogates,
    which can't be sent or printed.
    """
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

"""Transcripts and summaries in the form of VideoSDK's text files."""

import re
from typing import NamedTuple

_MAX_QUOTED = 5  # lines in a summary
_PROMISE = re.compile(r"\b(I'll|I will|let's|we should|need to|to-?do)\b", re.IGNORECASE)


class Line(NamedTuple):
    """A line that somebody said."""

    speaker: str
    text: str


def transcript_of(lines: list[Line]) -> str:
    """Return a transcript; public clients expect `[Speaker]: text` on each line."""
    return "".join(f"[{line.speaker}]: {line.text}\n" for line in lines)


def summary_of(lines: list[Line]) -> str:
    """Return a summary in Markdown, as language models write it."""
    if not lines:
        return "## Summary\n\nNothing was said.\n"
    names = _in_words(list(dict.fromkeys(line.speaker for line in lines)))
    quoted = [f"- {line.speaker}: {line.text}" for line in lines[:_MAX_QUOTED]]
    promises = [f"- {line.speaker}: {line.text}" for line in lines if _PROMISE.search(line.text)]
    return "\n".join(
        [
            *("## Summary", "", f"{names} talked. The main points:", "", *quoted),
            *("", "## Action items", "", *(promises or ["- None"])),
            "",
        ]
    )


def _in_words(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last

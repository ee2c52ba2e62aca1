"""A text of what messages and pages say, the same in each run."""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any

from bot.sandbox.slack.workspace import USERS, ChannelMessage

_SAME = (  # what differs from run to run
    (r"<!date\^-?\d+\^([^|]*)\|[^>]*>", r"\1"),
    (r"\{date_short_pretty\}", "{date}"),
    (r"\d\d:\d\d UTC", "{time} UTC"),
    (r"<https?://[^|>]*\|([^>]*)>", r"\1 {link}"),
    (r"https?://127\.0\.0\.1:\d+", "https://bot.example.com"),
    (r"/join/[\w.-]+", "/join/{token}"),
    (r"(?!87i6-bvw8-dtn1)\b[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}\b", "{meeting ID}"),
    (r"(Reference: `?)[0-9a-f]{8}", r"\1{reference}"),
    (r"in \d+ seconds", "in {n} seconds"),
    (r"Python \d[\w.+]*", "Python {version}"),
    (r"Meet for Slack \d[\d.]*", "Meet for Slack {version}"),
    (r"Cannot connect to host .*", "{what the system says}"),
    *((f"<@{user.id}>", f"@{user.name}") for user in USERS),
)
_BLOCK_TAGS = {*("title", "h1", "h2", "p", "dt", "dd", "a", "button", "code", "small", "main")}
_SILENT_TAGS = {"style", "script"}


class Sheet:
    """Every sentence once, under the scene it belongs to; `…` replaces lines from above."""

    def __init__(self) -> None:
        self._written: list[str] = []
        self._seen: set[str] = set()

    def chapter(self, title: str) -> None:
        """Begin a chapter."""
        self._written += ["", "", title, "=" * len(title)]

    def write(self, when: str, lines: Iterable[str]) -> None:
        """Write down lines under the scene they belong to."""
        self._written += ["", normalise(when)]
        skipped = False
        for line in (same for said in lines for same in normalise(said).split("\n") if same):
            skipped = skipped or line in self._seen
            if line not in self._seen:
                self._written.append(f"    {line}")
                self._seen.add(line)
        if skipped:
            self._written.append("    …")

    def message(self, when: str, message: ChannelMessage) -> None:
        """Write down a message, and who sees it."""
        who = "one person sees it" if message.visible_to else "everyone sees it"
        self.write(f"{when}  ({who})", _said(message.blocks, message.text))

    def page(self, when: str, html: str) -> None:
        """Write down a page."""
        self.write(when, _Words(html).lines)

    @property
    def text(self) -> str:
        """The whole text."""
        return "\n".join(self._written).strip() + "\n"


def normalise(text: str) -> str:
    """Return a text as Slack shows it, with everything that differs between runs replaced."""
    for pattern, same in _SAME:
        text = re.sub(pattern, same, text)
    return unescape(text)


def words_in(part: Any) -> Iterator[str]:
    """Yield every text in blocks or in a view, in order."""
    if isinstance(part, list):
        for inner in part:
            yield from words_in(inner)
    elif isinstance(part, dict):
        if part.get("type") in ("plain_text", "mrkdwn"):
            yield part["text"]
        if label := part.get("accessibility_label"):
            yield f"{label}  (read aloud)"
        yield from words_in([inner for inner in part.values() if isinstance(inner, list | dict)])


def _said(blocks: list[dict[str, Any]] | None, text: str) -> Iterator[str]:
    shown = list(words_in(blocks or []))
    yield from shown
    if text not in shown:
        yield f"{text}  (in notifications)"


class _Words(HTMLParser):
    """Parser that collects the lines of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._line: list[str] = []
        self._silent = False
        self.feed(html)
        self._flush()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag in _SILENT_TAGS
        if tag in _BLOCK_TAGS and not (tag == "code" and self._line):
            self._flush()
        if tag == "iframe":
            self.lines.append(f"{dict(attrs)['title']}  (read aloud)")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False
        if tag in _BLOCK_TAGS - {"code"}:
            self._flush()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._line.append(data)

    def _flush(self) -> None:
        if line := " ".join("".join(self._line).split()):
            self.lines.append(line)
        self._line = []

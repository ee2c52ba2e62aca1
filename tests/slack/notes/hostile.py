"""Summaries with active markup, and a check that none of it takes effect."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from bot.links import Conversation, NotesLink
from bot.rooms.runs import Person
from bot.slack.blocks import Message
from bot.slack.notes.reply import reply
from bot.slack.notes.state import NotesState, Stage
from bot.workspace import Workspace

LINK = NotesLink(
    Conversation(Workspace("T1"), "C1"), "1795428000.000100", "abcd-efgh-ijkl", "U1", "U2"
)
CDN = "https://cdn.videosdk.live"
_OURS = {"<@U1>", f"<{CDN}/s.txt|Read the whole summary>", f"<{CDN}/t.txt|Transcript>"}
_PIECES = (
    *("<@U999>", "<!here>", "<!channel|x>", "<#C1|general>", "<https://evil.example|our wiki>"),
    *("@here", "@channel", "@everyone", "@ann", "#general", "&lt;!here&gt;", "&", "<", ">"),
    *("https://evil.example/a?b=c", "http://10.0.0.1", "www.evil.example", "evil.example/x"),
    *(
        "mailto:a@evil.example",
        "a@evil.example",
        "tel:112",
        "*",
        "_",
        "~",
        "`",
        "```",
        "*b*",
        "_i_",
    ),
    *("~s~", "`c`", ":tada:", "> quote", "\n", "\n\n", "- ", "# ", "**", "\u202e", "\u2060", "\0"),
    *("<!date^0^{date}^https://evil.example|x>", "|", "\\", "é", "会議", "👩‍👩‍👧"),
)
# Text that Slack or a client could take for a reference, an address, formatting or an emoji.
_EFFECT = re.compile(
    r"[<>]|[@#]\w|\w:/|\w\.\w|:\w+:|(?<!\w)([*_~`])\S|^&gt;", re.MULTILINE | re.IGNORECASE
)

SUMMARIES = st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=12))).map("".join)


def shown(summary: str, name: str) -> Message:
    """Return the reply with a summary of a call that a person of this name was in."""
    end = datetime(2026, 11, 26, tzinfo=UTC)
    people = (Person("p", name or "Guest", inside=False, call=None, seconds=60),)
    files = (f"{CDN}/s.txt", f"{CDN}/t.txt")
    state = NotesState(Stage.READY, end, end, people, *files, "an id")
    return reply(LINK, state, summary)


def effects(message: Message) -> list[str]:
    """Return the active markup in a message, other than the bot's own mention and links."""
    return [found[0] for text in _parsed(message) for found in _EFFECT.finditer(_foreign(text))]


def _foreign(text: str) -> str:
    for own in _OURS:
        text = text.replace(own, "")
    return text


def _parsed(message: Message) -> Iterator[str]:
    """Yield every text that Slack parses; check that all turn off automatic links."""
    assert (message["parse"], message["link_names"]) == ("none", False)
    yield message["text"]
    yield from _mrkdwn(message["blocks"])


def _mrkdwn(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from _mrkdwn(one)
    elif isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            assert part["verbatim"] is True
            yield part["text"]
        yield from _mrkdwn([value for value in part.values() if isinstance(value, list | dict)])

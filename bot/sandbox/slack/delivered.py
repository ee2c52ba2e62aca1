"""The result of an interaction, as its sender sees it."""

from dataclasses import dataclass, field

from bot.sandbox.slack.workspace import ChannelMessage


@dataclass
class Delivered:
    """The result of a command, click, shortcut or modal.

    Attributes:
        status: the acknowledgement's HTTP status; None if there was none.
        ms: how long it took, in milliseconds.
        error: Slack's error code; "" if there is none.
        messages: all resulting messages so far; later follow-ups appear here too.
        errors: the errors of a modal's inputs, by block_id.
    """

    status: int | None = None
    ms: int = 0
    error: str = ""
    messages: list[ChannelMessage] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

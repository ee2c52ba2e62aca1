"""Format messages for a terminal."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.slack.calls import SlackCall
from bot.sandbox.slack.emoji import to_emoji
from bot.sandbox.slack.workspace import BOT_NAME, CHANNELS, USERS, Block, ChannelMessage

_USERS = {user.id: user.name for user in USERS}
_CHANNELS = {channel.id: channel.name for channel in CHANNELS}
_PRIVATE = "only visible to you"
_BAR = "│"

_TOKEN = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<bold>\S[^*\n]*)\*(?![\w*])"
    r"|(?<!\w)_(?P<italic>\S[^_\n]*)_(?!\w)"
    r"|(?<![\w~])~(?P<struck>\S[^~\n]*)~(?![\w~])"
)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")  # all but the line feed


def show(message: ChannelMessage, calls: Mapping[str, SlackCall] | None = None) -> str:
    """Format a message as lines: its author, then its content.

    Args:
        message: the message.
        calls: the calls that call blocks show, by ID.
    """
    author = {"app": BOT_NAME, "error": "Slackbot"}.get(message.kind, "")
    author = author or _USERS.get(str(message.user), "")
    head = f"{author} ({_PRIVATE})" if message.visible_to else author
    if message.kind in ("command", "error"):
        lines = message.text.split("\n")
    elif message.kind == "app" and message.blocks:
        lines = [line for block in message.blocks for line in _lines(block, calls or {})]
    else:
        lines = plain(message.text).split("\n")
    return _CONTROL.sub("", "\n".join([head, *(f"{_BAR} {line}".rstrip() for line in lines)]))


def plain(mrkdwn: str) -> str:
    """Convert mrkdwn to plain text, with mentions, links and dates written out."""
    text = _TOKEN.sub(_write_out, mrkdwn)
    return to_emoji(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _lines(block: Block, calls: Mapping[str, SlackCall]) -> Iterator[str]:
    """Format a block; an unsupported type shows as its name."""
    match block:
        case {"type": "header", "text": text}:
            title = to_emoji(text["text"])
            yield title
            yield "─" * len(title)
        case {"type": "section"}:
            yield from _section(block)
        case {"type": "context", "elements": elements}:
            yield from (_text(element) for element in elements)
        case {"type": "actions", "elements": elements}:
            yield from (_button(element) for element in elements)
        case {"type": "divider"}:
            yield "─" * 20
        case {"type": "call", "call_id": call_id} if call_id in calls:
            yield from _call(calls[call_id])
        case _:
            yield f"({block['type']})"


def _section(block: Block) -> Iterator[str]:
    if "text" in block:
        yield from _text(block["text"]).split("\n")
    # A field is a label, a line feed and a value.
    yield from (_text(field).replace("\n", ": ", 1) for field in block.get("fields", []))
    if "accessory" in block:
        yield _button(block["accessory"])


def _call(call: SlackCall) -> Iterator[str]:
    """Format a call: the people in it, or its duration."""
    number = f" · ID {call.external_display_id}" if call.external_display_id else ""
    yield f"{call.title or 'Call'}{number}"
    if call.duration is not None:
        yield f"Ended after {timedelta(seconds=call.duration)}"
    else:
        people = ", ".join(participant.name for participant in call.participants)
        yield f"In the call: {people or 'nobody yet'}"
        yield f"[Join] {call.join_url}"


def _text(element: dict[str, Any]) -> str:
    if element["type"] == "mrkdwn":
        return plain(element["text"])
    return str(element.get("text", element.get("alt_text", "")))


def _button(element: dict[str, Any]) -> str:
    """Format a button or a menu's options; other elements show as their type."""
    if element["type"] == "overflow":
        return f"[⋯ {' | '.join(option['text']['text'] for option in element['options'])}]"
    label = element.get("text", {}).get("text", element["type"])
    return f"[{label}] {element.get('url', '')}".rstrip()


def _write_out(token: re.Match[str]) -> str:
    if token["code"]:
        return token["code"]
    if token["angle"]:
        return _angle(token["angle"])
    return _TOKEN.sub(_write_out, token["bold"] or token["italic"] or token["struck"])


def _angle(content: str) -> str:
    """Format what is between < and >: a mention, a date or a link."""
    target, _, label = content.partition("|")
    if target.startswith("!date^"):
        return _date(target, label)
    if target.startswith("@"):
        return f"@{_USERS.get(target[1:], label or target[1:])}"
    if target.startswith("#"):
        return f"#{_CHANNELS.get(target[1:], label or target[1:])}"
    if target.startswith("!"):
        return f"@{target[1:]}"
    return f"{label} ({target})" if label else target


def _date(target: str, fallback: str) -> str:
    """Format a date in this machine's time zone; return the fallback if it is malformed."""
    try:
        _, seconds, wording = target.split("^")[:3]
        parts = _parts(datetime.fromtimestamp(int(seconds)).astimezone())
        return re.sub(r"\{(\w+)\}", lambda token: parts[token[1]], wording)
    except (LookupError, OSError, OverflowError, ValueError):
        return fallback


def _parts(moment: datetime) -> dict[str, str]:
    short = f"{moment:%b} {moment.day}, {moment.year}"
    return {
        "date_num": f"{moment:%Y-%m-%d}",
        "date_short": short,
        "date_short_pretty": _near(moment) or short,
        "time": f"{moment:%I:%M %p}".lstrip("0"),
    }


def _near(moment: datetime) -> str | None:
    today = datetime.now().astimezone().date()
    day = timedelta(days=1)
    near = {today - day: "yesterday", today: "today", today + day: "tomorrow"}
    return near.get(moment.date())

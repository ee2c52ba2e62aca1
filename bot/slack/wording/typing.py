"""Sentences about typing mistakes, with the command that the person may have meant."""

from collections.abc import Iterable, Mapping

from bot.grammar.commands import MAX_NAME, in_quotes, quoted
from bot.grammar.errors import (
    LongNameError,
    MisplacedRegionError,
    OptionError,
    TypingError,
    UnknownRegionError,
)
from bot.slack.blocks import escape
from bot.videosdk import nearest_region

MAX_LISTED = 30  # regions; a message can't hold many more


def hint(mistake: TypingError, command: str, regions: Mapping[str, str]) -> str:
    """Return the sentences for a mistake.

    Args:
        mistake: what is wrong.
        command: the command that starts a meeting, `/meet`.
        regions: the known codes, with their places.
    """
    bare_command, command = command, " ".join(filter(None, (command, mistake.invited)))
    match mistake:
        case OptionError():
            return _about_option(mistake, command, f"{bare_command} help")
        case MisplacedRegionError():
            return _about_place(mistake, command)
        case UnknownRegionError():
            return _about_region(mistake, command, regions)
        case LongNameError():
            return (
                f"That name is {mistake.length} characters long, and the limit is {MAX_NAME}. "
                "Please shorten it."
            )
    return "I see more than one meeting ID in that. Please check one at a time."


def _about_option(mistake: OptionError, command: str, help_command: str) -> str:
    return (
        f"I don't know the option {_code(mistake.option)}. If it's part of the name, put the name "
        f"in quotes: {_command(command, in_quotes(mistake.typed))}. To see what I can do, type "
        f"{_command(help_command)}."
    )


def _about_place(mistake: MisplacedRegionError, command: str) -> str:
    name = _name(mistake.name)
    return (
        f"A meeting has one region, and it goes last: {_command(command, name, mistake.region)}. "
        "If it's part of the name, put the name in quotes: "
        f"{_command(command, in_quotes(mistake.typed))}."
    )


def _about_region(mistake: UnknownRegionError, command: str, regions: Mapping[str, str]) -> str:
    said = (
        f"I don't know the region {_code(mistake.code)}. If it's part of the name, put the name in "
        f"quotes: {_command(command, in_quotes(mistake.typed))}."
    )
    if nearest := nearest_region(mistake.code.lower(), regions):
        meant = _command(command, _name(mistake.name), nearest)
        said += f" Did you mean {escape(regions[nearest])}? Then type {meant}."
    return f"{said} The regions are {listed(_code(code) for code in regions)}."


def listed(regions: Iterable[str], between: str = ", ") -> str:
    """Return the first regions joined, with the number of the rest."""
    every = list(regions)
    more = len(every) - MAX_LISTED
    tail = f" and {more} more" if more > 0 else ""
    return between.join(every[:MAX_LISTED]) + tail


def _name(name: str) -> str:
    return quoted(name) if name else ""


def _command(*words: str) -> str:
    return _code(" ".join(filter(None, words)))


def _code(text: str) -> str:
    """Return text as inline code; Slack has no way to escape a backtick in it."""
    return f"`{escape(text.replace('`', ''))}`"
